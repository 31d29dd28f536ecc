//! The client's own words and flags, against servers that these tests play.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use test_support::{ClosedPort, DEADLINE, Peer, Program, accept};

use crate::wire::{
    KEEP_ALIVE, frame, json, keep_alive_search, message, search, server,
};

const CLIENT: &str = env!("CARGO_BIN_EXE_app-client");

/// What a client did: its status, standard output and standard error.
type Outcome = (Option<i32>, String, String);

fn finish(mut client: Program) -> Outcome {
    let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

fn start(port: u16, arguments: &[&str]) -> Program {
    let mut command = Command::new(CLIENT);
    command
        .args(["127.0.0.1", &port.to_string()])
        .args(arguments);
    Program::start(command).unwrap()
}

/// Runs the client against a server that does `serve` with each of its connections.
fn run(
    arguments: &[&str],
    serve: impl Fn(TcpStream) + Send + 'static,
) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = start(listener.local_addr().unwrap().port(), arguments);
    // Ends with its listener's deadline, or with the test.
    thread::spawn(move || {
        while let Ok(stream) = accept(&listener) {
            serve(stream);
        }
    });
    finish(client)
}

/// Plays a server that reads `request` and answers `response`, then closes.
fn run_exchange(
    arguments: &[&str],
    request: Vec<u8>,
    response: Vec<u8>,
) -> Outcome {
    run(arguments, move |mut stream| {
        let mut received = vec![0; request.len()];
        stream.read_exact(&mut received).unwrap();
        assert_eq!(received, request);
        let _ = stream.write_all(&response);
    })
}

fn result(text: &str) -> Vec<u8> {
    json(&format!("{{\"result\": \"{text}\"}}"))
}

#[track_caller]
fn check_failure(response: Vec<u8>, complaint: &str) {
    let (code, stdout, stderr) =
        run_exchange(&["search", "ring"], search("ring"), response);
    assert_eq!(code, Some(1));
    assert_eq!(stdout, "");
    assert!(
        stderr.starts_with("error: ") && stderr.contains(complaint),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn requests_take_any_form_that_is_asked_for() {
    let json_in = |encoding: &str, content: &[u8]| {
        message("text/json", encoding, "", content)
    };
    let little = ["--byteorder", "little"];
    for (arguments, request) in [
        (
            ["dance", "now", "--json"].as_slice(),
            json(r#"{"action": "dance", "value": "now"}"#),
        ),
        (
            &["search", "é", "--encoding", "L1"],
            json_in(
                "latin-1",
                b"{\"action\": \"search\", \"value\": \"\xe9\"}",
            ),
        ),
        (
            &["sum", "1, 258"],
            message("binary/u32", "binary", "", b"\x01\0\0\0\x02\x01\0\0"),
        ),
        (
            &["search", "ring", "--keep-alive"],
            keep_alive_search("ring"),
        ),
        (&["search", "a\"b\\\u{7}\n"], search(r#"a\"b\\\u0007\n"#)),
    ] {
        let arguments = [arguments, &little].concat();
        let (code, _, stderr) = run_exchange(&arguments, request, result("ok"));
        assert_eq!(code, Some(0), "{stderr}");
    }
    let big = frame(
        r#"{"byteorder": "big", "content-type": "binary/u32", "content-encoding": "binary", "content-length": 4}"#,
        b"\0\0\x01\x02",
    );
    let sum = frame(
        r#"{"byteorder": "big", "content-type": "binary/u64", "content-encoding": "binary", "content-length": 8}"#,
        b"\0\0\0\0\0\0\x01\x02",
    );
    let (_, stdout, _) =
        run_exchange(&["sum", "258", "--byteorder", "big"], big, sum);
    assert_eq!(stdout, "258\n");
}

#[test]
fn the_value_comes_from_a_file_or_from_standard_input() {
    let server = server();
    let port = server.address.port();
    let mut command = Command::new(CLIENT);
    command.args(["127.0.0.1", &port.to_string(), "search", "--file", "-"]);
    let client = Program::start_with_input(command, b"ring".to_vec()).unwrap();
    let (code, stdout, stderr) = finish(client);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("In the caves"));

    let path =
        std::env::temp_dir().join(format!("value-{}", std::process::id()));
    std::fs::write(&path, b"\0\xff rest").unwrap();
    let (code, stdout, _) =
        finish(start(port, &["", "--file", path.to_str().unwrap()]));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "\"First 10 bytes of request: \\0\\xff rest\"\n");
}

#[test]
fn a_23_a_malformed_response_is_named() {
    check_failure(
        frame("", b""),
        "a malformed response: expected a JSON header",
    );
    check_failure(frame("{}", b""), "has no \"byteorder\"");
    check_failure(json("{"), "a malformed response: the content is not JSON");
    let klingon = message("text/json", "klingon", "", b"{}");
    check_failure(klingon, "text in \"klingon\", an unknown encoding");
    check_failure(
        message("text/json", "ascii", "", b"\xff"),
        "byte 0 is not ascii",
    );
    check_failure(
        message("binary/u64", "binary", "", b"123"),
        "8 bytes, got 3 bytes",
    );
}

#[test]
fn a_23_a_truncated_response_is_named() {
    let whole = result("found");
    let content = "{\"result\": \"found\"}".len();
    for (n, complaint) in [
        (0, "closed the connection without an answer"),
        (1, "truncated in the length, 1 bytes missing"),
        (9, "truncated in the header, "),
        (
            whole.len() - content,
            "truncated in the content, 19 bytes missing",
        ),
        (whole.len() - 1, "truncated in the content, 1 bytes missing"),
    ] {
        check_failure(whole[..n].to_vec(), complaint);
    }
}

#[test]
fn a_23_an_oversized_response_is_named() {
    let header = r#"{"byteorder": "little", "content-type": "binary/x", "content-encoding": "binary", "content-length": 8388609}"#;
    check_failure(
        frame(header, b""),
        "content is 8388609 bytes, limit is 8388608",
    );
}

#[test]
fn a_24_an_error_response_is_shown_and_no_match_is_an_answer() {
    check_failure(
        json(r#"{"result": "Error: too much of it.", "error": "too-large"}"#),
        "the server answered: Error: too much of it.",
    );
    check_failure(result("Error: invalid action 'x'."), "invalid action 'x'");
    let server = server();
    let (code, stdout, _) =
        finish(start(server.address.port(), &["search", "nobody"]));
    assert_eq!(
        (code, stdout.as_str()),
        (Some(0), "No match for 'nobody'.\n")
    );
}

#[test]
fn e_13_a_reset_is_an_error() {
    let (code, _, stderr) = run(&["search", "ring"], |stream| {
        let mut peer = Peer::new(stream).unwrap();
        peer.expect(&search("ring")).unwrap();
        peer.reset().unwrap();
    });
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("the connection broke: Connection reset"),
        "{stderr}"
    );
}

#[test]
fn e_14_nobody_listening_is_an_error() {
    let closed = ClosedPort::new("127.0.0.1").unwrap();
    let (code, _, stderr) =
        finish(start(closed.address.port(), &["search", "ring"]));
    assert_eq!(code, Some(1));
    let expected = format!(
        "error: cannot connect to {}: Connection refused",
        closed.address
    );
    assert!(stderr.starts_with(&expected), "{stderr}");
}

#[test]
fn m_24_a_server_that_never_answers_is_an_error_at_the_deadline() {
    let (code, _, stderr) =
        run(&["search", "ring", "--timeout", "0.3"], |mut stream| {
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
    assert_eq!(code, Some(1));
    assert!(stderr.contains("nothing moved for 0.3 s"), "{stderr}");
}

#[test]
fn repeated_without_keep_alive_each_request_takes_its_own_connection() {
    let (code, stdout, stderr) =
        run(&["search", "ring", "--repeat", "3"], |stream| {
            let mut peer = Peer::new(stream).unwrap();
            peer.expect(&search("ring")).unwrap();
            peer.send(&result("found")).unwrap();
            peer.half_close().unwrap();
            peer.expect_end().unwrap();
        });
    assert_eq!(
        (code, stdout.as_str()),
        (Some(0), "found\nfound\nfound\n"),
        "{stderr}"
    );
}

#[test]
fn it_pipelines_only_after_a_response_that_grants_it() {
    let arguments = ["search", "ring", "--repeat", "5", "--keep-alive"];
    let granted =
        message("text/json", "utf-8", KEEP_ALIVE, b"{\"result\": \"yes\"}");
    let (code, stdout, stderr) = run(&arguments, move |stream| {
        let mut peer = Peer::new(stream).unwrap();
        let request = keep_alive_search("ring");
        peer.expect(&request).unwrap();
        peer.expect_silence(Duration::from_millis(100)).unwrap();
        peer.send(&granted).unwrap();
        // The other four at once.
        peer.expect(&request.repeat(4)).unwrap();
        peer.send(&granted.repeat(4)).unwrap();
        peer.expect_end().unwrap();
    });
    assert_eq!((code, stdout.lines().count()), (Some(0), 5), "{stderr}");
}

#[test]
fn a_connection_that_ends_in_between_is_opened_anew_for_the_rest() {
    let server = crate::wire::target(&["--keep-alive-max", "7"])
        .start("127.0.0.1")
        .unwrap();
    let arguments = ["search", "ring", "--repeat", "100", "--keep-alive"];
    let (code, stdout, stderr) =
        finish(start(server.address.port(), &arguments));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout.lines().count(), 100);
}

#[test]
fn verbose_it_takes_the_messages_apart() {
    let server = server();
    let (_, _, stderr) =
        finish(start(server.address.port(), &["search", "ring", "-v"]));
    for line in [
        "sending 142 bytes:",
        "  length       2 bytes  103, big-endian\n           00 67\n",
        "content-type      text/json\n",
        "content-length    37\n",
        "  content     37 bytes  {\"action\": \"search\", \"value\": \"ring\"}\n",
        "received ",
    ] {
        assert!(stderr.contains(line), "{line:?}: {stderr}");
    }
}

#[test]
fn large_requests_and_large_answers_cross_without_a_deadlock() {
    let path = std::env::temp_dir()
        .join(format!("large-values-{}.json", std::process::id()));
    let (key, answer) = ("k".repeat(1 << 20), "a".repeat(4 << 20));
    std::fs::write(&path, format!("{{\"{key}\": \"{answer}\"}}")).unwrap();
    let server = crate::wire::target(&["--values", path.to_str().unwrap()])
        .start("127.0.0.1")
        .unwrap();
    std::fs::write(&path, &key).unwrap();
    let arguments = ["search", "--file", path.to_str().unwrap()];
    let flags = ["--repeat", "8", "--keep-alive", "--timeout", "0"];
    let client = start(
        server.address.port(),
        &[arguments.as_slice(), &flags].concat(),
    );
    let (code, stdout, stderr) = finish(client);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout.len(), 8 * (answer.len() + 1));
}

#[test]
fn an_answer_that_comes_before_the_request_is_all_sent_is_shown() {
    let server = server();
    let path =
        std::env::temp_dir().join(format!("too-large-{}", std::process::id()));
    std::fs::write(&path, vec![b'x'; 64 << 20]).unwrap();
    let arguments = ["binary", "--file", path.to_str().unwrap()];
    let (code, _, stderr) = finish(start(server.address.port(), &arguments));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(code, Some(1));
    assert!(stderr.contains("limit is 8388608"), "{stderr}");
}
