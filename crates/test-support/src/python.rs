//! Peers in the guide's own language.

use std::process::Command;

/// The command of `script` in the folder `tests/peers` of the crate whose manifest is
/// in `crate_folder`.
pub fn python_peer(crate_folder: &str, script: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(format!("{crate_folder}/tests/peers/{script}"))
        .args(arguments);
    command
}
