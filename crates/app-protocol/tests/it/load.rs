//! The load generator in messages.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};
use test_support::{DEADLINE, Program, Server, Target, accept, python_peer, require_tool};

use crate::wire::server;

fn put_load(port: u16, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_app-client"));
    command
        .args(["127.0.0.1", &port.to_string()])
        .args(arguments)
        .arg("--json");
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    let report = serde_json::from_slice(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
    (status.code(), report, stderr)
}

#[track_caller]
fn check_all_answered(server: &Server, flags: &[&str], n_connections: Option<u64>) {
    let request = ["search", "morpheus", "--messages", "1000"];
    let (code, report, stderr) = put_load(server.address.port(), &[&request, flags].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(report["messages"], 1000);
    assert_eq!(report["errors"], json!({}));
    if let Some(n) = n_connections {
        assert_eq!(report["connections"], n);
    }
}

#[test]
fn each_request_has_its_connection_unless_it_is_kept_alive() {
    let server = server();
    check_all_answered(&server, &["--connections", "8"], Some(1000));
    check_all_answered(&server, &["--connections", "8", "--keep-alive"], Some(8));
    let pipelined = ["--connections", "8", "--keep-alive", "--depth", "16"];
    check_all_answered(&server, &pipelined, Some(8));
}

#[test]
fn requests_that_a_server_need_not_answer_are_sent_again() {
    // It answers ten on a connection, and then closes it, whatever is under way.
    let target = Target::new(
        env!("CARGO_BIN_EXE_app-server"),
        &["--keep-alive-max", "10"],
    );
    let server = target.start("127.0.0.1").unwrap();
    check_all_answered(&server, &["--keep-alive"], Some(100));
    for flags in ["--depth 16", "--rate 5000 --depth 4", "--in-flight 3"] {
        let flags: Vec<&str> = flags.split(' ').collect();
        let all = [&["--connections", "4", "--keep-alive"], &flags[..]].concat();
        check_all_answered(&server, &all, None);
    }
}

#[test]
fn the_guides_server_gets_a_connection_for_each_request() {
    if !require_tool("python3") {
        return;
    }
    let arguments = ["127.0.0.1", "0"];
    let python = python_peer("app_server.py", &arguments);
    let server = Server::start(python).unwrap();
    check_all_answered(&server, &["--connections", "4"], Some(1000));
    // It doesn't know the wish, and so does not grant it.
    let pipelined = ["--connections", "4", "--keep-alive", "--depth", "16"];
    check_all_answered(&server, &pipelined, Some(1000));
}

#[test]
fn a_message_of_any_size_is_sent() {
    let server = server();
    let flags = ["binary", "--size", "100000", "--messages", "10"];
    let (code, report, stderr) = put_load(server.address.port(), &flags);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(report["bytes_sent"].as_u64().unwrap() > 1_000_000);
}

#[test]
fn an_error_answer_is_an_error() {
    let target = Target::new(env!("CARGO_BIN_EXE_app-server"), &["--max-content", "10"]);
    let server = target.start("127.0.0.1").unwrap();
    let flags = [
        "binary",
        "--size",
        "11",
        "--messages",
        "10",
        "--connections",
        "2",
    ];
    let (code, report, stderr) = put_load(server.address.port(), &flags);
    assert_eq!(code, Some(1));
    assert_eq!(report["errors"], json!({ "error answer": 2 }));
    assert!(stderr.contains("limit is 10"), "{stderr}");
}

#[test]
fn what_is_no_message_is_malformed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut stream = accept(&listener).unwrap();
            stream.write_all(b"\0\x02{}").unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let (code, report, stderr) = put_load(port, &["search", "x", "--messages", "10"]);
        assert_eq!(code, Some(1));
        assert_eq!(report["errors"], json!({ "malformed answer": 1 }));
        assert!(stderr.contains("byteorder"), "{stderr}");
    });
}
