//! Peers in the guide's own language.

use std::env;
use std::process::Command;

/// The command of `script` in the folder `tests/peers` of the crate `package`.
///
/// # Panics
///
/// If cargo hasn't said which crate is under test.
pub fn python_peer(package: &str, script: &str, arguments: &[&str]) -> Command {
    // Not as it was when the test was compiled: the course may have been moved.
    let here = env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let mut command = Command::new("python3");
    command
        .arg(format!("{here}/../{package}/tests/peers/{script}"))
        .args(arguments);
    command
}
