//! Our programs and Python's, each the other's peer. The Python programs are in
//! the guide's design.

use std::env;
use std::process::Command;

use checker::{Side, Stage, Subject, Trial, row};
use test_support::{
    DEADLINE, Program, Server, Target, python_peer, require_tool,
};

fn python(script: &str, arguments: &[&str]) -> Command {
    python_peer("multiconn", script, arguments)
}

#[test]
fn our_client_speaks_with_the_python_server() {
    if !require_tool("python3") {
        return;
    }
    let command = python("multiconn_server.py", &["127.0.0.1", "0"]);
    let server = Server::start(command).unwrap();
    let port = server.address.port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_multiconn-client"));
    command.args(["127.0.0.1", &port, "20"]);
    let mut client = Program::start(command).unwrap();
    let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    assert!(stdout.starts_with(b"20 connections, 40 messages, "));
}

#[test]
fn the_python_client_speaks_with_our_server() {
    if !require_tool("python3") {
        return;
    }
    let target = Target::new(env!("CARGO_BIN_EXE_multiconn-server"), &[]);
    let server = target.start("127.0.0.1").unwrap();
    let port = server.address.port().to_string();
    let command = python("multiconn_client.py", &["127.0.0.1", &port, "20"]);
    let mut client = Program::start(command).unwrap();
    let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    let stdout = String::from_utf8(stdout).unwrap();
    assert_eq!(stdout.matches("Closing connection").count(), 20, "{stdout}");
}

#[test]
fn the_python_server_is_one_of_its_kind() {
    if !require_tool("python3") {
        return;
    }
    // Or the tests above would prove nothing: it keeps the guide's promises.
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap();
    let script = format!("{folder}/tests/peers/multiconn_server.py");
    let words = ["python3", &script, "{host}", "{port}"];
    let server = Subject::command(&words);
    let trial = Trial::new(Stage::Multiconn, Side::Server, server);
    for id in ["E-01", "M-01", "M-02"] {
        let row = row(trial.stage, trial.side, id).unwrap();
        trial.check(row, None).unwrap();
    }
}
