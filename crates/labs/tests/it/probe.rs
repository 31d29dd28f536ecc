//! What `prepare` asks: whether networks of one's own can be made here.

use std::process::Command;

use test_support::usage::run;
use test_support::{DEADLINE, Program};

use crate::story::LAB;

#[test]
fn where_it_works_nothing_is_said() {
    let (code, stdout, stderr) = run(LAB, &["probe-namespaces"]);
    if crate::story::require_networks() {
        assert_eq!((code, &*stdout, &*stderr), (Some(0), "", ""));
    }
}

/// What the probe says as a shell starts it after `preparation`, in a user namespace
/// of its own, from whose limits nobody else suffers.
#[track_caller]
fn complaint_after(preparation: &str) -> Option<String> {
    if !crate::story::require_networks() {
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    command.arg(format!(
        "set -e; {preparation}; exec \"$0\" probe-namespaces"
    ));
    command.arg(LAB);
    let (status, _, stderr) =
        Program::start(command).unwrap().finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    Some(stderr)
}

#[test]
fn the_step_that_fails_is_named_with_what_is_in_its_way() {
    for (limit, what) in [("net", "network"), ("user", "user")] {
        let forbid = format!("echo 0 >/proc/sys/user/max_{limit}_namespaces");
        if let Some(complaint) = complaint_after(&forbid) {
            let expected = format!(
                "error: cannot make a {what} namespace (user.max_{limit}_namespaces is 0; "
            );
            assert!(complaint.starts_with(&expected), "{complaint}");
        }
    }
}

#[test]
fn where_no_setting_is_in_the_way_something_around_it_may_be() {
    let chroot =
        "mount --rbind / /mnt; exec chroot /mnt \"$0\" probe-namespaces";
    if let Some(complaint) = complaint_after(chroot) {
        let expected = "error: cannot make a user namespace (a container or";
        assert!(complaint.starts_with(expected), "{complaint}");
    }
}

#[test]
fn without_the_tool_for_it_its_package_is_named() {
    // The last word: the `PATH` of the program that the shell becomes.
    if let Some(complaint) = complaint_after("PATH=/nowhere") {
        let expected = "cannot start `ip`; install iproute2 to have it";
        assert!(complaint.contains(expected), "{complaint}");
    }
}
