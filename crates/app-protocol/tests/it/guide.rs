//! Our programs and Python's, each the other's peer. The Python programs are in
//! the guide's design.

use std::process::Command;

use test_support::{DEADLINE, Program, Server, python_peer, require_tool};

use crate::wire::server;

fn python(script: &str, arguments: &[&str]) -> Command {
    python_peer("app-protocol", script, arguments)
}

fn finish(command: Command) -> String {
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    String::from_utf8(stdout).unwrap()
}

#[test]
fn our_client_speaks_with_the_python_server() {
    if !require_tool("python3") {
        return;
    }
    let server =
        Server::start(python("app_server.py", &["127.0.0.1", "0"])).unwrap();
    let port = server.address.port().to_string();
    for (arguments, answer) in [
        (
            ["search", "morpheus"].as_slice(),
            "Follow the white rabbit. 🐰\n",
        ),
        (&["search", "🐶"], "🐾 Playing ball! 🏐\n"),
        (&["search", "nobody"], "No match for 'nobody'.\n"),
        (
            &["binary", "data"],
            "\"First 10 bytes of request: binarydata\"\n",
        ),
        // It knows no keep-alive, and our client copes.
        (
            &["search", "x", "--keep-alive", "--repeat", "2"],
            "No match for 'x'.\nNo match for 'x'.\n",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_app-client"));
        command.args(["127.0.0.1", &port]).args(arguments);
        assert_eq!(finish(command), answer);
    }
}

#[test]
fn the_python_client_speaks_with_our_server() {
    if !require_tool("python3") {
        return;
    }
    let server = server();
    let port = server.address.port().to_string();
    for (action, value, answer) in [
        ("search", "morpheus", "Follow the white rabbit. 🐰\n"),
        ("search", "🐶", "🐾 Playing ball! 🏐\n"),
        ("search", "nobody", "No match for 'nobody'.\n"),
        (
            "binary",
            "data",
            "b'First 10 bytes of request: binarydata'\n",
        ),
    ] {
        let command =
            python("app_client.py", &["127.0.0.1", &port, action, value]);
        assert_eq!(finish(command), answer);
    }
}

#[test]
fn the_python_programs_speak_with_each_other() {
    if !require_tool("python3") {
        return;
    }
    let server =
        Server::start(python("app_server.py", &["127.0.0.1", "0"])).unwrap();
    let port = server.address.port().to_string();
    let command =
        python("app_client.py", &["127.0.0.1", &port, "search", "ring"]);
    assert_eq!(
        finish(command),
        "In the caves beneath the Misty Mountains. 💍\n"
    );
}

#[test]
fn encodings_have_pythons_names_and_tables() {
    if !require_tool("python3") {
        return;
    }
    let output = finish(python("encodings_table.py", &[]));
    let mut n_checked = 0;
    for line in output.lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let encoding = app_protocol::encoding::TextEncoding::from_name(name)
            .unwrap_or_else(|| panic!("{name} is unknown"));
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        let text = encoding.decode(&bytes).unwrap();
        assert!(text.starts_with("plain"), "{name}");
        assert_eq!(encoding.encode(&text).unwrap(), bytes, "{name}");
        n_checked += 1;
    }
    assert!(n_checked > 40, "{output}");
}
