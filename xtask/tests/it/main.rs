//! `cargo xtask`, as a learner meets it.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod book;
mod capture;
mod endings;
mod lab;
mod moved;
mod prepare;
mod run;
mod signals;
mod trace;
mod transcripts;
mod usage;

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use procfs::process::Process;
use test_support::{DEADLINE, Program};

/// Marks the processes of a test: an environment variable, which children inherit.
const MARK: &str = "XTASK_TEST";

/// The root of the course, as cargo says when it runs the tests: the course may have
/// been moved since they were compiled.
fn root() -> PathBuf {
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..")
}

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).env(MARK, arguments.join(" "));
    command
}

/// Runs to the end; returns the status, standard output and standard error, when no
/// process is left behind.
#[track_caller]
fn finish(arguments: &[&str]) -> (Option<i32>, String, String) {
    let program = Program::start(xtask(arguments)).unwrap();
    finish_started(program, arguments)
}

/// The same, for one that was started with `arguments` before.
#[track_caller]
fn finish_started(mut program: Program, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (status, stdout, stderr) = program.finish(3 * DEADLINE).unwrap();
    let left = processes_of(arguments);
    assert!(left.is_empty(), "left behind: {left:?}");
    (status.code(), String::from_utf8(stdout).unwrap(), stderr)
}

/// The running processes that an `xtask` with `arguments` has started, and itself.
fn processes_of(arguments: &[&str]) -> Vec<Process> {
    let mark = OsString::from(arguments.join(" "));
    let all = procfs::process::all_processes().unwrap();
    all.filter_map(Result::ok)
        .filter(|process| {
            // A process that has ended has no environment.
            let environment = process.environ().unwrap_or_default();
            environment.get(OsStr::new(MARK)) == Some(&mark)
        })
        .collect()
}
