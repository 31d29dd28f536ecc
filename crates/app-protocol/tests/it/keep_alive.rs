//! More than one request a connection, beyond row A-10.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app_protocol::session::AppSession;
use multiconn::Session;
use nix::sys::signal::Signal;
use test_support::require_descriptors;

use crate::wire::{
    KEEP_ALIVE, keep_alive_search, message, read, search, server, target,
};

#[test]
fn requests_behind_one_without_the_field_are_not_answered() {
    let server = server();
    let mut peer = server.connect().unwrap();
    let requests = [
        keep_alive_search("ring"),
        search("ring"),
        keep_alive_search("ring"),
    ];
    peer.send(&requests.concat()).unwrap();
    assert!(read(&mut peer).is_kept_alive());
    assert!(!read(&mut peer).is_kept_alive());
    peer.expect_end().unwrap();
}

#[test]
fn the_last_response_before_the_limit_lacks_the_field() {
    let server = target(&["--keep-alive-max", "3"])
        .start("127.0.0.1")
        .unwrap();
    let mut peer = server.connect().unwrap();
    peer.send(&keep_alive_search("ring").repeat(5)).unwrap();
    let kept = [(); 3].map(|()| read(&mut peer).is_kept_alive());
    assert_eq!(kept, [true, true, false]);
    peer.expect_end().unwrap();
}

#[test]
fn told_to_stop_it_answers_what_has_arrived() {
    let mut server = server();
    let mut peer = server.connect().unwrap();
    peer.send(&keep_alive_search("ring")).unwrap();
    assert!(read(&mut peer).is_kept_alive());
    // The server sleeps while these arrive, and the signal with them.
    server.signal(Signal::SIGSTOP).unwrap();
    let half = search("half a message");
    peer.send(&keep_alive_search("ring").repeat(3)).unwrap();
    peer.send(&half[..half.len() / 2]).unwrap();
    server.signal(Signal::SIGTERM).unwrap();
    server.signal(Signal::SIGCONT).unwrap();
    for _ in 0..3 {
        assert!(read(&mut peer).error().is_none());
    }
    peer.expect_end().unwrap();
    drop(peer);
    assert!(server.status(Duration::from_secs(5)).unwrap().success());
}

#[test]
fn answers_after_the_wish_to_stop_lack_the_field() {
    let address = "127.0.0.1:1".parse().unwrap();
    let mut session = AppSession::new(Arc::default(), address);
    let now = Instant::now();
    let request = keep_alive_search("ring");
    let answer = |session: &mut AppSession| {
        let mut output = Vec::new();
        assert_eq!(session.receive(&request, &mut output, now), request.len());
        String::from_utf8_lossy(&output).contains("keep-alive")
    };
    assert!(answer(&mut session));
    session.stop();
    assert!(!answer(&mut session));
    assert!(!answer(&mut session), "what has arrived is still answered");
    assert!(!session.is_finished());
}

#[test]
fn a_thousand_idle_connections_take_little_memory() {
    if !require_descriptors(1_000) {
        return;
    }
    let server = server();
    let memory_before = server.memory().unwrap();
    let content = vec![b'x'; 100_000];
    let request = message("binary/x", "binary", KEEP_ALIVE, &content);
    let mut peers: Vec<_> =
        (0..1000).map(|_| server.connect().unwrap()).collect();
    for peer in &mut peers {
        peer.send(&request).unwrap();
        assert!(read(peer).is_kept_alive());
    }
    let growth = server.memory().unwrap().saturating_sub(memory_before);
    eprintln!("{} bytes for each of 1000 idle connections", growth / 1000);
    assert!(growth < 20 << 20, "the server grew by {growth} bytes");
}
