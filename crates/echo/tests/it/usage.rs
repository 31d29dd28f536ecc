//! Wrong usage, help, and outputs that nobody reads.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;

use test_support::{DEADLINE, Peer, Target, usage};

const SERVER: &str = env!("CARGO_BIN_EXE_echo-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_echo-client");
const PROGRAMS: [&str; 2] = [SERVER, CLIENT];

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    for program in PROGRAMS {
        usage::check_screen(program, &["-h"]);
        usage::check_screen(program, &["--help"]);
    }
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    for program in PROGRAMS {
        usage::check_wrong(program, &["127.0.0.1", "65536"], "65536");
        usage::check_wrong(program, &["127.0.0.1", "http"], "http");
        usage::check_wrong(program, &["127.0.0.1", "-1"], "-1");
        usage::check_wrong(program, &["--no-such-flag"], "--no-such-flag");
        usage::check_wrong(program, &["-v", "-q"], "--quiet");
    }
    for nonsense in ["-1", "ten", "inf", "NaN", "1e99"] {
        let timeout = format!("--timeout={nonsense}");
        usage::check_wrong(CLIENT, &[&timeout], "expected seconds");
    }
    usage::check_wrong(CLIENT, &["127.0.0.1", "0"], "0 is not in 1..=65535");
    usage::check_wrong(
        CLIENT,
        &["127.0.0.1", "1", "-", "-m", "x"],
        "--message",
    );
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    for program in PROGRAMS {
        usage::check_unresolvable(program);
    }
}

#[test]
fn a_server_whose_output_nobody_reads_still_serves() {
    let target = Target::new(SERVER, &["--forever"]);
    // The port is known beforehand, since the ready line goes nowhere.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut command = target.command("127.0.0.1", &address.port().to_string());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let deadline = Instant::now() + DEADLINE;
    let mut peer = loop {
        match Peer::connect(address) {
            Ok(peer) => break peer,
            Err(error) => assert!(Instant::now() < deadline, "{error:#}"),
        }
    };
    peer.round_trip(b"anybody?").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
}
