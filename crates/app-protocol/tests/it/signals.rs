//! Started by `nohup`, or as a shell's background job.

use std::process::Command;

use test_support::check_ignored_signals;

#[test]
fn hangup_that_was_ignored_stays_ignored_and_others_are_heeded() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_app-server"));
    command.args(["127.0.0.1", "0"]);
    for status in check_ignored_signals(&command).unwrap() {
        assert!(status.success(), "{status}");
    }
}
