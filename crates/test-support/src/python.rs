//! Peers in the guide's own language.

use std::env;
use std::process::Command;

/// The command of `script` in the folder `tests/peers` of the crate under test.
///
/// # Panics
///
/// If cargo hasn't said which crate that is.
pub fn python_peer(script: &str, arguments: &[&str]) -> Command {
    // Not as it was when the test was compiled: the course may have been moved.
    let crate_folder = env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let mut command = Command::new("python3");
    command
        .arg(format!("{crate_folder}/tests/peers/{script}"))
        .args(arguments);
    command
}
