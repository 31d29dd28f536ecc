//! `prepare`: what it says of this machine.

use std::process::Command;

use test_support::{DEADLINE, Program};

use crate::{finish, root};

/// What is said under `namespaces`: the verdict, and the finding.
fn namespaces(stdout: &str) -> (String, String) {
    let mut lines = stdout.lines();
    let line = lines.find(|line| line.trim_start().starts_with("namespaces"));
    let verdict = line.unwrap().split_whitespace().nth(1).unwrap();
    (verdict.to_owned(), lines.next().unwrap().trim().to_owned())
}

#[test]
fn the_machine_is_told_without_building_anything() {
    let (code, stdout, stderr) = finish(&["prepare", "--check"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stderr, "");
    for name in ["IPv6", "descriptors", "python3", "ptrace", "namespaces"] {
        assert!(stdout.contains(&format!("\n  {name} ")), "{stdout}");
    }
}

/// Runs `prepare --check` as a shell starts it after `preparation`, in a user
/// namespace of its own.
#[track_caller]
fn in_namespace(preparation: &str) -> Option<String> {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    command.arg(format!(
        "set -e; {preparation}; exec \"$0\" prepare --check"
    ));
    command.arg(env!("CARGO_BIN_EXE_xtask")).current_dir(root());
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    if stderr.contains("unshare") {
        // The very thing that is to be told is the case here.
        eprintln!("skipped: no user namespaces");
        return None;
    }
    assert!(status.success(), "{stderr}");
    Some(String::from_utf8(stdout).unwrap())
}

#[test]
fn the_step_that_fails_is_named_with_what_is_in_its_way() {
    // A limit of this namespace, which nobody else notices.
    let forbid = "echo 0 >/proc/sys/user/max_net_namespaces";
    let Some(stdout) = in_namespace(forbid) else {
        return;
    };
    let (verdict, finding) = namespaces(&stdout);
    assert_eq!(verdict, "no");
    let expected = "cannot make a network namespace (user.max_net_namespaces is 0; ";
    assert!(finding.starts_with(expected), "{finding}");
}
