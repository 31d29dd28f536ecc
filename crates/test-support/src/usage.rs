//! What every program owes to whoever starts it: help, and a word on wrong usage.

use std::process::Command;

use crate::{DEADLINE, Program};

/// Runs `program` with `arguments` to its end; returns its exit status, standard
/// output and standard error.
///
/// # Panics
///
/// If it doesn't start, doesn't end, or writes what is not text.
pub fn run(program: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(program);
    command.args(arguments);
    let mut program = Program::start(command).expect("it starts");
    let (status, stdout, stderr) = program.finish(DEADLINE).expect("it ends");
    let stdout = String::from_utf8(stdout).expect("it writes text");
    (status.code(), stdout, stderr)
}

/// Checks that `arguments` are answered on standard output, in lines that fit a
/// terminal of 80 columns; with an example, if they ask for help.
///
/// # Panics
///
/// If they are not.
#[track_caller]
pub fn check_screen(program: &str, arguments: &[&str]) {
    let (code, stdout, stderr) = run(program, arguments);
    assert_eq!(code, Some(0), "{stderr}");
    for line in stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    if arguments.contains(&"--help") {
        assert!(stdout.contains("Example"), "{stdout}");
    }
}

/// Checks that `arguments` are refused with status 2, and that the complaint names
/// what is wrong.
///
/// # Panics
///
/// If they are not.
#[track_caller]
pub fn check_wrong(program: &str, arguments: &[&str], named: &str) {
    let (code, _, stderr) = run(program, arguments);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains(named), "{stderr}");
}

/// Checks that a host which is no name and no address is told on one line.
///
/// # Panics
///
/// If it is not.
#[track_caller]
pub fn check_unresolvable(program: &str) {
    let (code, _, stderr) = run(program, &["no such host", "1"]);
    assert_eq!(code, Some(1));
    let expected = "error: cannot resolve \"no such host\": ";
    assert!(stderr.starts_with(expected), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
