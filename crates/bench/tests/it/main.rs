//! `cargo xtask bench`, as its users meet it: with programs that are not optimised, and
//! in runs too short for figures that mean anything.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs};

use nix::sys::signal::Signal;
use serde_json::Value;
use test_support::usage::{check_screen, check_wrong};
use test_support::{Program, require_tool};

const BENCH: &str = env!("CARGO_BIN_EXE_bench");
/// It builds what it measures, and measures for a while.
const LIMIT: Duration = Duration::from_secs(120);

/// All of them use the same two cores, and the same folder.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn bench(arguments: &str) -> Command {
    let mut command = Command::new(BENCH);
    command.args(arguments.split_whitespace());
    command
}

#[track_caller]
fn finish(command: Command) -> (Option<i32>, String, String) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(LIMIT).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

/// The rows of the one workload in `arguments`.
#[track_caller]
fn rows(command: Command) -> Vec<Value> {
    rows_and_status(command, 0)
}

#[track_caller]
fn rows_and_status(command: Command, status: i32) -> Vec<Value> {
    let (code, stdout, stderr) = finish(command);
    assert_eq!(code, Some(status), "{stderr}");
    let results: Value = serde_json::from_str(&stdout).unwrap();
    for field in ["cpu", "kernel", "congestion_control", "commit", "rustc"] {
        assert!(!results["machine"][field].as_str().unwrap().is_empty());
    }
    results["workloads"][0]["rows"].as_array().unwrap().clone()
}

/// Each of `metrics` was measured, of each of `servers`.
#[track_caller]
fn check_measured(arguments: &str, servers: &[&str], metrics: &[&str]) {
    let only = servers.join(",");
    let mut command = bench(arguments);
    command.args([
        "--only",
        &only,
        "--rounds",
        "1",
        "--seconds",
        "0.1",
        "--json",
    ]);
    let rows = rows(command);
    let names: Vec<&str> = rows
        .iter()
        .map(|row| row["server"].as_str().unwrap())
        .collect();
    assert_eq!(names, servers);
    for row in &rows {
        assert_eq!(row["failure"], Value::Null, "{row}");
        for metric in metrics {
            let median = row["figures"][metric]["median"].as_f64();
            assert!(
                median.is_some_and(|median| median >= 0.0),
                "{metric}: {row}"
            );
        }
    }
}

/// Where the plots are: beside the folder of this program.
fn output_folder() -> PathBuf {
    PathBuf::from(BENCH)
        .ancestors()
        .nth(2)
        .unwrap()
        .join("bench")
}

#[test]
fn messages_are_measured_on_every_server_that_cargo_builds() {
    let servers = [
        "ours",
        "epoll",
        "io_uring",
        "tokio",
        "tokio current",
        "tokio 128K",
        "threads",
        "nonblocking",
        "readiness",
    ];
    let metrics = [
        "messages_per_second",
        "cpu_microseconds",
        "latency_p50",
        "latency_p99",
        "peak_mebibytes",
        "idle_percent",
    ];
    check_measured("ping-pong", &servers, &metrics);
    check_measured("connect", &["ours", "tokio codec"], &metrics);
    check_measured(
        "push",
        &["ours", "tokio 128K"],
        &["cpu_seconds_per_gib", "peak_mebibytes"],
    );
    check_measured("pipelined", &["ours", "tokio codec"], &metrics);
}

#[test]
fn python_is_measured_with_an_environment_of_its_own() {
    if require_tool("python3") {
        let servers = ["selectors", "asyncio", "uvloop"];
        check_measured("latency", &servers, &["latency_p99_9", "cpu_microseconds"]);
        check_measured("keep-alive", &["selectors"], &["messages_per_second"]);
    }
}

#[test]
fn system_calls_are_counted() {
    if require_tool("strace") {
        check_measured(
            "stream",
            &["ours"],
            &["system_calls", "cpu_seconds_per_gib"],
        );
    }
}

#[test]
fn the_machines_own_limit_is_measured() {
    if require_tool("iperf3") {
        check_measured("stream", &["iperf3"], &["megabytes_per_second"]);
    }
}

#[test]
fn many_connections_and_slow_readers_are_measured() {
    let growth = [
        "cpu_growth",
        "cpu_at10",
        "cpu_at50",
        "cpu_at1000",
        "cpu_at10000",
    ];
    check_measured("growth", &["ours"], &growth);
    check_measured(
        "idle",
        &["ours"],
        &["bytes_per_connection", "idle_cpu_milliseconds"],
    );
    check_measured(
        "never-read",
        &["ours"],
        &["peak_mebibytes", "taken_mebibytes"],
    );
}

#[test]
fn anybodys_server_can_be_measured_too() {
    let ours = output_folder()
        .with_file_name("debug")
        .join("multiconn-server");
    let command_line = format!("{} {{host}} {{port}}", ours.display());
    let mut command = bench("ping-pong --only ours --rounds 2 --seconds 0.1");
    command.args(["--server", &command_line]);
    let (code, stdout, stderr) = finish(command);
    assert_eq!(code, Some(0), "{stderr}");
    let row = stdout.lines().find(|line| line.starts_with("server 1 "));
    assert!(row.unwrap().split_whitespace().count() >= 9, "{stdout}");
    for line in stdout.lines().filter(|line| !line.starts_with("with ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let plot = fs::read_to_string(output_folder().join("ping-pong.svg")).unwrap();
    for part in [
        "prefers-color-scheme: dark",
        "messages per second",
        "Linux ",
        "commit ",
    ] {
        assert!(plot.contains(part), "{part}");
    }
    let addresses = plot.matches("http").count();
    let namespaces = plot.matches("xmlns=\"http").count();
    assert_eq!(addresses, namespaces, "nothing is fetched to show it");
}

#[test]
fn a_server_that_is_not_one_fails_and_the_others_go_on() {
    for (server, why) in [
        ("false {port}", "it has ended"),
        ("no-such-program {port}", "cannot start no-such-program"),
    ] {
        let mut command = bench("ping-pong --only ours --rounds 1 --seconds 0.1 --json");
        command.args(["--server", server]);
        let rows = rows_and_status(command, 1);
        assert_eq!(rows[0]["failure"], Value::Null);
        let failure = rows[1]["failure"].as_str().unwrap();
        assert!(failure.contains(why), "{failure}");
    }
}

#[test]
fn a_server_that_a_person_ends_with_enter_is_measured() {
    let ours = output_folder()
        .with_file_name("debug")
        .join("multiconn-server");
    let ours = ours.display();
    let script = format!("[ \"$A\" = b ] && {ours} {{host}} {{port}} & read line; kill $!");
    let mut command = bench("ping-pong --only ours --rounds 1 --seconds 0.1 --json");
    command.args(["--server", &format!("A=b sh -c '{script}'")]);
    let rows = rows(command);
    assert_eq!(rows[1]["failure"], Value::Null, "{}", rows[1]);
}

#[test]
fn what_is_missing_is_named() {
    // Without python3, and with what cargo needs to see that all is built.
    let folder = output_folder().join("no-python");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let path = env::var_os("PATH").unwrap();
    let mut compilers = env::split_paths(&path).map(|folder| folder.join("rustc"));
    let compiler = compilers.find(|path| path.exists()).unwrap();
    symlink(compiler, folder.join("rustc")).unwrap();
    let mut command = bench("ping-pong --only ours,selectors --rounds 1 --seconds 0.1 --json");
    command.env("PATH", &folder);
    let rows = rows(command);
    assert_eq!(rows[0]["failure"], Value::Null, "{}", rows[0]);
    assert_eq!(rows[1]["failure"], "missing: python3 is not installed");
}

#[test]
fn all_can_be_made_ready_before() {
    let (code, stdout, stderr) = finish(bench("ping-pong --only ours,epoll --prepare"));
    assert_eq!(code, Some(0), "{stderr}");
    let lines: Vec<&str> = stdout.lines().skip(2).collect();
    assert!(
        lines[0].starts_with("  ours           works  mio 1."),
        "{stdout}"
    );
    assert_eq!(lines[1], "  epoll          works");
}

#[test]
fn ctrl_c_ends_it() {
    let command = bench("ping-pong --only ours --rounds 100 --seconds 5");
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut program = Program::start(command).unwrap();
    program.wait_for_stdout("commit ").unwrap();
    program.signal(Signal::SIGINT).unwrap();
    let (status, _, stderr) = program.finish(LIMIT).unwrap();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("error: interrupted"), "{stderr}");
}

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    check_screen(BENCH, &["-h"]);
    check_screen(BENCH, &["--help"]);
    check_screen(BENCH, &["--list"]);
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    check_wrong(BENCH, &["nonsense"], "expected one of ping-pong, ");
    check_wrong(BENCH, &["--only", "nobody"], "see --list");
    check_wrong(BENCH, &["--rounds", "0"], "--rounds");
    check_wrong(BENCH, &["--seconds", "0"], "expected seconds");
    check_wrong(BENCH, &["--server", "echo"], "{port}");
    let needs_a_shell = "cd server && ./server {port}";
    check_wrong(BENCH, &["--server", needs_a_shell], "`&&` needs a shell");
}
