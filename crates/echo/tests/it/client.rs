//! The client's own words and flags, against servers that these tests play.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use test_support::{ClosedPort, DEADLINE, HOSTS, Peer, Program, accept};

/// Runs the client against a server that does `serve` with its one connection.
/// Returns the client's success, standard output and standard error.
fn run(
    host: &str,
    arguments: &[&str],
    input: &[u8],
    serve: impl FnOnce(TcpStream) + Send,
) -> (bool, Vec<u8>, String) {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_echo-client"));
    command.args([host, &port]).args(arguments);
    thread::scope(|scope| {
        scope.spawn(move || serve(accept(&listener).unwrap()));
        let mut client =
            Program::start_with_input(command, input.to_vec()).unwrap();
        let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
        (status.success(), stdout, stderr)
    })
}

fn echo(mut stream: TcpStream) {
    let mut reading = stream.try_clone().unwrap();
    std::io::copy(&mut reading, &mut stream).unwrap();
}

#[track_caller]
fn check_failure(
    arguments: &[&str],
    serve: impl FnOnce(TcpStream) + Send,
    complaint: &str,
) {
    let (is_success, stdout, stderr) = run("127.0.0.1", arguments, b"", serve);
    assert!(!is_success);
    assert_eq!(stdout, b"");
    assert!(stderr.contains(complaint), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

fn read_message(stream: &mut TcpStream) {
    stream.read_exact(&mut [0; "Hello, world".len()]).unwrap();
}

#[test]
fn e_11_it_prints_what_came_back() {
    for host in HOSTS {
        let (is_success, stdout, stderr) = run(host, &[], b"", echo);
        assert!(is_success, "{stderr}");
        assert_eq!(stdout, b"received \"Hello, world\"\n");

        let (_, stdout, _) = run(host, &["--message", "Ça va? 🐶"], b"", echo);
        assert_eq!(stdout, "received \"Ça va? 🐶\"\n".as_bytes());
    }
}

#[test]
fn e_11_an_empty_message_is_one_too() {
    let (is_success, stdout, _) =
        run("127.0.0.1", &["--message", ""], b"", echo);
    assert!(is_success);
    assert_eq!(stdout, b"received \"\"\n");
}

#[test]
fn e_13_a_server_that_closes_early_is_an_error() {
    let answer_nothing = |mut stream: TcpStream| read_message(&mut stream);
    let complaint = "the server closed when 0 of 12 bytes were back";
    check_failure(&[], answer_nothing, complaint);
    let answer_in_part = |mut stream: TcpStream| {
        read_message(&mut stream);
        stream.write_all(b"Hello").unwrap();
    };
    let complaint = "the server closed when 5 of 12 bytes were back";
    check_failure(&[], answer_in_part, complaint);
}

#[test]
fn e_13_a_reset_is_an_error() {
    let reset = |mut stream| {
        read_message(&mut stream);
        Peer::new(stream).unwrap().reset().unwrap();
    };
    check_failure(&[], reset, "the connection broke: Connection reset");
}

#[test]
fn e_13_other_bytes_are_an_error() {
    for answer in ["Hello, World", "Hello, world!"] {
        let answer_differently = |mut stream: TcpStream| {
            read_message(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            let _ = stream.read(&mut [0]);
        };
        check_failure(&[], answer_differently, "other bytes came back");
    }
}

#[test]
fn e_13_a_server_that_never_answers_is_an_error_at_the_deadline() {
    let answer_in_part = |mut stream: TcpStream| {
        read_message(&mut stream);
        stream.write_all(b"Hell").unwrap();
        let _ = stream.read(&mut [0]);
    };
    let complaint = "only 4 of 12 bytes came back in time";
    check_failure(&["--timeout", "0.2"], answer_in_part, complaint);
}

#[test]
fn e_14_nobody_listening_is_an_error() {
    for host in HOSTS {
        let closed = ClosedPort::new(host).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_echo-client"));
        command.args([host, &closed.address.port().to_string()]);
        let mut client = Program::start(command).unwrap();
        let (status, _, stderr) =
            client.finish(Duration::from_secs(2)).unwrap();
        assert_eq!(status.code(), Some(1));
        let expected = format!(
            "error: cannot connect to {}: Connection refused (os error 111); \
             is the server running, and on this port?\n",
            closed.address
        );
        assert_eq!(stderr, expected);
    }
}

#[test]
fn a_message_of_minus_is_standard_input() {
    let (is_success, stdout, _) =
        run("127.0.0.1", &["--message", "-"], b"\0\xff", echo);
    assert!(is_success);
    assert_eq!(stdout, b"\0\xff");
}

#[test]
fn standard_input_is_read_after_the_connection_is_made() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_echo-client"));
    command.args(["127.0.0.1", &port, "-", "-v"]);
    let (mut client, mut input) = Program::start_with_pipe(command).unwrap();
    let stream = accept(&listener).unwrap();
    client.wait_for_stderr("connected to ").unwrap();
    input.write_all(b"typed later").unwrap();
    drop(input);
    thread::spawn(move || echo(stream));
    let (status, stdout, _) = client.finish(DEADLINE).unwrap();
    assert!(status.success());
    assert_eq!(stdout, b"typed later");
}

#[test]
fn standard_input_comes_back_as_it_is_typed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_echo-client"));
    command.args(["127.0.0.1", &port, "-"]);
    let (mut client, mut input) = Program::start_with_pipe(command).unwrap();
    let stream = accept(&listener).unwrap();
    thread::spawn(move || echo(stream));
    for line in ["one\n", "two\n"] {
        input.write_all(line.as_bytes()).unwrap();
        client.wait_for_stdout(line).unwrap();
    }
    drop(input);
    assert!(client.status(DEADLINE).unwrap().success());
}

#[test]
fn a_server_that_is_gone_ends_the_client_though_its_input_goes_on() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_echo-client"));
    command.args(["127.0.0.1", &port, "-"]);
    let (mut client, mut input) = Program::start_with_pipe(command).unwrap();
    let mut stream = accept(&listener).unwrap();
    input.write_all(b"anybody there?").unwrap();
    stream.read_exact(&mut [0; 5]).unwrap();
    drop(stream);
    let (status, _, stderr) = client.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(
        stderr.starts_with("error: no echo from 127.0.0.1:"),
        "{stderr}"
    );
}
