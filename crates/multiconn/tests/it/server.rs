//! The server, beyond its rows: its flags, and what it tells.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use socket2::SockRef;
use test_support::{DEADLINE, Peer, Target, require_descriptors};

fn target(arguments: &[&str]) -> Target {
    Target::new(env!("CARGO_BIN_EXE_multiconn-server"), arguments)
}

#[test]
fn m_03_ten_thousand_connections_at_once() {
    const N: usize = 10_000;
    if !require_descriptors(N as u64) {
        return;
    }
    let server = target(&[]).start("127.0.0.1").unwrap();
    let mut peers: Vec<Peer> =
        (0..N).map(|_| server.connect().unwrap()).collect();
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.send(&number.to_be_bytes()).unwrap();
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.expect(&number.to_be_bytes()).unwrap();
    }
}

#[test]
fn at_its_limit_of_connections_newcomers_wait() {
    let server = target(&["--max-connections", "2"])
        .start("127.0.0.1")
        .unwrap();
    let mut first = server.connect().unwrap();
    first.round_trip(b"first").unwrap();
    let mut second = server.connect().unwrap();
    second.round_trip(b"second").unwrap();
    let mut third = server.connect().unwrap();
    third.send(b"third").unwrap();
    third.expect_silence(Duration::from_millis(300)).unwrap();
    drop(first);
    third.expect(b"third").unwrap();
    second.round_trip(b"still here").unwrap();
}

#[test]
fn an_idle_connection_is_dropped_and_a_busy_one_is_not() {
    let server = target(&["--idle-timeout", "1", "-v"])
        .start("127.0.0.1")
        .unwrap();
    let mut idle = server.connect().unwrap();
    idle.round_trip(b"once").unwrap();
    let since = Instant::now();
    let mut busy = server.connect().unwrap();
    while since.elapsed() < Duration::from_secs(2) {
        busy.round_trip(b"again").unwrap();
        busy.expect_silence(Duration::from_millis(50)).unwrap();
    }
    server.wait_for_stderr("nothing moved for 1 s").unwrap();
    assert!(idle.round_trip(b"too late").is_err());
    busy.round_trip(b"still here").unwrap();
}

#[test]
fn a_client_that_never_reads_is_idle_too() {
    let server = target(&["--idle-timeout", "0.5", "-v"])
        .start("127.0.0.1")
        .unwrap();
    let mut greedy = server.connect().unwrap();
    let offered = greedy.offer(usize::MAX, DEADLINE);
    assert!(offered.is_err(), "it was never dropped");
    server.wait_for_stderr("nothing moved for 0.5 s").unwrap();
}

#[test]
fn the_drain_deadline_ends_a_server_whose_client_does_not_read() {
    let mut server = target(&["--drain-timeout", "0.3"])
        .start("127.0.0.1")
        .unwrap();
    let mut stuck = server.connect().unwrap();
    let window = Duration::from_millis(300);
    stuck.offer(usize::MAX, window).unwrap();
    server.signal(Signal::SIGTERM).unwrap();
    let (status, _, stderr) = server.finish(Duration::from_secs(2)).unwrap();
    assert!(status.success());
    assert_eq!(stderr, "warning: stopped, with connections still open: 1\n");
}

#[test]
fn without_verbose_it_prints_its_ready_line_and_no_more() {
    let mut server = target(&[]).start("127.0.0.1").unwrap();
    server.connect().unwrap().round_trip(b"quietly").unwrap();
    let mut rude = server.connect().unwrap();
    rude.round_trip(b"and rudely").unwrap();
    rude.reset().unwrap();
    server.signal(Signal::SIGTERM).unwrap();
    let (status, stdout, stderr) = server.finish(DEADLINE).unwrap();
    let ready_line = format!("listening on {}\n", server.address);
    assert!(status.success());
    assert_eq!(String::from_utf8(stdout).unwrap(), ready_line);
    assert_eq!(stderr, "");
}

#[test]
fn urgent_data_does_not_hide_what_comes_behind_it() {
    let server = target(&[]).start("127.0.0.1").unwrap();
    for _ in 0..20 {
        let mut peer = server.connect().unwrap();
        peer.send(b"abc").unwrap();
        SockRef::from(&peer.stream).send_out_of_band(b"!").unwrap();
        peer.send(b"def").unwrap();
        // The urgent byte itself is out of band: not part of the stream.
        peer.expect(b"abcdef").unwrap();
    }
}

#[test]
fn a_client_that_leaves_before_it_is_accepted_is_reported_at_once() {
    let server = target(&["-v"]).start("127.0.0.1").unwrap();
    server.signal(Signal::SIGSTOP).unwrap();
    drop(server.connect().unwrap());
    server.signal(Signal::SIGCONT).unwrap();
    server.wait_for_stderr("closed connection from").unwrap();
}

#[test]
fn a_storm_of_newcomers_does_not_put_off_the_end() {
    let mut server = target(&["--drain-timeout", "0"])
        .start("127.0.0.1")
        .unwrap();
    let mut stuck = server.connect().unwrap();
    stuck.offer(usize::MAX, Duration::from_millis(100)).unwrap();
    let address = server.address;
    // Each goes on until it is refused.
    let storm = move || while TcpStream::connect(address).is_ok() {};
    let storms = [thread::spawn(storm), thread::spawn(storm)];
    server.signal(Signal::SIGTERM).unwrap();
    for storm in storms {
        storm.join().unwrap();
    }
    server.signal(Signal::SIGTERM).unwrap();
    let (status, _, stderr) = server.finish(Duration::from_secs(2)).unwrap();
    assert!(status.success());
    assert!(
        stderr.contains("stopped, with connections still open"),
        "{stderr}"
    );
}
