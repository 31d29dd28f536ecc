//! `cargo xtask`, as a learner meets it. Each test that starts servers gives them
//! a loopback address of its own (all of 127.0.0.0/8 is this machine), by which it
//! then finds whatever is left behind.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod endings;
mod run;
mod transcripts;
mod usage;

use std::process::Command;

use procfs::process::Process;
use test_support::{DEADLINE, Program};

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments);
    command
}

/// Runs to the end; returns the status, standard output and standard error.
fn finish(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = Program::start(xtask(arguments)).unwrap();
    let (status, stdout, stderr) = program.finish(3 * DEADLINE).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

/// The running processes with `word` among the words of their command lines, apart
/// from `xtask` itself.
fn processes_with(word: &str) -> Vec<Process> {
    let all = procfs::process::all_processes().unwrap();
    all.filter_map(Result::ok)
        .filter(|process| {
            // A process that ends meanwhile has no command line.
            let words = process.cmdline().unwrap_or_default();
            words.iter().any(|w| w == word) && !words[0].ends_with("/xtask")
        })
        .collect()
}

#[track_caller]
fn check_nothing_is_left(host: &str) {
    let left = processes_with(host);
    assert!(left.is_empty(), "left behind: {left:?}");
}
