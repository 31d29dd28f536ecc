//! Help and wrong usage.

use std::process::Command;

use test_support::{DEADLINE, Program};

const SERVER: &str = env!("CARGO_BIN_EXE_multiconn-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_multiconn-client");

fn run(program: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(program);
    command.args(arguments);
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

#[track_caller]
fn check_wrong(program: &str, arguments: &[&str], named: &str) {
    let (code, _, stderr) = run(program, arguments);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains(named), "{stderr}");
}

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    for program in [SERVER, CLIENT] {
        for flag in ["-h", "--help"] {
            let (code, stdout, _) = run(program, &[flag]);
            assert_eq!(code, Some(0));
            assert!(stdout.contains("Example"), "{stdout}");
            for line in stdout.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    check_wrong(SERVER, &["127.0.0.1", "65536"], "65536");
    check_wrong(SERVER, &["--max-connections", "0"], "--max-connections");
    check_wrong(SERVER, &["--high-water-mark", "0"], "--high-water-mark");
    check_wrong(SERVER, &["--high-water-mark", "9999999999"], "9999999999");
    check_wrong(SERVER, &["--idle-timeout", "soon"], "expected seconds");
    check_wrong(SERVER, &["--drain-timeout=-1"], "expected seconds");
    check_wrong(CLIENT, &["127.0.0.1", "0"], "0");
    check_wrong(CLIENT, &["127.0.0.1", "1", "0"], "[CONNECTIONS]");
    check_wrong(CLIENT, &["127.0.0.1", "1", "many"], "many");
    check_wrong(CLIENT, &["--timeout", "inf"], "expected seconds");
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    for program in [SERVER, CLIENT] {
        let (code, _, stderr) = run(program, &["no such host", "1"]);
        assert_eq!(code, Some(1));
        assert!(stderr.starts_with("error: cannot resolve \"no such host\""));
        assert_eq!(stderr.lines().count(), 1);
    }
}

#[test]
fn more_connections_than_descriptors_is_told() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 20 && exec \"$@\"", "sh", CLIENT])
        .args(["127.0.0.1", "1", "100", "-q"]);
    let (status, _, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(stderr.contains("100 of 100 connections failed"), "{stderr}");
}
