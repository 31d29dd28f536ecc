//! The connections of a loop, on real sockets: how each of them is heard of.

use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use multiconn::connections::Connections;
use multiconn::{Echo, Limits};
use test_support::DEADLINE;

/// Only debug builds look whether another poll has a stream already.
#[cfg(debug_assertions)]
#[test]
fn one_that_cannot_be_registered_is_told_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        // A stream that another poll has is refused by this one: mio says so, in debug
        // builds, where the system would hear events twice.
        let other = Poll::new().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let registry = other.registry();
        registry
            .register(&mut stream, Token(0), Interest::READABLE)
            .unwrap();

        let mut poll = Poll::new().unwrap();
        let registry = poll.registry().try_clone().unwrap();
        let mut connections = Connections::new(registry, Limits::default());
        connections.insert_connecting(stream, address, Echo::new(address));
        assert!(!connections.is_empty(), "nobody was told yet");
        let mut events = Events::with_capacity(8);
        connections.wait(&mut poll, &mut events, None).unwrap();
        ended.send(connections.take_ended().len()).unwrap();
    });
    let n_ended = end.recv_timeout(DEADLINE).expect("it sleeps");
    assert_eq!(n_ended, 1);
}
