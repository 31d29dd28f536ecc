//! What unfinished requests may make the server hold, and for how long: rows A-12 and
//! A-15, in small.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app_protocol::session::{AppSession, Service};
use multiconn::Session;
use test_support::{DEADLINE, Peer, Program, Server};

use crate::wire::{ask, message, read, search, target};

const SIZE: usize = 900_000;

/// A server with room for one unfinished request of `SIZE`, and not for two.
fn narrow(arguments: &[&str]) -> Server {
    let room = ["--max-memory", "1000000", "--max-content", "1000000"];
    let server = target(&[&room, arguments].concat());
    server.start("127.0.0.1").unwrap()
}

fn request() -> Vec<u8> {
    message("binary/x", "binary", "", &[b'x'; SIZE])
}

/// A client that has sent its request, but for the last byte.
fn unfinished(server: &Server) -> Peer {
    let mut peer = server.connect().unwrap();
    let request = request();
    peer.send(&request[..request.len() - 1]).unwrap();
    peer
}

/// A client whose request doesn't get in: it has a header, and a content to come.
fn waiting(server: &Server) -> Peer {
    let mut peer = server.connect().unwrap();
    let request = request();
    peer.send(&request[..request.len() - SIZE]).unwrap();
    peer
}

#[test]
fn who_does_not_fit_waits_for_his_turn_and_harms_nobody() {
    let server =
        narrow(&["--header-timeout", "1", "--min-rate", "1000000", "-v"]);
    let mut first = unfinished(&server);
    let mut second = waiting(&server);
    let mut third = waiting(&server);
    assert_eq!(
        ask(&server, &search("ring")).result(),
        "In the caves beneath the Misty Mountains. 💍"
    );
    // The first was let in and is silent, so it goes; the others are not to blame for
    // their wait, however long it was.
    server
        .wait_for_stderr("too slow, truncated in the content, 1 bytes missing")
        .unwrap();
    assert!(first.expect_end().is_ok());
    drop(first);
    for peer in [&mut second, &mut third] {
        peer.send(&[b'x'; SIZE]).unwrap();
        let answer = read(peer).content;
        assert_eq!(answer, b"First 10 bytes of request: xxxxxxxxxx");
        peer.expect_end().unwrap();
    }
}

#[test]
fn room_becomes_free_when_its_holder_leaves() {
    let server = narrow(&[]);
    for leave in [drop, |peer: Peer| peer.reset().unwrap()] {
        let first = unfinished(&server);
        let mut second = waiting(&server);
        leave(first);
        second.send(&[b'x'; SIZE]).unwrap();
        read(&mut second);
    }
}

#[test]
fn a_content_that_would_never_fit_is_a_wrong_command_line() {
    let limits = ["--max-memory", "1000", "--max-content", "1001"];
    let command = target(&limits).command("127.0.0.1", "0");
    let mut server = Program::start(command).unwrap();
    let (status, _, error) = server.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(
        error.contains("would never fit into --max-memory 1000"),
        "{error}"
    );
}

/// A session that has got `wire`, and the time that it then gives its client.
fn time_after(service: Service, wire: &[u8]) -> Option<Duration> {
    let start = Instant::now();
    let address = "127.0.0.1:1".parse().unwrap();
    let mut session = AppSession::new(Arc::new(service), address);
    let mut rest = wire;
    let mut now = start;
    // Bytes that come later bring no more time.
    while !rest.is_empty() {
        let n_offered = rest.len().min(10);
        let n_taken = session.receive(&rest[..n_offered], &mut Vec::new(), now);
        rest = &rest[n_taken..];
        now += Duration::from_millis(1);
    }
    session.deadline().map(|deadline| deadline - start)
}

#[test]
fn a_message_has_time_for_its_header_and_then_for_its_length() {
    let service = |seconds, min_rate| Service {
        header_timeout: Some(seconds)
            .filter(|&n| n > 0)
            .map(Duration::from_secs),
        min_rate,
        ..Service::default()
    };
    let whole = message("binary/x", "binary", "", &[b'x'; 4000]);
    let part = &whole[..whole.len() - 1];
    let seconds = |n| Some(Duration::from_secs(n));
    assert_eq!(time_after(service(10, 1000), &part[..1]), seconds(10));
    assert_eq!(time_after(service(10, 1000), &part[..50]), seconds(10));
    assert_eq!(time_after(service(10, 1000), part), seconds(14));
    assert_eq!(time_after(service(10, 0), part), None);
    assert_eq!(time_after(service(0, 1000), part), None);
    assert_eq!(time_after(service(10, 1000), &whole), None);
}
