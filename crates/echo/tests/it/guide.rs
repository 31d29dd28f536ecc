//! Our programs and Python's, each the other's peer. The Python programs are in
//! the guide's design.

use std::process::Command;

use test_support::{
    DEADLINE, Peer, Program, Server, Target, python_peer, require_tool,
};

fn python(script: &str, arguments: &[&str]) -> Command {
    python_peer("echo", script, arguments)
}

#[test]
fn our_client_speaks_with_the_python_server() {
    if !require_tool("python3") {
        return;
    }
    let server =
        Server::start(python("echo_server.py", &["127.0.0.1", "0"])).unwrap();
    let port = server.address.port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_echo-client"));
    command.args(["127.0.0.1", &port, "--message", "from Rust"]);
    let mut client = Program::start(command).unwrap();
    let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    assert_eq!(stdout, b"received \"from Rust\"\n");
}

#[test]
fn the_python_client_speaks_with_our_server() {
    if !require_tool("python3") {
        return;
    }
    let target = Target::new(env!("CARGO_BIN_EXE_echo-server"), &[]);
    let mut server = target.start("127.0.0.1").unwrap();
    let port = server.address.port().to_string();
    let command =
        python("echo_client.py", &["127.0.0.1", &port, "from Python"]);
    let mut client = Program::start(command).unwrap();
    let (status, stdout, stderr) = client.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    assert_eq!(stdout, b"Received b'from Python'\n");
    assert!(server.status(DEADLINE).unwrap().success());
}

#[test]
fn the_python_server_is_one_of_its_kind() {
    if !require_tool("python3") {
        return;
    }
    // Or the tests above would prove nothing: it echoes, and ends with its client.
    let mut server =
        Server::start(python("echo_server.py", &["127.0.0.1", "0"])).unwrap();
    let mut peer: Peer = server.connect().unwrap();
    peer.round_trip(b"plain").unwrap();
    peer.half_close().unwrap();
    peer.expect_end().unwrap();
    assert!(server.status(DEADLINE).unwrap().success());
}
