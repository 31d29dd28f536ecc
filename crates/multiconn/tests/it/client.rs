//! The client's own words and flags, against servers that these tests play.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use test_support::{
    ClosedPort, DEADLINE, HOSTS, Peer, Program, accept, require_descriptors,
};

/// What one connection sends: its two messages.
fn messages(number: usize) -> String {
    format!("Hello from {number}. Bye from {number}.")
}

fn client(listener: &TcpListener, arguments: &[&str]) -> Program {
    let address = listener.local_addr().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_multiconn-client"));
    command
        .args([address.ip().to_string(), address.port().to_string()])
        .args(arguments);
    Program::start(command).unwrap()
}

/// Plays a server that serves each of its clients by `serve`, and returns what the
/// client did: its status, standard output and standard error.
fn run(
    host: &str,
    n_connections: usize,
    arguments: &[&str],
    serve: fn(TcpStream),
) -> (Option<i32>, String, String) {
    // With a backlog for all of them: std's is overflown by a thousand.
    let address = SocketAddr::new(host.parse().unwrap(), 0);
    let listener = common::listen(address).unwrap();
    let count = n_connections.to_string();
    let all: Vec<&str> =
        [count.as_str()].iter().chain(arguments).copied().collect();
    let mut client = client(&listener, &all);
    thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..n_connections {
                let stream = accept(&listener).unwrap();
                thread::spawn(move || serve(stream));
            }
        });
        let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), stderr)
    })
}

fn echo(mut stream: TcpStream) {
    let mut reading = stream.try_clone().unwrap();
    let _ = std::io::copy(&mut reading, &mut stream);
}

#[track_caller]
fn check_failure(arguments: &[&str], serve: fn(TcpStream), complaint: &str) {
    for host in HOSTS {
        let (code, stdout, stderr) = run(host, 3, arguments, serve);
        assert_eq!(code, Some(1));
        assert_eq!(stdout, "");
        let last_line = stderr.lines().last().unwrap();
        assert!(last_line.starts_with("error: "), "{stderr}");
        assert!(last_line.contains(complaint), "{stderr}");
    }
}

#[test]
fn m_21_each_connection_sends_its_messages_and_counts_what_comes_back() {
    for host in HOSTS {
        let (code, stdout, stderr) = run(host, 3, &[], echo);
        assert_eq!(code, Some(0), "{stderr}");
        assert_eq!(stdout, "3 connections, 6 messages, 75 bytes echoed\n");
        for number in 1..=3 {
            for step in [
                "connecting to",
                &format!("sending \"Hello from {number}. \""),
                &format!("sending \"Bye from {number}.\""),
                "received \"Hello",
                "closed",
            ] {
                let expected = format!("connection {number}: {step}");
                assert!(stderr.contains(&expected), "{expected}: {stderr}");
            }
        }
    }
}

#[test]
fn m_21_a_thousand_connections_quietly() {
    if !require_descriptors(1_000) {
        return;
    }
    let (code, stdout, stderr) = run("127.0.0.1", 1_000, &["-q"], echo);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("1000 connections, 2000 messages, "));
    assert_eq!(stderr, "");
}

#[test]
fn m_22_an_answer_after_the_clients_deadline_has_begun_anew_is_in_time() {
    let (code, _, stderr) =
        run("127.0.0.1", 1, &["--timeout", "2"], |stream| {
            let mut peer = Peer::new(stream).unwrap();
            let mut received = vec![0; messages(1).len()];
            peer.stream.read_exact(&mut received).unwrap();
            // Longer than the timeout in all, far shorter between two pieces.
            for piece in received.chunks(1) {
                peer.expect_silence(Duration::from_millis(100)).unwrap();
                peer.send(piece).unwrap();
            }
            peer.expect_end().unwrap();
        });
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn m_23_a_reset_is_an_error() {
    let reset = |mut stream: TcpStream| {
        stream.read_exact(&mut [0; 5]).unwrap();
        Peer::new(stream).unwrap().reset().unwrap();
    };
    check_failure(&[], reset, "the connection broke: Connection reset");
}

#[test]
fn m_23_closing_early_is_an_error() {
    let answer_in_part = |mut stream: TcpStream| {
        let mut received = vec![0; messages(1).len()];
        stream.read_exact(&mut received).unwrap();
        stream.write_all(&received[..7]).unwrap();
    };
    let complaint =
        "closed the connection after 7 of 25 bytes (3 of 3 connections failed)";
    check_failure(&[], answer_in_part, complaint);
}

#[test]
fn m_23_other_bytes_are_an_error() {
    let answer_differently = |mut stream: TcpStream| {
        let mut received = vec![0; messages(1).len()];
        stream.read_exact(&mut received).unwrap();
        received[3] ^= 1;
        let _ = stream.write_all(&received);
    };
    check_failure(&[], answer_differently, "other bytes came back");
    let answer_with_more = |mut stream: TcpStream| {
        let mut received = vec![0; messages(1).len()];
        stream.read_exact(&mut received).unwrap();
        received.push(b'!');
        let _ = stream.write_all(&received);
    };
    check_failure(&[], answer_with_more, "other bytes came back");
}

#[test]
fn m_23_one_bad_connection_is_told_and_the_others_are_served() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = client(&listener, &["2"]);
    let bad = accept(&listener).unwrap();
    let good = accept(&listener).unwrap();
    drop(bad);
    thread::spawn(move || echo(good));
    let (status, _, stderr) = client.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(stderr.contains("connection 2: closed"), "{stderr}");
    assert!(stderr.contains("error: connection 1: "), "{stderr}");
}

#[test]
fn m_24_a_server_that_never_answers_is_an_error_at_the_deadline() {
    let answer_in_part = |mut stream: TcpStream| {
        let mut received = [0; 7];
        stream.read_exact(&mut received).unwrap();
        stream.write_all(&received).unwrap();
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    };
    let complaint = "nothing moved for 0.3 s, after 7 of 25 bytes came back";
    check_failure(&["--timeout", "0.3"], answer_in_part, complaint);
}

#[test]
fn e_14_nobody_listening_is_an_error() {
    for host in HOSTS {
        let closed = ClosedPort::new(host).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_multiconn-client"));
        command.args([host, &closed.address.port().to_string(), "1", "-q"]);
        let mut client = Program::start(command).unwrap();
        let (status, _, stderr) =
            client.finish(Duration::from_secs(2)).unwrap();
        assert_eq!(status.code(), Some(1));
        let expected = format!(
            "error: connection 1: cannot connect to {}: \
             Connection refused (os error 111); is the server running, and on this port?\n",
            closed.address
        );
        assert_eq!(stderr, expected);
    }
}

#[test]
fn a_name_with_two_addresses_is_tried_at_both() {
    // On most machines `localhost` is ::1 and 127.0.0.1; the server has one.
    for host in HOSTS {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let addresses =
            std::net::ToSocketAddrs::to_socket_addrs(&("localhost", 1))
                .unwrap();
        if !addresses
            .map(|address| address.ip().to_string())
            .any(|ip| ip == host)
        {
            eprintln!("skipped: localhost is not {host} here");
            continue;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_multiconn-client"));
        command.args(["localhost", &port, "1"]);
        let mut client = Program::start(command).unwrap();
        echo(accept(&listener).unwrap());
        assert!(client.status(DEADLINE).unwrap().success());
    }
}

#[test]
fn a_silent_address_leads_to_the_next() {
    // A backlog that is full: further connections are neither accepted nor refused.
    let silent = socket2::Socket::new(
        socket2::Domain::IPV4,
        socket2::Type::STREAM,
        None,
    )
    .unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    silent.bind(&any.into()).unwrap();
    silent.listen(0).unwrap();
    let silent_address = silent.local_addr().unwrap().as_socket().unwrap();
    let _first = TcpStream::connect(silent_address).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [silent_address, listener.local_addr().unwrap()];
    thread::spawn(move || echo(accept(&listener).unwrap()));
    let timeout = "0.5".parse().unwrap();
    let summary = multiconn::client::run(&addresses, 1, 10, timeout).unwrap();
    assert_eq!(summary.n_messages, 2);
}
