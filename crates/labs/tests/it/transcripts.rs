//! The transcripts in the book are what the experiments really print.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test -p labs transcripts` writes them anew;
//! `EXPERIMENT=stream` with it, only that one.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs, thread};

use test_support::{DEADLINE, Program};

use crate::book::root;
use crate::front::names;
use crate::story::{LAB, require_networks, require_programs};

/// Experiments that the book shows with a word more, too.
const WITH_A_WORD: [&str; 1] = ["errors ECONNRESET"];

fn path(name: &str) -> PathBuf {
    let name = name.replace(' ', "-");
    root().join(format!("docs/src/transcripts/lab-{name}.txt"))
}

/// The command, and what it prints.
fn transcribe(name: &str) -> String {
    let mut command = Command::new(LAB);
    command.args(name.split(' '));
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(0), "{name}: {stderr}");
    let stdout = String::from_utf8(stdout).unwrap();
    format!("$ cargo xtask lab {name}\n{stdout}")
}

/// The words, without what differs from run to run: numbers, and how long a call took.
/// Nor does it count where a line was broken for their sake.
fn essence(transcript: &str) -> Vec<String> {
    let lines =
        transcript
            .lines()
            .map(|line| match line.rsplit_once(" after ") {
                Some((call, _)) if line.starts_with("  ") => call,
                _ => line,
            });
    let words = lines.flat_map(str::split_whitespace);
    let words = words.map(|word| {
        word.replace(|c: char| c.is_ascii_digit() || ".,-".contains(c), "")
    });
    let words = words.map(|word| match &*word {
        "us" | "ms" => "s".to_owned(),
        _ => word,
    });
    words.filter(|word| !word.is_empty()).collect()
}

#[test]
fn each_is_what_its_experiment_prints() {
    if !require_networks() {
        return;
    }
    let only = env::var("EXPERIMENT").ok();
    let names = names().into_iter();
    let names: Vec<_> = names
        .chain(WITH_A_WORD.map(ToOwned::to_owned))
        .filter(|name| {
            let experiment = name.split(' ').next();
            only.is_none() || only.as_deref() == experiment
        })
        .filter(|name| require_programs(name))
        .collect();
    thread::scope(|scope| {
        for name in &names {
            scope.spawn(move || check(name));
        }
    });
}

fn check(name: &str) {
    let printed = transcribe(name);
    let missing = printed
        .lines()
        .find(|line| line.contains("prints: not shown here"));
    if !test_support::require(missing.is_none(), missing.unwrap_or_default()) {
        return;
    }
    if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(path(name), &printed).unwrap();
    }
    let stored = fs::read_to_string(path(name)).unwrap();
    assert_eq!(essence(&stored), essence(&printed), "lab {name}");
    for line in stored.lines() {
        assert!(line.chars().count() <= 80, "lab {name}: {line}");
    }
}
