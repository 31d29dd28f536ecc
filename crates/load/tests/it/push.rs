//! Messages that are pushed without waiting for answers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;
use test_support::{DEADLINE, Program, accept};

use crate::command::{Outcome, command, put_load, put_load_on};
use crate::serve;

#[track_caller]
fn check_pushed(arguments: &str, n_messages: u64, size: u64) {
    let server = serve::echo();
    let outcome = put_load(server.port(), &format!("--push {arguments}"));
    outcome.check_right();
    assert_eq!(outcome.number("messages"), n_messages);
    assert_eq!(outcome.number("bytes_sent"), n_messages * size);
    assert_eq!(outcome.number("bytes_received"), n_messages * size);
    assert_eq!(outcome.report["latency_us"], Value::Null);
}

#[test]
fn all_that_is_pushed_comes_back_and_is_counted_once() {
    check_pushed("--messages 1 --size 1", 1, 1);
    check_pushed("--messages 1000000 --size 1", 1_000_000, 1);
    check_pushed(
        "--messages 20000 --size 1024 --connections 50",
        20_000,
        1024,
    );
    check_pushed("--messages 5 --size 3000000 --connections 2", 5, 3_000_000);
    check_pushed("--messages 999 --size 4093 --warm-up 0.05", 999, 4093);
}

#[test]
fn more_is_under_way_than_any_depth_could_ask_for() {
    // The server reads nothing until so much is there: whoever waits for answers, or
    // for fewer messages than that, waits for ever.
    const N_BYTES: usize = 100_000;
    let outcome = put_load_on(1, "--push --size 1 --messages 300000", |mut stream| {
        let mut first = vec![0; N_BYTES];
        stream.read_exact(&mut first).unwrap();
        stream.write_all(&first).unwrap();
        echo(&mut stream, |_| {});
    });
    outcome.check_right();
    assert_eq!(outcome.number("messages"), 300_000);
}

/// Sends back what comes, after `spoil` has had it.
fn echo(stream: &mut TcpStream, mut spoil: impl FnMut(&mut [u8])) {
    let mut buffer = vec![0; 4096];
    while let Ok(n_read) = stream.read(&mut buffer)
        && n_read > 0
    {
        spoil(&mut buffer[..n_read]);
        if stream.write_all(&buffer[..n_read]).is_err() {
            return;
        }
    }
}

#[test]
fn a_wrong_byte_is_caught_in_the_midst_of_all() {
    let outcome = put_load_on(2, "--push --size 1000 --duration 600", |mut stream| {
        let mut position = 0;
        echo(&mut stream, |bytes| {
            if (position..position + bytes.len()).contains(&1_234_567) {
                bytes[1_234_567 - position] ^= 1;
            }
            position += bytes.len();
        });
    });
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.errors(), [("wrong bytes".to_owned(), 2)].into());
    // Those before it are right.
    assert_eq!(outcome.number("messages"), 2 * 1234);
}

#[test]
fn a_lost_byte_is_caught_as_well() {
    let outcome = put_load_on(1, "--push --size 1000 --duration 600", |mut stream| {
        stream.read_exact(&mut [0]).unwrap();
        echo(&mut stream, |_| {});
    });
    assert_eq!(outcome.errors(), [("wrong bytes".to_owned(), 1)].into());
    assert_eq!(outcome.number("messages"), 0);
}

#[test]
fn a_server_that_takes_everything_and_answers_nothing_is_silent() {
    let outcome = put_load_on(2, "--push --duration 600 --timeout 0.5", |mut stream| {
        let mut buffer = vec![0; 65536];
        while stream.read(&mut buffer).is_ok_and(|n_read| n_read > 0) {}
    });
    assert_eq!(outcome.errors(), [("no answer".to_owned(), 2)].into());
}

#[test]
fn a_server_that_reads_nothing_is_silent_too() {
    let (ended, has_ended) = mpsc::channel::<()>();
    let has_ended = Mutex::new(has_ended);
    let outcome = thread::scope(|scope| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let has_ended = &has_ended;
        scope.spawn(move || {
            let _stream = accept(&listener).unwrap();
            // Open until the load has ended.
            let _ = has_ended.lock().unwrap().recv_timeout(DEADLINE);
        });
        let outcome = put_load(port, "--push --duration 600 --timeout 0.5");
        drop(ended);
        outcome
    });
    assert_eq!(outcome.errors(), [("no answer".to_owned(), 1)].into());
}

#[test]
fn what_a_slow_server_has_not_answered_long_after_the_end_is_not_waited_for() {
    for warm_up in ["", "--warm-up 0.1"] {
        let flags = format!("--push --size 65536 --duration 0.1 --timeout 1 {warm_up}");
        // It never stops answering, a byte at a time; so it is never silent.
        let outcome = put_load_on(1, &flags, |mut stream| {
            let mut byte = [0];
            while stream.read(&mut byte).is_ok_and(|n| n > 0) && stream.write_all(&byte).is_ok() {
                thread::park_timeout(Duration::from_millis(1));
            }
        });
        assert_eq!(outcome.code, Some(1));
        assert_eq!(outcome.errors().keys().collect::<Vec<_>>(), ["given up"]);
        let told = "error: messages not answered by the end: ";
        assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    }
}

#[test]
fn memory_has_a_bound_whatever_is_under_way() {
    const N_BYTES: u64 = 256 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let flags = "--push --size 16 --timeout 0 --duration 0";
    let mut program = Program::start(command("echo", port, flags)).unwrap();
    let mut stream = accept(&listener).unwrap();
    let mut first = Read::by_ref(&mut stream).take(N_BYTES);
    let n_taken = std::io::copy(&mut first, &mut std::io::sink()).unwrap();
    assert_eq!(n_taken, N_BYTES);
    // Sixteen million messages wait for an answer that won't come.
    let memory = program.memory().unwrap();
    assert!(memory < 32 << 20, "{memory}");
    let reader = thread::spawn(move || std::io::copy(&mut stream, &mut std::io::sink()));
    program.signal(Signal::SIGINT).unwrap();
    program.signal(Signal::SIGTERM).unwrap();
    let (status, _, stderr) = program.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1), "{stderr}");
    let _ = reader.join();
}

#[test]
fn the_text_says_why_there_is_no_latency() {
    let server = serve::echo();
    let command = command("echo", server.port(), "--push --messages 100");
    let (status, stdout, _) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    assert!(status.success());
    let text = String::from_utf8(stdout).unwrap();
    let expected = "latency      not measured: pushed messages wait for one another\n";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn requests_are_pushed_once_the_connection_is_granted() {
    let server = serve::messages();
    let flags = "search ring --keep-alive --push --messages 5000 --connections 3 --json";
    let outcome = Outcome::of(command("app-protocol", server.port(), flags));
    outcome.check_right();
    assert_eq!(outcome.number("messages"), 5000);
    assert_eq!(outcome.number("connections"), 3);
}
