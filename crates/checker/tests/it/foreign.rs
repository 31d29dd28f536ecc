//! Servers that nobody here wrote: what they are known to do otherwise fails, and
//! all else holds.

use std::env;
use std::path::Path;
use std::process::Command;

use test_support::require_tool;

use crate::checker::{checker, complaints, finish};

/// A program, and what is known of it.
struct Foreign {
    /// What has to be installed.
    tool: &'static str,
    command: &'static str,
    /// Rows that take a minute where each client is a process or two.
    skipped: &'static str,
    /// Rows that fail, with the evidence.
    fails: &'static [(&'static str, &'static str)],
    /// Rows about which nothing can be said, with the reason.
    not_judged: &'static [(&'static str, &'static str)],
    /// Rows so close to their bound that the machine decides.
    close: &'static [(&'static str, &'static str)],
}

const MANY_PROCESSES: (&str, &str) = (
    "M-08",
    "each client has a process, and so a limit of its own",
);

/// All that isn't as it is known must be told.
#[track_caller]
fn check(foreign: &Foreign) {
    if !is_there(foreign.tool) {
        return;
    }
    let mut command = checker("multiconn --format json");
    if !foreign.skipped.is_empty() {
        command.args(["--skip", foreign.skipped]);
    }
    command.arg("--").args(foreign.command.split('|'));
    let verdicts = finish(command).verdicts();
    let expected = |row: &str| {
        let is_in = |list: &[(&str, &str)]| list.iter().any(|(id, _)| *id == row);
        match (is_in(foreign.fails), is_in(foreign.not_judged)) {
            (true, _) => "fails",
            (_, true) => "not-judged",
            _ => "holds",
        }
    };
    let surprises: Vec<&String> = verdicts
        .iter()
        .filter(|(row, (verdict, _))| expected(row) != verdict)
        .filter(|(row, _)| !foreign.close.iter().any(|(id, _)| id == row))
        .map(|(row, _)| row)
        .collect();
    let known: String = foreign
        .fails
        .iter()
        .chain(foreign.not_judged)
        .map(|(row, why)| format!("\n  {row}: {why}"))
        .collect();
    assert!(
        surprises.is_empty(),
        "{}: surprised by {surprises:?}; it said:{}\nknown was:{known}",
        foreign.command,
        complaints(&verdicts)
    );
}

/// As `require_tool`, but for socat, which has no `--version`.
fn is_there(tool: &str) -> bool {
    let has_socat = || Command::new("socat").arg("-V").output().is_ok();
    (tool == "socat" && has_socat()) || require_tool(tool)
}

#[test]
fn socat() {
    check(&Foreign {
        tool: "socat",
        // Without -t, what is under way half a second after a half-close is lost.
        command: "socat|-t|30|TCP-LISTEN:{port},bind={host},fork,reuseaddr,backlog=1024|EXEC:cat",
        skipped: "M-03,M-09",
        fails: &[
            ("E-09", "told port 99999, it listens on another and goes on"),
            (
                "M-13",
                "SIGTERM ends the process that accepts; its children never notice",
            ),
        ],
        not_judged: &[MANY_PROCESSES],
        close: &[],
    });
}

#[test]
fn ncat() {
    check(&Foreign {
        tool: "ncat",
        command: "ncat|-l|{host}|{port}|-k|-e|/bin/cat",
        skipped: "M-09",
        fails: &[
            (
                "E-03",
                "at the end of input the pipe from cat isn't read any more: \"the first 1039333 bytes of it, then nothing\"",
            ),
            (
                "E-05",
                "one byte and a half-close, and the end comes instead of the byte",
            ),
            (
                "M-03",
                "its default limit is 100 connections: the end comes on number 100",
            ),
            ("M-06", "as E-03"),
        ],
        not_judged: &[MANY_PROCESSES, ("M-13", "needs M-06")],
        close: &[],
    });
}

#[test]
fn socketserver() {
    check(&Foreign {
        tool: "python3",
        command: "python3|foreign/socketserver_echo.py|{host}|{port}",
        skipped: "",
        fails: &[
            (
                "E-09",
                "a traceback of 9 lines, of which only the last has the cause, and none the address",
            ),
            (
                "M-08",
                "a failed accept is ignored, and tried again at once",
            ),
            (
                "M-13",
                "SIGTERM isn't handled: it ended (signal: 15 (SIGTERM))",
            ),
        ],
        not_judged: &[],
        close: &[],
    });
}

#[test]
fn asyncio() {
    check(&Foreign {
        tool: "python3",
        command: "python3|foreign/asyncio_echo.py|{host}|{port}",
        skipped: "",
        fails: &[
            (
                "E-09",
                "a traceback of 21 lines, of which only the last has address and cause",
            ),
            ("M-13", "SIGTERM isn't handled: a reset"),
        ],
        not_judged: &[],
        close: &[(
            "M-08",
            "each second it tries again as often as its backlog is long: 30 to 70 ms of CPU time in 2 s, where 40 are allowed",
        )],
    });
}

#[test]
fn tokio() {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "tokio-peers"])
        .current_dir(env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .status();
    assert!(
        built.unwrap().success(),
        "cargo build --package tokio-peers"
    );
    let program = Path::new(env!("CARGO_BIN_EXE_checker")).with_file_name("tokio-echo");
    let command = format!("{}|{{host}}|{{port}}|--multi-thread", program.display());
    check(&Foreign {
        tool: "cargo",
        command: command.leak(),
        skipped: "",
        fails: &[
            (
                "M-08",
                "the error of accept ends the program: a refused connection",
            ),
            ("M-13", "SIGTERM isn't handled"),
        ],
        not_judged: &[],
        close: &[],
    });
}
