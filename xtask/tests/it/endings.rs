//! `run`, when something goes wrong: one clear line, the right status, and no
//! process left behind.

use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use test_support::{DEADLINE, Program};

use crate::{check_nothing_is_left, finish, processes_with, xtask};

/// The last line on standard error, which follows what cargo says.
fn complaint(stderr: &str) -> &str {
    let lines = stderr.lines().filter(|line| line.starts_with("error: "));
    let all: Vec<&str> = lines.collect();
    assert_eq!(all.len(), 1, "{stderr}");
    all[0]
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
    check_nothing_is_left("127.7.1.1");
}

#[test]
fn a_client_that_hangs_is_stopped_at_the_deadline() {
    let host = "127.7.1.2";
    let arguments = ["run", "echo", "--host", host, "--timeout", "1", "--", "-"];
    // Nothing is typed, and the input does not end.
    let (mut run, _input) = Program::start_with_pipe(xtask(&arguments)).unwrap();
    let (status, _, stderr) = run.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(complaint(&stderr).contains("the client had not ended after 1 s"));
    check_nothing_is_left(host);
}

#[test]
fn interrupted_it_ends_both_programs() {
    let host = "127.7.1.3";
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let arguments = ["run", "multiconn", "--as", "blocking", "--host", host];
        let mut run = Program::start(xtask(&arguments)).unwrap();
        run.wait_for_stdout("connection 3: connecting").unwrap();
        run.signal(signal).unwrap();
        let (status, _, stderr) = run.finish(DEADLINE).unwrap();
        assert_eq!(status.code(), Some(130));
        assert_eq!(
            complaint(&stderr),
            "error: interrupted; the server and the client have ended"
        );
        check_nothing_is_left(host);
    }
}

#[test]
fn interrupted_in_the_middle_of_a_flood_it_ends_soon() {
    let host = "127.7.1.4";
    let arguments = ["run", "multiconn", "--host", host, "--", "2000"];
    let mut run = Program::start(xtask(&arguments)).unwrap();
    run.wait_for_stdout("connection 1000: ").unwrap();
    run.signal(Signal::SIGTERM).unwrap();
    let status = run.status(Duration::from_secs(4)).unwrap();
    assert_eq!(status.code(), Some(130));
    check_nothing_is_left(host);
}

#[test]
fn the_clients_status_is_given_back() {
    let (code, stdout, _) = finish(&["run", "echo", "--host", "127.7.1.5", "--", "--nonsense"]);
    assert_eq!(code, Some(2));
    assert!(stdout.contains("client | error: unexpected argument '--nonsense'"));
    check_nothing_is_left("127.7.1.5");
}

#[test]
fn a_client_killed_by_a_signal_gives_128_and_its_number() {
    let host = "127.7.1.6";
    let arguments = ["run", "echo", "--host", host, "--", "-"];
    let (mut run, _input) = Program::start_with_pipe(xtask(&arguments)).unwrap();
    run.wait_for_stdout("server | accepted").unwrap();
    let client = processes_with(host)
        .into_iter()
        .find(|process| process.stat().unwrap().comm == "echo-client")
        .unwrap();
    kill(Pid::from_raw(client.pid), Signal::SIGKILL).unwrap();
    assert_eq!(run.status(DEADLINE).unwrap().code(), Some(128 + 9));
    check_nothing_is_left(host);
}

#[test]
fn a_server_that_ends_badly_makes_the_status_1() {
    let host = "127.7.1.7";
    let arguments = ["run", "echo", "--host", host, "--", "-"];
    let (mut run, input) = Program::start_with_pipe(xtask(&arguments)).unwrap();
    run.wait_for_stdout("server | accepted").unwrap();
    let server = processes_with(host)
        .into_iter()
        .find(|process| process.stat().unwrap().comm == "echo-server")
        .unwrap();
    kill(Pid::from_raw(server.pid), Signal::SIGKILL).unwrap();
    // With nothing sent and nothing expected, the client itself has no complaint.
    drop(input);
    let (status, stdout, _) = run.finish(DEADLINE).unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(1), "{stdout}");
    assert!(
        stdout.contains("xtask | the server failed (signal: 9"),
        "{stdout}"
    );
    check_nothing_is_left(host);
}

#[test]
fn a_reader_that_is_gone_changes_nothing() {
    let host = "127.7.1.8";
    let mut command = xtask(&["run", "multiconn", "--host", host]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    drop(stdout);
    assert!(child.wait().unwrap().success());
    check_nothing_is_left(host);
}
