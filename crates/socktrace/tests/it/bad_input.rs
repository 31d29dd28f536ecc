//! Wrong usage, programs that do other than a server and a client would, and files that are
//! no traces: a line that says so, the exit status that fits, and nothing left running.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use test_support::usage::check_screen;

use crate::support::{Ended, SOCKTRACE, check_nothing_left, mark, run, script, socktrace};

/// Runs `socktrace` with these words, which are wrong: it says so with these words, and
/// ends with that status.
#[track_caller]
fn check<W: AsRef<str>>(words: &[W], status: i32, complaint: &str) -> Ended {
    let ended = run(socktrace(words));
    check_complaint(&ended, status, complaint);
    ended
}

#[track_caller]
fn check_complaint(ended: &Ended, status: i32, complaint: &str) {
    assert_eq!(ended.status.code(), Some(status), "{ended:?}");
    assert!(ended.stderr.starts_with("error: "), "{ended:?}");
    assert!(ended.stderr.contains(complaint), "{ended:?}");
    // What clap says has a line on usage as well.
    if status == 1 {
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
}

#[test]
fn commands_without_their_separator_are_refused() {
    for tool in ["trace", "step"] {
        let one = "expected one `::`";
        check(&[tool, "--", "true"], 2, one);
        check(&[tool, "--", "true", "::", "true", "::", "true"], 2, one);
        let side = "expected a command on either side of `::`";
        check(&[tool, "--", "::", "true"], 2, side);
        check(&[tool, "--", "true", "::"], 2, side);
        check(&[tool, "--", "::"], 2, side);
        check(&[tool], 2, "expected a stage");
        check(&[tool, "--"], 2, "expected a stage");
        check(&[tool, "no-stage"], 2, "no-stage");
    }
    check(&["trace", "--one"], 2, "--one wants a command");
    check(&["trace", "--one", "--"], 2, "--one wants a command");
    check(&["trace", "--one", "echo"], 2, "--one");
}

#[test]
fn flags_without_sense_are_refused() {
    let pair = ["--", "true", "::", "true"];
    for (flag, value) in [
        ("--only", "nonsense"),
        ("--only", ""),
        ("--bytes", "-1"),
        ("--bytes", "many"),
        ("--timeout", "nonsense"),
        ("--timeout", "-1"),
        ("--timeout", "inf"),
        ("--nonsense", ""),
    ] {
        check(&[&["trace", flag, value][..], &pair].concat(), 2, flag);
    }
    check(&["trace", "--from", "x", "--json", "y"], 2, "--json");
    check(&["trace", "--from", "x", "echo"], 2, "--from");
    check(&["nonsense"], 2, "nonsense");
}

#[test]
fn help_fits_the_screen() {
    for tool in ["trace", "step"] {
        check_screen(SOCKTRACE, &[tool, "--help"]);
    }
}

/// Files that can't be run, and what is said of them.
fn not_programs(folder: &Path) -> [(PathBuf, &'static str); 3] {
    let file = folder.join("not executable");
    fs::write(&file, "").unwrap();
    let missing = folder.join("missing\u{1b}[31m");
    [
        (missing, "No such file"),
        (file, "Permission denied"),
        (folder.to_owned(), "Permission denied"),
    ]
}

#[test]
fn what_is_no_program_is_named() {
    let folder = TempDir::new().unwrap();
    let mark = mark();
    let [python, server] = script("forks_and_waits.py");
    for (file, why) in not_programs(folder.path()) {
        let file = file.to_str().unwrap();
        let one = check(&["trace", "--one", "--", file], 1, why);
        let first = check(&["trace", "--", file, "::", "true"], 1, why);
        for ended in [one, first] {
            assert!(
                ended.stderr.starts_with("error: cannot start "),
                "{ended:?}"
            );
            assert!(!ended.stderr.contains('\u{1b}'), "{ended:?}");
            assert_eq!(ended.stdout, "");
        }
        let words = ["trace", "--", &python, &server, "0", &mark, "::", file];
        let ended = check(&words, 1, why);
        assert!(
            ended.stderr.starts_with("error: cannot start "),
            "{ended:?}"
        );
        // The server was there, which is shown.
        assert!(ended.stdout.contains("listen("), "{ended:?}");
        check_nothing_left(&mark);
    }
}

#[test]
fn a_server_that_never_listens_is_ended() {
    let mark = mark();
    let [python, waits] = script("waits.py");
    for more in [&mark, "deaf"] {
        let words = [
            "trace",
            "--timeout",
            "0.5",
            "--",
            &python,
            &waits,
            &mark,
            more,
        ];
        let words = [&words[..], &["::", "true"]].concat();
        check(&words, 1, "the server has not listened within 0.5 s");
        check_nothing_left(&mark);
    }
}

#[test]
fn a_server_that_ends_at_once_is_told_of() {
    let ended = "the server ended before it listened";
    check(&["trace", "--", "true", "::", "true"], 1, ended);
    check(&["trace", "--", "false", "::", "true"], 1, ended);
    let shown = check(
        &[
            "trace",
            "--",
            "sh",
            "-c",
            "echo why >&2; exit 3",
            "::",
            "true",
        ],
        1,
        ended,
    );
    assert!(shown.stdout.contains("why"), "{shown:?}");
}

#[test]
fn a_client_that_never_connects_ends_the_server_when_it_ends() {
    let mark = mark();
    let [python, server] = script("forks_and_waits.py");
    for (client, status) in [("true", 0), ("false", 1)] {
        let words = ["trace", "--", &python, &server, "3", &mark, "::", client];
        let ended = run(socktrace(&words));
        assert_eq!(ended.status.code(), Some(status), "{ended:?}");
        assert_eq!(ended.stderr, "");
        check_nothing_left(&mark);
    }
}

#[test]
fn a_client_that_never_ends_is_ended() {
    let mark = mark();
    let [python, server] = script("forks_and_waits.py");
    let [_, client] = script("waits.py");
    let words = [
        "trace",
        "--timeout",
        // The server has to start in that time, too.
        "3",
        "--",
        &python,
        &server,
        "3",
        &mark,
        "::",
    ];
    let words = [&words[..], &[&python, &client, &mark]].concat();
    check(&words, 1, "the client has not ended within 3 s");
    check_nothing_left(&mark);
}

#[test]
fn a_program_that_crashes_is_shown_with_what_it_died_of() {
    let mark = mark();
    let [python, server] = script("forks_and_waits.py");
    let words = [
        "trace",
        "--",
        &python,
        &server,
        "3",
        &mark,
        "::",
        "sh",
        "-c",
        "kill -SEGV $$",
    ];
    let ended = run(socktrace(&words));
    assert_eq!(ended.status.code(), Some(128 + 11), "{ended:?}");
    assert!(ended.stdout.contains("SIGSEGV"), "{ended:?}");
    check_nothing_left(&mark);
}

/// What isn't a trace, and what is said of it.
fn not_traces(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let file = |name: &str, text: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let header =
        r#"{"record":"trace","version":1,"architecture":"x86_64","programs":[],"bytes_kept":1}"#;
    let later = header.replace(r#""version":1"#, r#""version":2"#);
    vec![
        (folder.join("missing"), "cannot open"),
        (folder.to_owned(), "cannot read the trace"),
        (PathBuf::from("/dev/zero"), "not a trace"),
        (PathBuf::from("/dev/null"), "not a trace"),
        (file("version", later.as_bytes()), "trace of version 2"),
        (
            file("short", format!("{header}\n").as_bytes()),
            "cut short after line 1",
        ),
        (file("half", &header.as_bytes()[..40]), "not a trace"),
        (file("text", b"GET / HTTP/1.1\r\n\r\n"), "not a trace"),
        (file("bytes", b"\x1b[31m\xff\x00\n"), "not a trace"),
        (
            file(
                "broken",
                format!("{header}\n{{\"record\":\"call\"}}\n").as_bytes(),
            ),
            "line 2: ",
        ),
    ]
}

#[test]
fn what_is_no_trace_is_told_of() {
    let folder = TempDir::new().unwrap();
    for (file, why) in not_traces(folder.path()) {
        for words in [&["trace", "--from"][..], &["step", "--replay"]] {
            let mut command = socktrace(words);
            command.arg(&file);
            let ended = run(command);
            // Without a terminal, a trace that ends early is as little steppable as any.
            let is_cut = why.starts_with("cut short") && words[0] == "step";
            let why = if is_cut {
                "stepping needs a terminal"
            } else {
                why
            };
            check_complaint(&ended, 1, why);
            assert!(!ended.stderr.contains('\u{1b}'), "{ended:?}");
        }
    }
}

#[test]
fn without_a_terminal_stepping_is_tracing_which_is_said() {
    let [python, path] = script("last_words.py");
    let words = [
        "step", "--", &python, &path, "::", &python, &path, "{host}", "{port}",
    ];
    let ended = run(socktrace(&words));
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(
        ended.stderr.contains("stepping needs a terminal"),
        "{ended:?}"
    );
    assert!(ended.stdout.contains("connect("), "{ended:?}");
}

#[test]
fn a_recorded_trace_is_not_stepped_through_without_a_terminal() {
    let file =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/fixtures/echo.jsonl");
    let mut command = Command::new(SOCKTRACE);
    command.args(["step", "--replay"]).arg(file);
    check_complaint(&run(command), 1, "stepping needs a terminal");
}
