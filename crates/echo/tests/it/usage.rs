//! Wrong usage, help, and outputs that nobody reads.

use std::process::{Command, Stdio};

use test_support::{DEADLINE, Program, Target};

const PROGRAMS: [&str; 2] = [
    env!("CARGO_BIN_EXE_echo-server"),
    env!("CARGO_BIN_EXE_echo-client"),
];

fn run(program: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(program);
    command.args(arguments);
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    for program in PROGRAMS {
        for flag in ["-h", "--help"] {
            let (code, stdout, _) = run(program, &[flag]);
            assert_eq!(code, Some(0));
            assert!(stdout.contains("Example"), "{stdout}");
            for line in stdout.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    for program in PROGRAMS {
        for arguments in [
            &["127.0.0.1", "65536"] as &[&str],
            &["127.0.0.1", "http"],
            &["127.0.0.1", "-1"],
            &["--no-such-flag"],
            &["-v", "-q"],
        ] {
            let (code, _, stderr) = run(program, arguments);
            assert_eq!(code, Some(2), "{stderr}");
            assert!(stderr.contains(arguments[arguments.len() - 1]), "{stderr}");
        }
    }
    let client = PROGRAMS[1];
    for nonsense in ["-1", "ten", "inf", "1e99"] {
        let (code, _, stderr) = run(client, &[&format!("--timeout={nonsense}")]);
        assert_eq!(code, Some(2));
        assert!(stderr.contains("expected seconds"), "{stderr}");
    }
    let (code, _, stderr) = run(client, &["127.0.0.1", "0"]);
    assert_eq!(code, Some(2), "{stderr}");
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    for program in PROGRAMS {
        let (code, _, stderr) = run(program, &["no such host", "1"]);
        assert_eq!(code, Some(1));
        assert!(stderr.starts_with("error: cannot resolve \"no such host\""));
        assert_eq!(stderr.lines().count(), 1);
    }
}

#[test]
fn a_server_whose_output_nobody_reads_still_serves() {
    let target = Target::new(PROGRAMS[0], &["--forever"]);
    // The port is known beforehand, since the ready line goes nowhere.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut command = target.command("127.0.0.1", &address.port().to_string());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let deadline = std::time::Instant::now() + DEADLINE;
    let mut peer = loop {
        match test_support::Peer::connect(address) {
            Ok(peer) => break peer,
            Err(error) => assert!(std::time::Instant::now() < deadline, "{error:#}"),
        }
    };
    peer.round_trip(b"anybody?").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
}
