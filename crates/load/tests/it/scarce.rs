//! What this machine runs out of, which is no failure of the server.

use std::env;
use std::process::Command;

use serde_json::{Value, json};
use test_support::{DEADLINE, Program, require_tool};

use crate::command::LOAD;
use crate::serve;

/// Starts `load` behind a line for the shell that limits it.
#[track_caller]
fn limited(limit: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new("sh");
    let line = format!("{limit} && exec \"$@\"");
    command.args(["-c", &line, "sh", LOAD]).args(arguments);
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

#[test]
fn too_few_descriptors_are_told_before_anything_is_sent() {
    let arguments = ["echo", "127.0.0.1", "1", "--connections", "11"];
    let (code, stdout, stderr) = limited("ulimit -n 20", &arguments);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert_eq!(
        stderr,
        "error: cannot open 11 connections: after 10, this machine gives no more \
         descriptors (see `ulimit -Hn`); raise the limit, or try fewer --connections\n"
    );
}

#[test]
fn descriptors_that_run_out_midway_are_told_too() {
    let server = serve::echo();
    let port = server.port().to_string();
    // Seven more than it knows of, given to it by whoever starts it.
    let limit = "ulimit -n 30 && exec 3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3";
    let arguments = ["echo", "127.0.0.1", &port, "--connections", "20"];
    let (code, stdout, stderr) = limited(limit, &arguments);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("error: cannot open 20 connections: after 1"));
    assert!(stderr.contains("this machine gives no more descriptors"));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

/// Runs a load in a network of its own, which has twenty ports to connect from, against
/// an echo server in the same network; `None`, and said aloud, if this machine has none.
#[track_caller]
fn with_few_ports(settings: &str, arguments: &str) -> Option<(Option<i32>, String, String)> {
    if !require_tool("python3") || !has_networks() {
        return None;
    }
    let script = format!(
        "ip link set lo up && cd /proc/sys/net/ipv4 && echo 40000 40019 >ip_local_port_range \
         && {settings} echo $$ && exec python3 \"$@\""
    );
    // Not as it was when the test was compiled: the course may have been moved.
    let package = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let server = format!("{package}/../multiconn/tests/peers/multiconn_server.py");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "sh", "-c", &script]);
    command.args(["sh", &server, "127.0.0.1", "7000"]);
    let server = Program::start(command).unwrap();
    let process = server.first_line().unwrap();
    server.wait_for_stdout("listening on").unwrap();
    let mut command = Command::new("nsenter");
    command.args([
        "--preserve-credentials",
        "--user",
        "--net",
        "--target",
        &process,
    ]);
    command.args([LOAD, "echo", "127.0.0.1", "7000", "--json"]);
    command.args(arguments.split(' '));
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(DEADLINE).unwrap();
    Some((status.code(), String::from_utf8(stdout).unwrap(), stderr))
}

/// Whether a network of our own can be made, as a user who isn't root can on most
/// systems. Where it can't be, that is said aloud, and under `REQUIRE_TOOLS=1` it is a
/// failure.
#[track_caller]
fn has_networks() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--user", "--map-root-user", "--net"]);
    let probe = probe.args(["ip", "link", "set", "lo", "up"]).output();
    let is_there = probe.is_ok_and(|output| output.status.success());
    if !is_there {
        let is_required = env::var_os("REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!is_required, "no network of its own, and REQUIRE_TOOLS=1");
        eprintln!("skipped: no network of its own");
    }
    is_there
}

#[test]
fn too_few_ports_are_told() {
    if let Some((code, stdout, stderr)) = with_few_ports("", "--connections 30 --messages 30") {
        assert_eq!((code, stdout.as_str()), (Some(1), ""));
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(
            stderr.starts_with(
                "error: cannot open 30 connections: after 20, this machine has no port left \
                 to connect from (net.ipv4.ip_local_port_range is 40000 to 40019)"
            ),
            "{stderr}"
        );
    }
}

#[test]
fn who_has_to_wait_for_a_port_says_so() {
    if let Some((code, stdout, stderr)) = with_few_ports("", "--reconnect --messages 50") {
        assert_eq!(code, Some(0), "{stderr}");
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(report["messages"], 50);
        assert_eq!(report["errors"], json!({}));
        assert!(report["shortages"]["ports"].as_u64().unwrap() > 0);
        let warning = "warning: waits that are not the server's: ";
        assert!(stderr.contains(warning), "{stderr}");
    }
}

#[test]
fn who_waits_for_a_port_in_vain_says_so_and_does_not_blame_the_server() {
    let arguments = "--reconnect --messages 50 --timeout 0.5";
    if let Some((code, stdout, stderr)) = with_few_ports("echo 0 >tcp_tw_reuse &&", arguments) {
        assert_eq!(code, Some(1), "{stderr}");
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(report["errors"], json!({ "no port here": 1 }));
        assert!(stderr.contains("this machine has no port left"), "{stderr}");
    }
}
