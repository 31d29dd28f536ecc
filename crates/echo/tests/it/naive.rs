//! The naive pair: it breaks what its headers say, and holds the rest.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use checker::{Miss, Side, Stage, Subject, Trial};
use test_support::{ClosedPort, DEADLINE, Program, accept};

#[test]
fn the_server_breaks_e_09_and_no_other_row() {
    const SERVER: &str = env!("CARGO_BIN_EXE_naive_server");
    let server = Subject::command(&[SERVER, "{host}", "{port}"]);
    let trial = Trial::new(Stage::Echo, Side::Server, server);
    for (row, result) in trial.check_all() {
        let is_as_claimed = match row.id {
            "E-09" => matches!(result, Err(Miss::Fails(_))),
            _ => result.is_ok(),
        };
        assert!(is_as_claimed, "{}: {result:?}", row.id);
    }
}

/// Runs the client with `message`, against a server that does `serve` with its one
/// connection. Returns its status, standard output and standard error.
fn run(
    message: &[u8],
    serve: impl FnOnce(TcpStream) + Send,
) -> (Option<i32>, String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::scope(|scope| {
        scope.spawn(move || serve(accept(&listener).unwrap()));
        finish(port, message)
    })
}

fn finish(port: u16, message: &[u8]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naive_client"));
    command.args(["127.0.0.1", &port.to_string()]);
    let mut client =
        Program::start_with_input(command, message.to_vec()).unwrap();
    let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

fn echo(mut stream: TcpStream) {
    let mut reading = stream.try_clone().unwrap();
    // The client leaves before all is back.
    let _ = std::io::copy(&mut reading, &mut stream);
}

#[test]
fn the_client_holds_e_11() {
    let (status, stdout, _) = run(b"Hello, world", echo);
    assert_eq!(status, Some(0));
    assert_eq!(stdout, "sent 12 bytes, received 12: Hello, world\n");
}

#[test]
fn the_client_breaks_e_12() {
    let (status, stdout, _) = run(b"Hello, world", |mut stream| {
        stream.read_exact(&mut [0; 12]).unwrap();
        stream.write_all(b"Hello").unwrap();
        // The rest comes when the client has already made up its mind.
        let _ = stream.read(&mut [0]);
        let _ = stream.write_all(b", world");
    });
    assert_eq!(status, Some(0));
    assert_eq!(stdout, "sent 12 bytes, received 5: Hello\n");
}

#[test]
fn the_client_breaks_e_13() {
    let (status, stdout, _) = run(b"Hello, world", |mut stream| {
        stream.read_exact(&mut [0; 12]).unwrap();
    });
    assert_eq!(status, Some(0), "it takes an end for an answer");
    assert_eq!(stdout, "sent 12 bytes, received 0: \n");
}

#[test]
fn the_client_breaks_e_14() {
    let closed = ClosedPort::new("127.0.0.1").unwrap();
    let (status, _, stderr) = finish(closed.address.port(), b"Hello");
    assert_eq!(status, Some(1));
    assert!(!stderr.contains("127.0.0.1"), "{stderr}");
}

#[test]
fn the_client_breaks_e_15() {
    // Small enough not to be stuck for ever, and still too much for one read.
    let (_, stdout, _) = run(&[b'x'; 100_000], echo);
    assert!(!stdout.contains("received 100000"), "{stdout}");
}
