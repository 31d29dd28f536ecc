//! Servers that are wrong, and what is told of them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use socket2::SockRef;
use test_support::{ClosedPort, DEADLINE, Program, accept};

use crate::command::{command, put_load, put_load_on};

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
    for (n_connections, flags, n_messages, n_never_sent) in [
        // Whatever one does not send, the others do.
        (4, "--messages 1000", 999, 0),
        // One of ten turns each is nobody else's, but for the one that was lost.
        (4, "--messages 40 --in-flight 3", 39, 0),
        (2, "--messages 40 --rate 1000", 20, 19),
    ] {
        let is_first_taken = Mutex::new(false);
        let outcome = put_load_on(n_connections, flags, |stream| {
            reset_the_first(&is_first_taken, stream);
        });
        assert_eq!(outcome.code, Some(1), "{flags}");
        let errors = outcome.errors();
        assert_eq!(errors["connection lost"], 1, "{flags}");
        let never_sent = errors.get("never sent").copied().unwrap_or_default();
        assert_eq!(never_sent, n_never_sent, "{flags}");
        assert_eq!(outcome.number("messages"), n_messages, "{flags}");
    }
}

#[test]
fn messages_that_can_not_be_sent_in_time_are_told() {
    // The server answers nothing: one message is under way, the others are due.
    let serve = |mut stream: TcpStream| drop(stream.read_to_end(&mut Vec::new()));
    let outcome = put_load_on(1, "--rate 100 --duration 0.1 --timeout 2", serve);
    assert_eq!(outcome.code, Some(1));
    let expected = [("no answer".to_owned(), 1), ("never sent".to_owned(), 9)];
    assert_eq!(outcome.errors(), expected.into());
}

#[track_caller]
fn check_error(arguments: &str, kind: &str, complaint: &str, serve: impl Fn(TcpStream) + Sync) {
    let outcome = put_load_on(2, arguments, serve);
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
        "--messages 100",
        "wrong bytes",
        is_that_an_echo,
        |mut stream| {
            let mut message = read(&mut stream);
            message[300] ^= 1;
            let _ = stream.write_all(&message);
        },
    );
    let more = "more came back than was sent";
    check_error("--messages 2", "wrong bytes", more, |mut stream| {
        let message = read(&mut stream);
        let _ = stream.write_all(&message.repeat(2));
    });
    let closed = "the server closed the connection without an answer";
    check_error("--messages 100", "closed early", closed, |mut stream| {
        let message = read(&mut stream);
        let _ = stream.write_all(&message[..100]);
    });
    check_error(
        "--messages 100",
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
        "--messages 100 --timeout 0.3",
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
    let arguments = command(
        "echo",
        closed.address.port(),
        "--connections 10 --duration 5 --json",
    );
    let (status, stdout, stderr) = Program::start(arguments).unwrap().finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(stdout, b"");
    let expected = format!("error: cannot connect to {}: ", closed.address);
    assert!(stderr.starts_with(&expected), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn a_server_that_is_gone_midway_is_told_and_nothing_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            // One answer on each of two connections, and nobody listens any more.
            let mut message = [0; 512];
            let listener = listener;
            for _ in 0..2 {
                let mut stream = accept(&listener).unwrap();
                stream.read_exact(&mut message).unwrap();
                stream.write_all(&message).unwrap();
            }
        });
        put_load(port, "--reconnect --duration 600")
    });
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.number("messages"), 2);
    let errors = outcome.errors();
    // Refused, or in the backlog when the listener was closed.
    let n_refused = errors
        .get("cannot connect")
        .or(errors.get("connection lost"));
    assert_eq!(n_refused, Some(&1), "{errors:?}");
}

#[test]
fn a_server_of_one_message_each_is_told_from_one_that_never_answers() {
    let outcome = put_load_on(1, "--messages 10", |mut stream| {
        let mut message = [0; 512];
        stream.read_exact(&mut message).unwrap();
        stream.write_all(&message).unwrap();
        // It has heard the second message, and closes in order.
        stream.read_exact(&mut message).unwrap();
    });
    assert_eq!(outcome.errors(), [("closed early".to_owned(), 1)].into());
    assert!(
        outcome.stderr.contains("try --reconnect"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn an_answer_that_is_not_finished_is_told_from_none() {
    let outcome = put_load_on(1, "--messages 1 --timeout 0.3", |mut stream| {
        let mut message = [0; 512];
        stream.read_exact(&mut message).unwrap();
        stream.write_all(&message[..4]).unwrap();
        let _ = stream.read(&mut message);
    });
    assert_eq!(outcome.errors(), [("no answer".to_owned(), 1)].into());
    let told = "no answer for 0.3 s, but 4 bytes of one before";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
}

#[test]
fn a_report_that_nobody_reads_is_no_panic() {
    let mut shell = std::process::Command::new("sh");
    let server = crate::serve::echo();
    shell
        .args(["-c", "\"$@\" | true; echo done", "sh", crate::command::LOAD])
        .args(["echo", "127.0.0.1", &server.port().to_string()])
        .args(["--messages", "10", "-q"]);
    let (_, stdout, stderr) = Program::start(shell).unwrap().finish(DEADLINE).unwrap();
    assert_eq!((stdout.as_slice(), stderr.as_str()), (&b"done\n"[..], ""));
}
