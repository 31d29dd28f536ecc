//! Rows E-01 to E-09 and M-01 to M-13, and the server's own flags.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use socket2::SockRef;
use test_support::{DEADLINE, HOSTS, Target, echo_rows, multiconn_rows};

fn target(arguments: &[&str]) -> Target {
    Target::new(env!("CARGO_BIN_EXE_multiconn-server"), arguments)
}

#[track_caller]
fn check(row: fn(&Target, &str) -> anyhow::Result<()>) {
    for host in HOSTS {
        row(&target(&[]), host).unwrap();
    }
}

#[test]
fn e_01_what_is_sent_comes_back() {
    check(echo_rows::e_01);
}

#[test]
fn e_02_all_comes_back_then_the_end() {
    check(echo_rows::e_02);
}

#[test]
fn e_03_a_large_payload_comes_back_whole() {
    check(echo_rows::e_03);
}

#[test]
fn e_04_single_bytes_come_back() {
    check(echo_rows::e_04);
}

#[test]
fn e_05_half_close_loses_nothing() {
    check(echo_rows::e_05);
}

#[test]
fn e_06_a_client_that_leaves_does_no_harm() {
    check(echo_rows::e_06);
}

#[test]
fn e_07_a_reset_does_no_harm() {
    check(echo_rows::e_07);
}

#[test]
fn e_08_it_listens_where_it_was_told_again_and_again() {
    check(echo_rows::e_08);
}

#[test]
fn e_09_it_says_why_it_cannot_listen() {
    check(echo_rows::e_09);
}

#[test]
fn m_01_many_clients_get_their_own_bytes() {
    check(multiconn_rows::m_01);
}

#[test]
fn m_02_a_silent_client_delays_no_other() {
    check(multiconn_rows::m_02);
}

#[test]
fn m_03_a_thousand_connections_at_once() {
    check(multiconn_rows::m_03);
}

#[test]
fn m_03_ten_thousand_connections_at_once() {
    multiconn_rows::many_at_once(&target(&[]), "127.0.0.1", 10_000).unwrap();
}

#[test]
fn m_04_a_client_that_never_reads_is_held_back() {
    check(multiconn_rows::m_04);
}

#[test]
fn m_05_idle_connections_cost_no_cpu() {
    check(multiconn_rows::m_05);
}

#[test]
fn m_06_half_close_with_output_pending_loses_nothing() {
    check(multiconn_rows::m_06);
}

#[test]
fn m_07_a_reset_harms_no_other() {
    check(multiconn_rows::m_07);
}

#[test]
fn m_08_out_of_descriptors_it_serves_those_it_has() {
    check(multiconn_rows::m_08);
}

#[test]
fn m_09_a_storm_leaves_nothing_behind() {
    check(multiconn_rows::m_09);
}

#[test]
fn m_11_streams_leave_room_for_round_trips() {
    check(multiconn_rows::m_11);
}

#[test]
fn m_13_it_stops_in_order_and_at_once_when_told_twice() {
    check(multiconn_rows::m_13);
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
