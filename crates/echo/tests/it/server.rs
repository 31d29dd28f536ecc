//! The server, beyond its rows: its flag, and what it tells.

use std::time::Duration;

use nix::sys::signal::Signal;
use test_support::{DEADLINE, Target};

#[test]
fn without_a_flag_it_ends_with_its_one_client() {
    let target = Target::new(env!("CARGO_BIN_EXE_echo-server"), &[]);
    let mut server = target.start("127.0.0.1").unwrap();
    server.connect().unwrap().round_trip(b"only one").unwrap();
    let (status, stdout, stderr) = server.finish(DEADLINE).unwrap();
    let ready_line = format!("listening on {}\n", server.address);
    assert!(status.success());
    assert_eq!(String::from_utf8(stdout).unwrap(), ready_line);
    assert_eq!(stderr, "");
}

#[test]
fn with_forever_a_second_client_waits_for_the_first() {
    let target = Target::new(env!("CARGO_BIN_EXE_echo-server"), &["--forever"]);
    let server = target.start("127.0.0.1").unwrap();
    let mut first = server.connect().unwrap();
    first.round_trip(b"first").unwrap();
    let mut second = server.connect().unwrap();
    second.send(b"second").unwrap();
    second.expect_silence(Duration::from_millis(300)).unwrap();
    drop(first);
    second.expect(b"second").unwrap();
}

#[test]
fn verbose_it_tells_each_connection_and_message() {
    let target = Target::new(env!("CARGO_BIN_EXE_echo-server"), &["-v"]);
    let mut server = target.start("127.0.0.1").unwrap();
    let mut peer = server.connect().unwrap();
    let address = peer.stream.local_addr().unwrap();
    peer.round_trip(b"\x1b[31m red").unwrap();
    drop(peer);
    let (_, _, stderr) = server.finish(DEADLINE).unwrap();
    let expected = format!(
        "accepted connection from {address}\n\
         echoing \"\\u{{1b}}[31m red\"\n\
         closed connection from {address}\n"
    );
    assert_eq!(stderr, expected);
}

#[test]
fn without_verbose_it_prints_its_ready_line_and_no_more() {
    let target = Target::new(env!("CARGO_BIN_EXE_echo-server"), &["--forever"]);
    let mut server = target.start("127.0.0.1").unwrap();
    let mut rude = server.connect().unwrap();
    rude.round_trip(b"rudely").unwrap();
    rude.reset().unwrap();
    server.connect().unwrap().round_trip(b"politely").unwrap();
    server.signal(Signal::SIGTERM).unwrap();
    let (_, stdout, stderr) = server.finish(DEADLINE).unwrap();
    let ready_line = format!("listening on {}\n", server.address);
    assert_eq!(String::from_utf8(stdout).unwrap(), ready_line);
    assert_eq!(stderr, "");
}
