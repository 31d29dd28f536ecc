//! Good programs that are easily blamed for what isn't their doing, and bad ones
//! whose cause is easily mistaken.

use std::process::Command;

use test_support::require_tool;

use crate::checker::{checker, complaints, finish, tests};

/// Judges `row` of the command; its verdict, and what was told of it.
#[track_caller]
fn judged(judged: &str, row: &str, command: &str) -> (String, String) {
    let run = finish(checker(&format!(
        "{judged} --format json --timeout 2 --only {row} -- {command}"
    )));
    let verdicts = run.verdicts();
    let told = complaints(&verdicts);
    (verdicts[row].0.clone(), told)
}

#[track_caller]
fn check_holds(stage: &str, row: &str, command: &str) {
    let (verdict, told) = judged(stage, row, command);
    assert_eq!(verdict, "holds", "{told}");
}

#[test]
fn a_heap_that_finds_its_size_is_no_leak() {
    if require_tool("node") {
        check_holds("multiconn", "M-09", "node blame/echo.js {host} {port}");
    }
}

#[test]
fn words_in_another_language_are_not_judged() {
    for (stage, row, kind) in [("echo", "E-09", "serve"), ("echo --client", "E-14", "come")] {
        let command = format!("python3 blame/other_tongue.py {kind} {{host}} {{port}}");
        let (verdict, told) = judged(stage, row, &command);
        assert_eq!(verdict, "not-judged", "{told}");
        assert!(told.contains("isn't understood"), "{told}");
    }
}

#[test]
fn all_parts_that_fail_are_told_at_once() {
    let command = "python3 mutants/echo.py {host} {port} --mutant no-cause";
    let (verdict, told) = judged("echo", "E-09", command);
    assert_eq!(verdict, "fails", "{told}");
    for part in ["the address 127.0.0.1, port", "the address 192.0.2.1, port"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn no_verdict_hangs_on_a_silent_name_server() {
    // A network of its own, whose name server takes questions and never answers.
    let unshare = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "--mount"]);
        command.args(words);
        command
    };
    if !require_tool("unshare") {
        return;
    }
    if !unshare(&["true"])
        .status()
        .is_ok_and(|status| status.success())
    {
        println!("skipped: no right to a network of its own");
        return;
    }
    let mut command = unshare(&["sh", "blame/silent_names.sh"]);
    command
        .current_dir(tests())
        .arg(env!("CARGO_BIN_EXE_checker"));
    command
        .args("echo --format json --only E-09 -- python3 mutants/echo.py {host} {port}".split(' '));
    let verdicts = finish(command).verdicts();
    assert_eq!(verdicts["E-09"].0, "holds", "{}", complaints(&verdicts));
}

const CLIENT: &str = "python3 mutants/echo_client.py {host} {port} {connections} {value}";

#[test]
fn a_client_that_starts_slowly_says_in_time_that_nobody_listens() {
    check_holds(
        "echo --client",
        "E-14",
        "sh blame/starts_slowly.sh python3 mutants/echo_client.py {host} {port} {connections} {value}",
    );
}

#[test]
fn a_message_in_two_writes_is_one_message() {
    let command = "python3 blame/two_writes.py {host} {port} {value}";
    for row in ["E-11", "E-12", "E-13", "E-14"] {
        check_holds("echo --client", row, command);
    }
}

#[test]
fn the_right_line_too_late_is_told_as_just_that() {
    let command = format!("{CLIENT} --mutant late-end");
    let (verdict, told) = judged("echo --client", "E-14", &command);
    assert_eq!(verdict, "fails", "{told}");
    assert!(
        told.contains("the right line, but the end only after"),
        "{told}"
    );
}

#[test]
fn all_ways_to_stop_are_tried() {
    let command = "python3 mutants/echo.py {host} {port} --mutant stop-exits-1";
    let (verdict, told) = judged("multiconn", "M-13", command);
    assert_eq!(verdict, "fails", "{told}");
    for signal in [
        "the signal Terminate: it ended",
        "the signal Interrupt: it ended",
    ] {
        assert!(told.contains(signal), "{signal}: {told}");
    }
}

/// The row fails, and this is told as the likely cause.
#[track_caller]
fn check_cause(row: &str, command: &str, cause: &str) {
    let run = finish(checker(&format!(
        "multiconn --format json --timeout 2 --only {row} -- {command}"
    )));
    let told = run.json()["parts"][0]["rows"][0]["cause"].to_string();
    assert!(
        told.contains(cause),
        "{told}{}",
        complaints(&run.verdicts())
    );
}

#[test]
fn a_server_deaf_to_sigterm_is_told_that() {
    let command = "python3 mutants/echo.py {host} {port} --mutant deaf-to-sigterm";
    check_cause("E-08", command, "SIGTERM is ignored");
}

const SMALL_BACKLOG: &str = "python3 mutants/echo.py {host} {port} --mutant small-backlog";

#[test]
fn a_small_backlog_is_no_edge_triggering() {
    check_cause(
        "M-03",
        SMALL_BACKLOG,
        "the backlog given to listen is small",
    );
}

#[test]
fn a_small_backlog_alone_is_no_lack_of_descriptors() {
    check_holds("multiconn", "M-08", SMALL_BACKLOG);
}

#[test]
fn a_server_of_lines_is_blamed_once() {
    let run = finish(checker(
        "echo --format json --timeout 1 --only E-01,E-06,E-07 -- python3 blame/lines.py {host} {port}",
    ));
    let verdicts = run.verdicts();
    let told = complaints(&verdicts);
    for (row, verdict) in [
        ("E-01", "fails"),
        ("E-06", "not-judged"),
        ("E-07", "not-judged"),
    ] {
        assert_eq!(verdicts[row].0, verdict, "{row}:{told}");
    }
}

#[test]
fn a_client_that_cannot_be_told_how_many_connections_is_not_judged_by_them() {
    let run = finish(checker(
        "multiconn --client --format json --only M-21 -- \
         python3 mutants/echo_client.py {host} {port} 2",
    ));
    let (verdict, told) = &run.verdicts()["M-21"];
    assert!(
        verdict == "not-judged" && told.contains("{connections}"),
        "{told}"
    );
}
