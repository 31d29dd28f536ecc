//! The load generator: right counts, honest latencies, and each kind of error.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::Timeout;
use multiconn::load::{EchoDialogue, Load, LoadFlags, Pattern, Plan, StopRequests};
use nix::sys::signal::Signal;
use serde_json::Value;
use socket2::SockRef;
use test_support::{ClosedPort, DEADLINE, Program, Server, Target, accept};

const SERVER: &str = env!("CARGO_BIN_EXE_multiconn-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_multiconn-client");

fn server() -> Server {
    Target::new(SERVER, &[]).start("127.0.0.1").unwrap()
}

fn command(port: u16, arguments: &str) -> Command {
    let mut command = Command::new(CLIENT);
    command
        .args(["127.0.0.1", &port.to_string()])
        .args(arguments.split_whitespace());
    command
}

/// What a load generator has printed as JSON, and its exit status.
struct Outcome {
    code: Option<i32>,
    report: Value,
    stderr: String,
}

impl Outcome {
    fn number(&self, field: &str) -> u64 {
        self.report[field].as_u64().unwrap()
    }

    fn errors(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.report["errors"].clone()).unwrap()
    }
}

#[track_caller]
fn put_load(port: u16, arguments: &str) -> Outcome {
    let mut program = Program::start(command(port, &format!("{arguments} --json"))).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    let report = serde_json::from_slice(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
    Outcome {
        code: status.code(),
        report,
        stderr,
    }
}

/// Puts load on a server that serves each of its connections by `serve`.
#[track_caller]
fn put_load_on(arguments: &str, serve: impl Fn(TcpStream) + Sync) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let n_connections: usize = arguments.split(' ').next().unwrap().parse().unwrap();
    let (listener, serve) = (&listener, &serve);
    thread::scope(|scope| {
        for _ in 0..n_connections {
            scope.spawn(move || serve(accept(listener).unwrap()));
        }
        put_load(port, arguments)
    })
}

#[track_caller]
fn check_all_answered(arguments: &str, n_connections: u64, n_messages: u64, size: u64) {
    let server = server();
    let outcome = put_load(server.address.port(), arguments);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.errors(), BTreeMap::new());
    assert_eq!(outcome.number("connections"), n_connections);
    assert_eq!(outcome.number("messages"), n_messages);
    assert_eq!(outcome.number("bytes_sent"), n_messages * size);
    assert_eq!(outcome.number("bytes_received"), n_messages * size);
    let latency = &outcome.report["latency_us"];
    let percentiles = ["p50", "p90", "p99", "p99_9", "max"];
    let values = percentiles.map(|name| latency[name].as_f64().unwrap());
    assert!(values[0] > 0.0 && values.is_sorted(), "{latency}");
    let seconds = outcome.report["seconds"].as_f64().unwrap();
    let rate = outcome.report["messages_per_second"].as_f64().unwrap();
    assert!((rate * seconds / n_messages as f64 - 1.0).abs() < 0.001);
}

#[test]
fn each_message_is_counted_once() {
    check_all_answered("10 --messages 1000", 10, 1000, 512);
    check_all_answered("1 --messages 1000 --size 1", 1, 1000, 1);
    check_all_answered("3 --messages 1000 --depth 64 --size 1000", 3, 1000, 1000);
    check_all_answered("2 --messages 4 --depth 2 --size 3000000", 2, 4, 3_000_000);
    check_all_answered("7 --messages 100 --busy-poll", 7, 100, 512);
    check_all_answered("100 --messages 1000 --in-flight 7", 100, 1000, 512);
    check_all_answered("2000 --messages 2000 --in-flight 50", 2000, 2000, 512);
}

#[test]
fn with_a_connection_each_there_are_as_many_as_messages() {
    // Those that were open before the first message are among them.
    check_all_answered("4 --messages 300 --reconnect", 300, 300, 512);
    check_all_answered("4 --messages 40 --rate 400 --reconnect", 40, 40, 512);
}

#[test]
fn at_a_rate_as_many_are_sent_as_were_due() {
    // From 0 on, and one each 2 ms.
    check_all_answered("5 --rate 500 --duration 0.2", 5, 100, 512);
    check_all_answered("5 --rate 500 --messages 50", 5, 50, 512);
    check_all_answered("5 --rate 20000 --depth 8 --duration 0.1", 5, 2000, 512);
}

#[test]
fn no_messages_are_idle_connections() {
    let server = server();
    let n_before = server.n_descriptors().unwrap();
    let arguments = command(server.address.port(), "100 --messages 0");
    let mut program = Program::start(arguments).unwrap();
    program.wait_for_stderr("connections open: 100").unwrap();
    let deadline = Instant::now() + DEADLINE;
    while server.n_descriptors().unwrap() < n_before + 100 {
        assert!(Instant::now() < deadline, "not all are accepted");
        thread::yield_now();
    }
    program.signal(Signal::SIGINT).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    let report = String::from_utf8(stdout).unwrap();
    assert!(report.starts_with("connections  100\nmessages     0 in "));
}

#[test]
fn ctrl_c_ends_the_sending_and_what_was_measured_is_told() {
    let server = server();
    let mut program = Program::start(command(server.address.port(), "5 --duration 600")).unwrap();
    program.wait_for_stderr("connections open: 5").unwrap();
    program.signal(Signal::SIGINT).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    let report = String::from_utf8(stdout).unwrap();
    assert!(report.ends_with("errors       none\n"), "{report}");
    for line in report.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_client_that_never_reads_sends_what_is_taken() {
    let server = server();
    let few = put_load(server.address.port(), "2 --never-read --messages 20");
    assert_eq!(few.number("bytes_sent"), 20 * 512);
    // More than the buffers of both systems hold, and then the server holds it back.
    let flags = "1 --never-read --size 65536 --messages 4096 --duration 1";
    let outcome = put_load(server.address.port(), flags);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.number("messages"), 0);
    assert_eq!(outcome.number("bytes_received"), 0);
    let n_sent = outcome.number("bytes_sent");
    assert!((1..4096 * 65_536).contains(&n_sent), "{n_sent}");
}

/// Serves one of its connections by a reset after the first message, the others as an
/// echo server does.
fn reset_the_first(is_first_taken: &Mutex<bool>, mut stream: TcpStream) {
    let is_first = !std::mem::replace(&mut *is_first_taken.lock().unwrap(), true);
    let mut message = [0; 512];
    while stream.read_exact(&mut message).is_ok() {
        if is_first {
            let no_time = Some(Duration::ZERO);
            SockRef::from(&stream).set_linger(no_time).unwrap();
            return;
        }
        stream.write_all(&message).unwrap();
    }
}

#[test]
fn a_lost_connection_is_an_error_and_the_others_go_on_to_the_end() {
    for (flags, n_messages, n_never_sent) in [
        // Whatever one does not send, the others do.
        ("4 --messages 1000", 999, 0),
        // One of ten turns each is nobody else's, but for the one that was lost.
        ("4 --messages 40 --in-flight 3", 39, 0),
        ("2 --messages 40 --rate 1000", 20, 19),
    ] {
        let is_first_taken = Mutex::new(false);
        let outcome = put_load_on(flags, |stream| reset_the_first(&is_first_taken, stream));
        assert_eq!(outcome.code, Some(1), "{flags}");
        let errors = outcome.errors();
        assert_eq!(errors["connection lost"], 1, "{flags}");
        let never_sent = errors.get("never sent").copied().unwrap_or_default();
        assert_eq!(never_sent, n_never_sent, "{flags}");
        assert_eq!(outcome.number("messages"), n_messages, "{flags}");
    }
}

#[test]
fn an_address_that_can_not_be_reached_leads_to_the_next() {
    // Refused at once, unreachable at once, and an echo.
    let closed = ClosedPort::new("127.0.0.1").unwrap();
    let server = server();
    let nowhere = "255.255.255.255:1".parse().unwrap();
    let addresses = [closed.address, nowhere, server.address];
    let plan = LoadFlags::default().plan(3, Timeout::from_secs(10));
    let plan = Plan {
        max_messages: Some(30),
        duration: None,
        ..plan
    };
    let pattern = Arc::new(Pattern::default());
    let new_dialogue = |number| EchoDialogue::new(Arc::clone(&pattern), number, plan.size);
    let stop_requests = StopRequests::default();
    let mut load = Load::open(&addresses, &plan, new_dialogue, &stop_requests).unwrap();
    assert_eq!(load.run(false).unwrap().messages, 30);
}

#[test]
fn what_is_sent_to_warm_up_is_not_counted() {
    check_all_answered("5 --messages 100 --warm-up 0.05", 5, 100, 512);
    check_all_answered("5 --messages 100 --in-flight 2 --warm-up 0.05", 5, 100, 512);
    check_all_answered("5 --messages 100 --rate 2000 --warm-up 0.05", 5, 100, 512);
}

/// How many messages of the other connection the slow one waits for.
const STALL: usize = 30;

#[test]
fn a_message_that_is_sent_late_has_waited_since_it_was_due() {
    // Two connections, each with a message due every 10 ms, and one under way at most.
    // One of them is answered only when the other has had 30: so 30 of its messages
    // leave up to 300 ms late. Measured from when they left, one of 80 was slow.
    let n_answered = Mutex::new(0);
    let changed = Condvar::new();
    let is_slow_taken = Mutex::new(false);
    let serve = |mut stream: TcpStream| {
        let is_slow = !std::mem::replace(&mut *is_slow_taken.lock().unwrap(), true);
        let mut message = [0; 512];
        while stream.read_exact(&mut message).is_ok() {
            let mut n = n_answered.lock().unwrap();
            if is_slow {
                let waiting = |n: &mut usize| *n < STALL;
                n = changed.wait_timeout_while(n, DEADLINE, waiting).unwrap().0;
            } else {
                *n += 1;
                changed.notify_all();
            }
            drop(n);
            stream.write_all(&message).unwrap();
        }
    };
    let outcome = put_load_on("2 --rate 200 --messages 80", serve);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.number("messages"), 80);
    // Of 80, the 8 slowest were due 220 ms or more before the stall was over.
    let p90 = outcome.report["latency_us"]["p90"].as_f64().unwrap();
    assert!(p90 >= 150_000.0, "{p90}");
}

#[test]
fn messages_that_can_not_be_sent_in_time_are_told() {
    // The server answers nothing: one message is under way, the others are due.
    let serve = |mut stream: TcpStream| drop(stream.read_to_end(&mut Vec::new()));
    let outcome = put_load_on("1 --rate 100 --duration 0.1 --timeout 2", serve);
    assert_eq!(outcome.code, Some(1));
    let expected = [("no answer".to_owned(), 1), ("never sent".to_owned(), 9)];
    assert_eq!(outcome.errors(), expected.into());
}

#[track_caller]
fn check_error(arguments: &str, kind: &str, complaint: &str, serve: impl Fn(TcpStream) + Sync) {
    let outcome = put_load_on(arguments, serve);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.errors(), [(kind.to_owned(), 2)].into());
    let last_line = outcome.stderr.lines().last().unwrap();
    assert!(last_line.starts_with("error: connection "), "{last_line}");
    assert!(last_line.contains(complaint), "{last_line}");
    assert!(last_line.ends_with("(2 errors in all)"), "{last_line}");
}

#[test]
fn each_kind_of_error_is_counted() {
    let read = |stream: &mut TcpStream| {
        let mut message = vec![0; 512];
        stream.read_exact(&mut message).unwrap();
        message
    };
    let is_that_an_echo = "other bytes came back than were sent; is that an echo server?";
    check_error(
        "2 --messages 100",
        "wrong bytes",
        is_that_an_echo,
        |mut stream| {
            let mut message = read(&mut stream);
            message[300] ^= 1;
            let _ = stream.write_all(&message);
        },
    );
    let more = "more came back than was sent";
    check_error("2 --messages 2", "wrong bytes", more, |mut stream| {
        let message = read(&mut stream);
        let _ = stream.write_all(&message.repeat(2));
    });
    let closed = "the server closed the connection without an answer";
    check_error("2 --messages 100", "closed early", closed, |mut stream| {
        let message = read(&mut stream);
        let _ = stream.write_all(&message[..100]);
    });
    check_error(
        "2 --messages 100",
        "connection lost",
        "broke",
        |mut stream| {
            read(&mut stream);
            SockRef::from(&stream)
                .set_linger(Some(Default::default()))
                .unwrap();
        },
    );
    let silent = "no answer for 0.3 s";
    check_error(
        "2 --messages 100 --timeout 0.3",
        "no answer",
        silent,
        |mut stream| {
            let _ = stream.read_to_end(&mut Vec::new());
        },
    );
}

#[test]
fn nobody_listening_is_told_on_one_line() {
    let closed = ClosedPort::new("127.0.0.1").unwrap();
    let arguments = command(closed.address.port(), "10 --duration 5 --json");
    let (status, stdout, stderr) = Program::start(arguments).unwrap().finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(stdout, b"");
    let expected = format!("error: cannot connect to {}: ", closed.address);
    assert!(stderr.starts_with(&expected), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn too_many_connections_for_the_descriptors_are_told() {
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -n 20 && exec \"$@\"", "sh", CLIENT])
        .args(["127.0.0.1", "1", "11", "--duration", "1"]);
    let (status, _, stderr) = Program::start(limited).unwrap().finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    let expected = "error: cannot open 11 connections: the system allows 10";
    assert!(stderr.starts_with(expected), "{stderr}");
}
