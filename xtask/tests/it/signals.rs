//! Started by `nohup`, or as a shell's background job.

use test_support::check_ignored_signals;

use crate::{processes_of, xtask};

#[test]
fn hangup_that_was_ignored_stays_ignored_and_others_are_heeded() {
    let host = "127.7.2.1";
    // For two seconds, the client waits for a client that says nothing.
    let arguments = ["run", "multiconn", "--as", "blocking", "--host", host];
    for status in check_ignored_signals(&xtask(&arguments)).unwrap() {
        assert_eq!(status.code(), Some(130));
    }
    let left = processes_of(&arguments);
    assert!(left.is_empty(), "left behind: {left:?}");
}
