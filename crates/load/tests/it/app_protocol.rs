//! Messages of stage 3.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::json;
use test_support::{Server, accept, python_peer, require_tool};

use crate::command::{Outcome, command};
use crate::serve;

#[track_caller]
fn put_load(port: u16, arguments: &str) -> Outcome {
    Outcome::of(command(
        "app-protocol",
        port,
        &format!("{arguments} --json"),
    ))
}

#[track_caller]
fn check_all_answered(port: u16, flags: &str, n_connections: Option<u64>) {
    let outcome = put_load(port, &format!("search ring --messages 1000 {flags}"));
    outcome.check_right();
    assert_eq!(outcome.number("messages"), 1000);
    if let Some(n) = n_connections {
        assert_eq!(outcome.number("connections"), n);
    }
}

#[test]
fn each_request_has_its_connection_unless_it_is_kept_alive() {
    let server = serve::messages();
    let port = server.port();
    check_all_answered(port, "--connections 8", Some(1000));
    check_all_answered(port, "--connections 8 --keep-alive", Some(8));
    check_all_answered(port, "--connections 8 --keep-alive --depth 16", Some(8));
    check_all_answered(port, "--connections 8 --keep-alive --push", Some(8));
}

#[test]
fn requests_that_a_server_need_not_answer_are_sent_again() {
    // It answers ten on a connection, and then closes it, whatever is under way.
    let server = serve::messages_with(1000, 10);
    check_all_answered(server.port(), "--keep-alive", Some(100));
    for flags in [
        "--depth 16",
        "--rate 5000 --depth 4",
        "--in-flight 3",
        "--push",
    ] {
        let all = format!("--connections 4 --keep-alive {flags}");
        check_all_answered(server.port(), &all, None);
    }
}

#[test]
fn the_guides_server_gets_a_connection_for_each_request() {
    if !require_tool("python3") {
        return;
    }
    let arguments = ["127.0.0.1", "0"];
    let python = python_peer("app-protocol", "app_server.py", &arguments);
    let server = Server::start(python).unwrap();
    let port = server.address.port();
    check_all_answered(port, "--connections 4", Some(1000));
    // It doesn't know the wish, and so does not grant it.
    check_all_answered(port, "--connections 4 --keep-alive --depth 16", Some(1000));
}

#[test]
fn without_an_action_it_searches() {
    let server = serve::messages();
    let outcome = put_load(server.port(), "--messages 10");
    outcome.check_right();
    // The guide's own request: a length, 103 bytes of header, 41 of content.
    assert_eq!(outcome.number("bytes_sent"), 10 * (2 + 103 + 41));
}

#[test]
fn a_message_of_any_size_is_sent() {
    let server = serve::messages();
    let outcome = put_load(server.port(), "binary --size 100000 --messages 10");
    outcome.check_right();
    assert!(outcome.number("bytes_sent") > 1_000_000);
}

#[test]
fn an_error_answer_is_an_error() {
    let server = serve::messages_with(10, 100);
    let outcome = put_load(
        server.port(),
        "binary --size 11 --messages 10 --connections 2",
    );
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.report["errors"], json!({ "error answer": 2 }));
    assert!(outcome.stderr.contains("limit is 10"), "{}", outcome.stderr);
}

#[test]
fn what_is_no_message_is_malformed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut stream = accept(&listener).unwrap();
            // Not before the request has come: what nobody has asked for is no answer.
            stream.read_exact(&mut [0]).unwrap();
            stream.write_all(b"\0\x02{}").unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let outcome = put_load(port, "search x --messages 10");
        assert_eq!(outcome.code, Some(1));
        assert_eq!(outcome.report["errors"], json!({ "malformed answer": 1 }));
        assert!(outcome.stderr.contains("byteorder"), "{}", outcome.stderr);
    });
}
