//! Help and wrong usage.

use std::process::Command;

use test_support::usage::{check_screen, check_unresolvable, check_wrong};
use test_support::{DEADLINE, Program, Target};

const SERVER: &str = env!("CARGO_BIN_EXE_multiconn-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_multiconn-client");

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    for program in [SERVER, CLIENT] {
        check_screen(program, &["-h"]);
        check_screen(program, &["--help"]);
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
    check_unresolvable(SERVER);
    check_unresolvable(CLIENT);
}

#[test]
fn with_too_few_descriptors_connections_take_turns() {
    let target = Target::new(SERVER, &[]);
    let server = target.start("127.0.0.1").unwrap();
    let port = server.address.port().to_string();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 20 && exec \"$@\"", "sh", CLIENT])
        .args(["127.0.0.1", &port, "100"]);
    let (status, stdout, stderr) =
        Program::start(command).unwrap().finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    assert!(stdout.starts_with(b"100 connections, 200 messages, "));
    assert!(stderr.starts_with(
        "warning: too few descriptors: 10 connections at a time\n"
    ));
}
