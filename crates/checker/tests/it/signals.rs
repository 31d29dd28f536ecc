//! Started by `nohup`, or as a shell's background job.

use std::process::Command;

use test_support::check_ignored_signals;

#[test]
fn hangup_that_was_ignored_stays_ignored_and_others_are_heeded() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_checker"));
    // It waits for a server that never listens.
    command.args(["echo", "--", "sh", "-c", "sleep 60", "{host}", "{port}"]);
    for status in check_ignored_signals(&command).unwrap() {
        assert_eq!(status.code(), Some(130));
    }
}
