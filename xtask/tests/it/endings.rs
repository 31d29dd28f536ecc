//! `run`, when something goes wrong: one clear line, the right status, and no
//! process left behind.

use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use test_support::Program;

use crate::{finish, finish_started, processes_of, root, xtask};

/// The last line on standard error, which follows what cargo says.
fn complaint(stderr: &str) -> &str {
    let lines = stderr.lines().filter(|line| line.starts_with("error: "));
    let all: Vec<&str> = lines.collect();
    assert_eq!(all.len(), 1, "{stderr}");
    all[0]
}

/// Kills the process `name` that an xtask with `arguments` has started.
fn kill_child(arguments: &[&str], name: &str) {
    let child = processes_of(arguments)
        .into_iter()
        .find(|process| process.stat().unwrap().comm == name)
        .unwrap();
    kill(Pid::from_raw(child.pid), Signal::SIGKILL).unwrap();
}

#[test]
fn a_server_that_cannot_listen_is_told() {
    let (code, stdout, stderr) = finish(&["run", "echo", "--host", "192.0.2.1"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("server | error: cannot listen on 192.0.2.1:0"));
    assert_eq!(
        complaint(&stderr),
        "error: the server ended before it was ready (exit status: 1)"
    );
}

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.7.1.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for stage in ["echo", "multiconn"] {
        let (code, stdout, stderr) =
            finish(&["run", stage, "--host", "127.7.1.1", "--port", &port]);
        assert_eq!(code, Some(1));
        assert!(stdout.contains("Address already in use"), "{stdout}");
        assert!(complaint(&stderr).contains("before it was ready"));
    }
}

#[test]
fn a_client_that_hangs_is_stopped_at_the_deadline() {
    let host = "127.7.1.2";
    let arguments = ["run", "echo", "--host", host, "--timeout", "1", "--", "-"];
    // Nothing is typed, and the input does not end.
    let (run, _input) = Program::start_with_pipe(xtask(&arguments)).unwrap();
    let (code, _, stderr) = finish_started(run, &arguments);
    assert_eq!(code, Some(1));
    assert!(complaint(&stderr).contains("the client has not ended in time"));
}

#[test]
fn interrupted_it_ends_both_programs() {
    let host = "127.7.1.3";
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let arguments = ["run", "multiconn", "--as", "blocking", "--host", host];
        let run = Program::start(xtask(&arguments)).unwrap();
        run.wait_for_stdout("connection 3: connecting").unwrap();
        run.signal(signal).unwrap();
        let (code, _, stderr) = finish_started(run, &arguments);
        assert_eq!(code, Some(130));
        assert_eq!(
            complaint(&stderr),
            "error: interrupted; every program that was started has ended"
        );
    }
}

#[test]
fn interrupted_in_the_middle_of_a_flood_it_ends_soon() {
    let host = "127.7.1.4";
    let arguments = ["run", "multiconn", "--host", host, "--", "2000"];
    let run = Program::start(xtask(&arguments)).unwrap();
    run.wait_for_stdout("connection 1000: ").unwrap();
    run.signal(Signal::SIGTERM).unwrap();
    let (code, _, _) = finish_started(run, &arguments);
    assert_eq!(code, Some(130));
}

#[test]
fn interrupted_while_it_builds_it_starts_nothing() {
    let arguments = ["run", "echo", "--host", "127.7.1.9"];
    let mut command = xtask(&arguments);
    command.env("CARGO", root().join("xtask/tests/it/slow-cargo.sh"));
    let run = Program::start(command).unwrap();
    run.wait_for_stderr("compiling for ever").unwrap();
    run.signal(Signal::SIGTERM).unwrap();
    let (code, stdout, stderr) = finish_started(run, &arguments);
    assert_eq!(code, Some(130));
    assert_eq!(stdout, "");
    assert!(complaint(&stderr).contains("interrupted"));
}

#[test]
fn the_clients_status_is_given_back() {
    let (code, stdout, _) = finish(&["run", "echo", "--host", "127.7.1.5", "--", "--nonsense"]);
    assert_eq!(code, Some(2));
    assert!(stdout.contains("client | error: unexpected argument '--nonsense'"));
}

#[test]
fn a_client_killed_by_a_signal_gives_128_and_its_number() {
    let host = "127.7.1.6";
    let arguments = ["run", "echo", "--host", host, "--", "-"];
    let (run, _input) = Program::start_with_pipe(xtask(&arguments)).unwrap();
    run.wait_for_stdout("server | accepted").unwrap();
    kill_child(&arguments, "echo-client");
    let (code, _, _) = finish_started(run, &arguments);
    assert_eq!(code, Some(128 + 9));
}

#[test]
fn a_server_that_ends_badly_makes_the_status_1() {
    let host = "127.7.1.7";
    let arguments = ["run", "echo", "--host", host, "--", "-"];
    let (run, input) = Program::start_with_pipe(xtask(&arguments)).unwrap();
    run.wait_for_stdout("server | accepted").unwrap();
    kill_child(&arguments, "echo-server");
    // With nothing sent and nothing expected, the client itself has no complaint.
    drop(input);
    let (code, stdout, _) = finish_started(run, &arguments);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(
        stdout.contains("xtask | the server failed (signal: 9"),
        "{stdout}"
    );
}

#[test]
fn a_reader_that_is_gone_changes_nothing() {
    let arguments = ["run", "multiconn", "--host", "127.7.1.8"];
    let mut command = xtask(&arguments);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    drop(stdout);
    assert!(child.wait().unwrap().success());
    assert!(processes_of(&arguments).is_empty());
}
