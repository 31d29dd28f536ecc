//! Programs that misbehave, and the checker's own promises: it always ends, with a
//! whole report, and leaves no process behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use test_support::usage::{check_screen, check_wrong};
use test_support::{Program, require_tool};

use crate::checker::{checker, complaints, finish, finish_within, tests, verdicts};

/// What a few rows of a program that says nothing take at most.
const BOUND: Duration = Duration::from_secs(60);

fn bad(kind: &str, rows: &str) -> Command {
    checker(&format!(
        "multiconn --format json --timeout 2 --only {rows} -- python3 robust/bad.py {kind} {{host}} {{port}}"
    ))
}

/// The program is judged to the end, and these are the verdicts on the rows.
#[track_caller]
fn check(kind: &str, expected: &[(&str, &str)]) -> String {
    let rows: Vec<&str> = expected.iter().map(|(row, _)| *row).collect();
    let run = finish_within(BOUND, bad(kind, &rows.join(",")));
    let verdicts = run.verdicts();
    let told = complaints(&verdicts);
    assert_eq!(verdicts.len(), expected.len(), "{told}");
    for (row, verdict) in expected {
        assert_eq!(verdicts[*row].0, *verdict, "{row}:{told}");
    }
    let all_hold = expected.iter().all(|(_, verdict)| *verdict == "holds");
    assert_eq!(run.code, Some(i32::from(!all_hold)));
    told
}

#[track_caller]
fn check_refused(command: Command, words: &[&str]) {
    let run = finish_within(BOUND, command);
    assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

#[test]
fn what_never_listens_or_does_not_exist_cannot_be_judged() {
    check_refused(
        bad("never-listens", "E-01"),
        &["before it listened", "exit status: 3", "thinking about it"],
    );
    check_refused(
        checker("echo -- ./no-such-program {port}"),
        &["./no-such-program"],
    );
}

#[test]
fn a_server_deaf_to_signals_is_ended_all_the_same() {
    check("deaf", &[("E-01", "holds"), ("E-08", "fails")]);
}

#[test]
fn children_that_left_are_ended_too() {
    let mark = format!("left-behind-by-{}", std::process::id());
    let run = finish_within(
        BOUND,
        checker(&format!(
            "echo --format json --only E-01,E-04 -- python3 robust/bad.py leaves-children {{host}} {{port}} {mark}"
        )),
    );
    assert_eq!(run.code, Some(0), "{}", complaints(&run.verdicts()));
    let left: Vec<String> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
        .map(|words| String::from_utf8_lossy(&words).into_owned())
        .filter(|words| words.contains(&mark))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_flood_of_output_is_read_and_thrown_away() {
    check("floods", &[("E-01", "holds"), ("E-04", "holds")]);
}

#[test]
fn a_server_that_eats_memory_is_ended() {
    check_refused(bad("eats-memory", "E-01"), &["more than 2 GiB of memory"]);
}

#[test]
fn silence_is_given_up() {
    let told = check(
        "never-answers",
        &[("E-01", "fails"), ("E-04", "not-judged")],
    );
    assert!(told.contains("nothing for 2 s"), "{told}");
    assert!(told.contains("it needs E-01"), "{told}");
}

#[test]
fn the_exit_status_tells_the_result() {
    check("good", &[("E-01", "holds")]);
    check("good", &[("M-13", "fails")]);
    check_refused(checker("echo --only M-01 -- true"), &["no row \"M-01\""]);
    check_refused(checker("echo --only E-99 --list"), &["\"E-99\""]);
}

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    const CHECKER: &str = env!("CARGO_BIN_EXE_checker");
    check_screen(CHECKER, &["-h"]);
    check_screen(CHECKER, &["--help"]);
    check_wrong(CHECKER, &["echo", "--timeout", "-1"], "expected seconds");
}

#[test]
fn the_rows_are_listed() {
    let run = finish(checker("multiconn --list"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for words in ["server\n", "client\n", "  E-01  core ", "  M-24  robust "] {
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
    assert!(!run.stdout.contains("A-01"), "{}", run.stdout);
}

#[test]
fn each_submission_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let script = tests().join("robust/bad.py");
    let script = script.display();
    for (name, command) in [
        (
            "ann",
            Some(format!(
                "# my server\npython3 {script} good {{host}} {{port}}\n"
            )),
        ),
        ("bob", None),
        (
            "cem",
            Some(format!("python3 {script} never-answers {{host}} {{port}}")),
        ),
    ] {
        let submission = folder.path().join("in").join(name);
        fs::create_dir_all(&submission).unwrap();
        if let Some(command) = command {
            fs::write(submission.join("run.txt"), command).unwrap();
        }
    }
    let mut command = checker("echo --only E-01,E-02 --timeout 2 --each in --output out");
    command.current_dir(folder.path());
    let run = finish_within(BOUND, command);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let read = |file: &str| fs::read_to_string(folder.path().join("out").join(file)).unwrap();
    assert_eq!(run.stdout, read("check.txt"));
    for (name, what) in [
        ("ann ", " 2 "),
        ("no run.txt in: ", "bob"),
        ("cem ", "E-01"),
    ] {
        let line = run.stdout.lines().find(|line| line.starts_with(name));
        assert!(
            line.is_some_and(|line| line.contains(what)),
            "{name}: {}",
            run.stdout
        );
    }
    let json: Value = serde_json::from_str(&read("check.json")).unwrap();
    assert_eq!(verdicts(&json[0])["E-02"].0, "holds");
    assert!(
        json[1]["error"].as_str().unwrap().contains("run.txt"),
        "{json}"
    );
    assert_eq!(verdicts(&json[2])["E-01"].0, "fails");
    check_xml(&read("check.xml"), 3);
}

/// Well formed by the parser of Python's own library, with as many suites.
#[track_caller]
pub(crate) fn check_xml(xml: &str, n_suites: usize) {
    if !require_tool("python3") {
        return;
    }
    let mut python = Command::new("python3");
    python.args([
        "-c",
        "import sys; from xml.etree import ElementTree as tree; \
         print(len(tree.fromstring(sys.stdin.buffer.read()).findall('testsuite')))",
    ]);
    let mut python = Program::start_with_input(python, xml.into()).unwrap();
    let (status, n_found, stderr) = python.finish(BOUND).unwrap();
    assert!(status.success(), "{stderr}\n{xml}");
    assert_eq!(
        String::from_utf8(n_found).unwrap().trim(),
        n_suites.to_string()
    );
}

#[test]
fn the_junit_report_is_well_formed() {
    let run = finish(checker(
        "echo --format junit --timeout 2 --only E-01,E-04 -- python3 mutants/echo.py {host} {port} --mutant drops-zeros",
    ));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("<failure ") && run.stdout.contains("<skipped "));
    check_xml(&run.stdout, 1);
}

#[test]
fn a_running_server_is_judged_without_its_process() {
    let mut server = Command::new("python3");
    server
        .current_dir(tests())
        .args(["-u", "-c"])
        .arg("import socket, sys, threading\n\
              sys.argv = ['', 'nothing', '', '']\n\
              nothing = lambda *_: None\n\
              exec(open('robust/bad.py').read().rpartition('\\n\\n')[0])\n\
              listener = socket.create_server(('127.0.0.1', 0))\n\
              print(listener.getsockname()[1])\n\
              while True:\n    threading.Thread(target=echo, args=[listener.accept()[0]], daemon=True).start()")
        .stderr(Stdio::null());
    let server = Program::start(server).unwrap();
    let port = server.first_line().unwrap();
    let run = finish_within(
        BOUND,
        checker(&format!(
            "multiconn --format json --timeout 2 --only E-01,M-01,M-05,M-13 --connect 127.0.0.1:{port}"
        )),
    );
    let verdicts = run.verdicts();
    let told = complaints(&verdicts);
    for (row, verdict) in [
        ("E-01", "holds"),
        ("M-01", "holds"),
        ("M-05", "not-judged"),
        ("M-13", "not-judged"),
    ] {
        assert_eq!(verdicts[row].0, verdict, "{row}:{told}");
    }
    assert_eq!(run.code, Some(0));
}

#[test]
fn two_checkers_at_once_do_not_meet() {
    let command = || bad("good", "E-01,E-02,E-04,E-05,E-06,E-07,M-01,M-02,M-07");
    let mut first = Program::start(command()).unwrap();
    let second = finish_within(BOUND, command());
    let (status, stdout, stderr) = first.finish(BOUND).unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{stdout}{stderr}");
    assert_eq!(second.code, Some(0), "{}", complaints(&second.verdicts()));
}

#[test]
fn who_never_gives_up_is_found_by_patience_alone() {
    for (judged, row, command) in [
        (
            "multiconn --client",
            "M-24",
            "mutants/echo_client.py {host} {port} {connections} --mutant no-deadline",
        ),
        ("app-protocol", "A-12", "mutants/app.py {host} {port}"),
    ] {
        let run = finish_within(
            BOUND,
            checker(&format!(
                "{judged} --format json --patience 3 --only {row} -- python3 {command}"
            )),
        );
        let verdicts = run.verdicts();
        assert_eq!(verdicts[row].0, "fails", "{}", complaints(&verdicts));
    }
}

#[test]
fn in_the_folder_of_the_programs_ours_are_found_there() {
    let checker = Path::new(env!("CARGO_BIN_EXE_checker"));
    let is_built = checker.with_file_name("echo-server").is_file();
    if !test_support::require(is_built, "no echo-server beside the checker") {
        return;
    }
    let mut command = Command::new(checker);
    command.args(["echo", "--only", "E-01"]);
    command.current_dir(checker.parent().unwrap());
    let run = finish(command);
    assert_eq!(run.code, Some(0), "{} {}", run.stdout, run.stderr);
}
