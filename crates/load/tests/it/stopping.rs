//! Ctrl-C and SIGTERM: what was measured so far is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use test_support::{DEADLINE, Program, accept};

use crate::command::command;

#[test]
fn no_messages_are_idle_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut program = start(port, "--connections 100 --messages 0");
    program.wait_for_stderr("connections open: 100").unwrap();
    let accepted: Vec<TcpStream> = (0..100).map(|_| accept(&listener).unwrap()).collect();
    program.signal(Signal::SIGINT).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    let report = String::from_utf8(stdout).unwrap();
    assert!(report.starts_with("connections  100\nmessages     0 in "));
    assert!(report.contains("not measured: nothing was answered"));
    for mut stream in accepted {
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
}

/// Stops a load of which ten messages and more have been answered; returns its report.
#[track_caller]
fn stopped(arguments: &str, signal: Signal) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tenth, is_tenth) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut stream = accept(&listener).unwrap();
            let mut message = [0; 512];
            for n in 1.. {
                if stream.read_exact(&mut message).is_err() {
                    break;
                }
                stream.write_all(&message).unwrap();
                if n == 10 {
                    tenth.send(()).unwrap();
                }
            }
        });
        let mut program = start(port, arguments);
        is_tenth.recv_timeout(DEADLINE).unwrap();
        program.signal(signal).unwrap();
        let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
        assert!(status.success(), "{stderr}");
        String::from_utf8(stdout).unwrap()
    })
}

#[test]
fn what_was_measured_so_far_is_told() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        for pace in ["", "--push", "--rate 5000", "--depth 8"] {
            let text = stopped(&format!("--duration 600 {pace}"), signal);
            assert!(text.ends_with("errors       none\n"), "{text}");
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
        let report: Value = serde_json::from_str(&stopped("--duration 0 --json", signal)).unwrap();
        assert!(report["messages"].as_u64().unwrap() >= 10, "{report}");
        assert_eq!(report["errors"], json!({}));
    }
}

#[test]
fn during_the_warm_up_there_is_nothing_to_tell_yet() {
    let text = stopped("--warm-up 600", Signal::SIGINT);
    assert!(text.contains("messages     0 in "), "{text}");
}

/// Starts a load whose first message is read, and isn't answered.
fn with_unanswered(arguments: &str, work: impl FnOnce(TcpStream, &mut Program)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut program = start(port, arguments);
    let mut stream = accept(&listener).unwrap();
    stream.read_exact(&mut [0; 512]).unwrap();
    work(stream, &mut program);
}

#[test]
fn the_second_request_ends_the_waiting() {
    with_unanswered("--timeout 0 --json", |_stream, program| {
        // Two different signals: two of a kind may come as one.
        program.signal(Signal::SIGINT).unwrap();
        program.signal(Signal::SIGTERM).unwrap();
        let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
        assert_eq!(status.code(), Some(1));
        let told = "messages under way when it was stopped: 1";
        assert!(stderr.contains(told), "{stderr}");
        let report: Value = serde_json::from_slice(&stdout).unwrap();
        assert_eq!(report["errors"], json!({ "given up": 1 }));
    });
}

#[test]
fn connecting_is_ended_as_well() {
    // Nobody accepts, and the backlog is full: the next connection is not established.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let address: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&address.into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let _waiting = TcpStream::connect(address).unwrap();
    let mut program = start(address.port(), "--timeout 0 --connections 3");
    // It heeds signals before it connects, which the system shows: its state is SYN-SENT.
    let connecting = format!("0100007F:{:04X} 02 ", address.port());
    let deadline = std::time::Instant::now() + DEADLINE;
    while !std::fs::read_to_string("/proc/net/tcp")
        .unwrap()
        .contains(&connecting)
    {
        assert!(std::time::Instant::now() < deadline, "it does not connect");
        thread::yield_now();
    }
    program.signal(Signal::SIGINT).unwrap();
    program.signal(Signal::SIGTERM).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    assert!(stdout.starts_with(b"connections  0\n"));
}

fn start(port: u16, arguments: &str) -> Program {
    Program::start(command("echo", port, &format!("{arguments} -v"))).unwrap()
}
