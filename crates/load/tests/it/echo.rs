//! Echoes: right counts, and honest latencies.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};

use common::Timeout;
use load::{EchoDialogue, Load, Pace, Pattern, Plan, StopRequests};
use serde_json::Value;
use test_support::{ClosedPort, DEADLINE};

use crate::command::{LOAD, Outcome, put_load, put_load_on};
use crate::serve;

#[track_caller]
fn check_all_answered(arguments: &str, n_connections: u64, n_messages: u64, size: u64) {
    let server = serve::echo();
    let outcome = put_load(server.port(), arguments);
    outcome.check_right();
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
    check_all_answered("--connections 10 --messages 1000", 10, 1000, 512);
    check_all_answered("--connections 1 --messages 1000 --size 1", 1, 1000, 1);
    check_all_answered(
        "--connections 3 --messages 1000 --depth 64 --size 1000",
        3,
        1000,
        1000,
    );
    check_all_answered(
        "--connections 2 --messages 4 --depth 2 --size 3000000",
        2,
        4,
        3_000_000,
    );
    check_all_answered("--connections 7 --messages 100 --busy-poll", 7, 100, 512);
    check_all_answered(
        "--connections 100 --messages 1000 --in-flight 7",
        100,
        1000,
        512,
    );
    check_all_answered(
        "--connections 2000 --messages 2000 --in-flight 50",
        2000,
        2000,
        512,
    );
}

#[test]
fn with_a_connection_each_there_are_as_many_as_messages() {
    // Those that were open before the first message are among them.
    check_all_answered("--connections 4 --messages 300 --reconnect", 300, 300, 512);
    check_all_answered(
        "--connections 4 --messages 40 --rate 400 --reconnect",
        40,
        40,
        512,
    );
}

#[test]
fn at_a_rate_as_many_are_sent_as_were_due() {
    // From 0 on, and one each 2 ms.
    check_all_answered("--connections 5 --rate 500 --duration 0.2", 5, 100, 512);
    check_all_answered("--connections 5 --rate 500 --messages 50", 5, 50, 512);
    check_all_answered(
        "--connections 5 --rate 20000 --depth 8 --duration 0.1",
        5,
        2000,
        512,
    );
}

#[test]
fn a_client_that_never_reads_sends_what_is_taken() {
    let server = serve::echo();
    let few = put_load(server.port(), "--connections 2 --never-read --messages 20");
    assert_eq!(few.number("bytes_sent"), 20 * 512);
    // More than the buffers of both systems hold, and then the server holds it back.
    let flags = "--connections 1 --never-read --size 65536 --messages 4096 --duration 1";
    let outcome = put_load(server.port(), flags);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.number("messages"), 0);
    assert_eq!(outcome.number("bytes_received"), 0);
    assert_eq!(outcome.report["latency_us"], Value::Null);
    let n_sent = outcome.number("bytes_sent");
    assert!((1..4096 * 65_536).contains(&n_sent), "{n_sent}");
}

#[test]
fn an_address_that_can_not_be_reached_leads_to_the_next() {
    // Refused at once, unreachable at once, and an echo.
    let closed = ClosedPort::new("127.0.0.1").unwrap();
    let server = serve::echo();
    let nowhere = "255.255.255.255:1".parse().unwrap();
    let addresses = [closed.address, nowhere, server.address];
    let plan = Plan {
        n_connections: 3,
        max_messages: Some(30),
        size: 512,
        duration: None,
        pace: Pace::OnAnswer { depth: 1 },
        reconnect: false,
        never_read: false,
        warm_up: None,
        busy_poll: false,
        timeout: Timeout::from_secs(10),
    };
    let pattern = Arc::new(Pattern::default());
    let new_dialogue = |number| EchoDialogue::new(Arc::clone(&pattern), number, plan.size);
    let stop_requests = StopRequests::default();
    let mut load = Load::open(&addresses, &plan, new_dialogue, &stop_requests).unwrap();
    assert_eq!(load.run(false).unwrap().messages, 30);
}

#[test]
fn what_is_sent_to_warm_up_is_not_counted() {
    check_all_answered("--connections 5 --messages 100 --warm-up 0.05", 5, 100, 512);
    check_all_answered(
        "--connections 5 --messages 100 --in-flight 2 --warm-up 0.05",
        5,
        100,
        512,
    );
    check_all_answered(
        "--connections 5 --messages 100 --rate 2000 --warm-up 0.05",
        5,
        100,
        512,
    );
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
    let outcome = put_load_on(2, "--rate 200 --messages 80", serve);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.number("messages"), 80);
    // Of 80, the 8 slowest were due 220 ms or more before the stall was over.
    let p90 = outcome.report["latency_us"]["p90"].as_f64().unwrap();
    assert!(p90 >= 150_000.0, "{p90}");
}

#[test]
fn a_rate_that_nobody_can_keep_ends_in_time_and_what_was_missed_is_counted() {
    let server = serve::echo();
    // Millions are due in a quarter of a second, and then there is a second of grace.
    let flags = "--connections 2 --rate 1e7 --duration 0.25";
    let outcome = put_load(server.port(), flags);
    assert_eq!(outcome.code, Some(1));
    let n_missed = outcome.errors()["never sent"];
    assert_eq!(outcome.number("messages") + n_missed, 2_500_000);
    assert!(outcome.report["seconds"].as_f64().unwrap() < 10.0);
}

#[test]
fn ipv6_is_served_as_well() {
    let server = serve::echo_on("::1");
    let mut command = Command::new(LOAD);
    let port = server.port().to_string();
    command.args(["echo", "::1", &port, "--messages", "10", "--json"]);
    let outcome = Outcome::of(command);
    outcome.check_right();
    assert_eq!(outcome.number("messages"), 10);
}
