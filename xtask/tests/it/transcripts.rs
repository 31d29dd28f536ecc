//! The transcripts in the book and the README are what the commands really print.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test -p xtask` writes them anew.

use std::{env, fs};

use test_support::{DEADLINE, Program};

use crate::{root, xtask};

/// The names of the files, and the commands in them.
const TRANSCRIPTS: [(&str, &[&str]); 6] = [
    ("run-echo", &["run", "echo"]),
    ("run-multiconn", &["run", "multiconn"]),
    (
        "run-multiconn-as-blocking",
        &["run", "multiconn", "--as", "blocking"],
    ),
    ("check-echo", &["check", "echo"]),
    ("run-app-protocol", &["run", "app-protocol"]),
    (
        "run-app-protocol-sum",
        &["run", "app-protocol", "-v", "--", "sum", "1,2,3"],
    ),
];

/// The command `$ cargo xtask ...`, and what it prints.
fn transcribe(arguments: &[&str]) -> String {
    let mut command = xtask(arguments);
    command.current_dir(root());
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(3 * DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    let stdout = String::from_utf8(stdout).unwrap();
    format!("$ cargo xtask {}\n{stdout}", arguments.join(" "))
}

/// The lines, without what differs from run to run: ports, times, the target
/// folder, and the order in which two programs happen to speak.
fn essence(transcript: &str) -> Vec<String> {
    let mut lines: Vec<String> = transcript
        .lines()
        .map(|line| {
            let words = line.split_whitespace().map(|word| {
                let word = word.rsplit_once("/debug/").map_or(word, |(_, name)| name);
                word.replace(|c: char| c.is_ascii_digit(), "")
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn each_is_what_its_command_prints() {
    for (name, arguments) in TRANSCRIPTS {
        let path = root().join(format!("docs/src/transcripts/{name}.txt"));
        let printed = transcribe(arguments);
        if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::write(&path, &printed).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap();
        assert_eq!(essence(&stored), essence(&printed), "{}", path.display());
        for line in stored.lines() {
            assert!(line.chars().count() <= 80, "{line}");
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
