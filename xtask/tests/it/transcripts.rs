//! The transcripts in the book and the README are what the commands really print.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test -p xtask` writes them anew.

use std::collections::BTreeSet;
use std::{env, fs};

use test_support::{DEADLINE, Program};

use crate::{root, xtask};

/// A command, and the file that shows what it prints.
struct Transcript {
    name: &'static str,
    arguments: &'static [&'static str],
    /// What it gets from `printf`, if anything.
    input: Option<&'static str>,
    /// The judge's is 1 where a row doesn't hold.
    exit_status: i32,
}

const fn of(name: &'static str, arguments: &'static [&'static str]) -> Transcript {
    Transcript {
        name,
        arguments,
        input: None,
        exit_status: 0,
    }
}

const TRANSCRIPTS: [Transcript; 12] = [
    of("run-echo", &["run", "echo"]),
    Transcript {
        input: Some("Hello, world"),
        ..of("run-echo-as-naive", &["run", "echo", "--as", "naive"])
    },
    of("run-multiconn", &["run", "multiconn"]),
    of(
        "run-multiconn-as-blocking",
        &["run", "multiconn", "--as", "blocking"],
    ),
    Transcript {
        exit_status: 1,
        ..of("check-readiness", CHECK_READINESS)
    },
    of("check-echo", &["check", "echo"]),
    of("trace-echo", &["trace", "echo"]),
    of(
        "trace-echo-server",
        &[
            "trace",
            "echo",
            "--only",
            "server,socket,setsockopt,bind,listen,accept",
        ],
    ),
    of(
        "trace-multiconn",
        &[
            "trace",
            "multiconn",
            "--only",
            "client,connect,epoll_wait,getsockopt",
        ],
    ),
    of(
        "trace-app-protocol",
        &["trace", "app-protocol", "--only", "client,send,recv"],
    ),
    of("run-app-protocol", &["run", "app-protocol"]),
    of(
        "run-app-protocol-sum",
        &["run", "app-protocol", "-v", "--", "sum", "1,2,3"],
    ),
];

/// The two rows that fail always in the same words.
const CHECK_READINESS: &[&str] = &[
    "check",
    "multiconn",
    "--only",
    "M-04",
    "--only",
    "M-06",
    "--",
    "target/debug/readiness",
    "{host}",
    "{port}",
];

impl Transcript {
    /// The command `$ cargo xtask ...`, and what it prints.
    fn transcribe(&self) -> String {
        let mut command = xtask(self.arguments);
        command.current_dir(root());
        let input = self.input.unwrap_or_default().as_bytes().to_vec();
        let mut program = Program::start_with_input(command, input).unwrap();
        let (status, stdout, stderr) = program.finish(3 * DEADLINE).unwrap();
        assert_eq!(status.code(), Some(self.exit_status), "{stderr}");
        let stdout = String::from_utf8(stdout).unwrap();
        let input = self.input.map(|text| format!("printf '{text}' | "));
        let input = input.unwrap_or_default();
        format!(
            "$ {input}cargo xtask {}\n{stdout}",
            self.arguments.join(" ")
        )
    }
}

/// The lines, without what differs from run to run: ports, times, the target
/// folder, and the order in which two programs happen to speak. Of a diagram, the calls:
/// where a line of it ends depends on how long the numbers in it are, and who waits on how
/// fast the other is.
fn essence(transcript: &str) -> Vec<String> {
    if transcript.starts_with("$ cargo xtask trace") {
        let words = transcript.split(|c: char| !(c.is_ascii_alphanumeric() || "_(".contains(c)));
        let calls = words.filter(|word| word.ends_with('(') && word.len() > 1);
        let calls: BTreeSet<&str> = calls.collect();
        return calls.into_iter().map(str::to_owned).collect();
    }
    let mut lines: Vec<String> = transcript
        .lines()
        .map(|line| {
            let words = line.split_whitespace().map(|word| {
                let word = word.rsplit_once("/debug/").map_or(word, |(_, name)| name);
                // A full second has no point, and half a second is told in milliseconds.
                let word = if word == "ms)" { "s)" } else { word };
                word.replace(|c: char| c.is_ascii_digit() || c == '.', "")
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn each_is_what_its_command_prints() {
    for transcript in TRANSCRIPTS {
        let name = transcript.name;
        let path = root().join(format!("docs/src/transcripts/{name}.txt"));
        let printed = transcript.transcribe();
        if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::write(&path, &printed).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap();
        assert_eq!(essence(&stored), essence(&printed), "{}", path.display());
        for line in stored.lines() {
            // A command to be copied stays on one line.
            let is_command = line.starts_with("$ ") || line.trim().starts_with("again ");
            assert!(is_command || line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn the_readme_shows_the_same() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for name in ["run-echo", "run-multiconn"] {
        let path = root().join(format!("docs/src/transcripts/{name}.txt"));
        let stored = fs::read_to_string(path).unwrap();
        let command = stored.lines().next().unwrap();
        let (_, shown) = readme.split_once(command).unwrap();
        let (shown, _) = shown.split_once("```").unwrap();
        assert_eq!(essence(&format!("{command}{shown}")), essence(&stored));
    }
}
