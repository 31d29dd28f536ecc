//! How a program takes the signals that it was started with ignored.

use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::sys::signal::Signal;
use procfs::process::Process;

use crate::{DEADLINE, Program};

/// Checks that `command`, started with SIGHUP ignored, as `nohup` starts it, leaves
/// it ignored and heeds SIGTERM; and, started with SIGINT ignored, as a shell starts
/// its background jobs, heeds SIGINT. Returns both statuses that it ended with.
///
/// # Errors
///
/// If it does anything else.
pub fn check_ignored_signals(command: &Command) -> anyhow::Result<[ExitStatus; 2]> {
    let mut program = Program::start(ignoring("HUP", command))?;
    wait_until_caught(&program, Signal::SIGTERM)?;
    // What the system itself throws away does nothing, however long one waits.
    let status = program.process()?.status()?;
    ensure!(is_in(status.sigign, Signal::SIGHUP), "SIGHUP is heeded");
    program.signal(Signal::SIGHUP)?;
    ensure!(program.is_running()?, "SIGHUP ended it");
    program.signal(Signal::SIGTERM)?;
    let terminated = program.status(DEADLINE).context("after SIGTERM")?;

    let mut program = Program::start(ignoring("INT", command))?;
    wait_until_caught(&program, Signal::SIGINT)?;
    // Unless the tests themselves run under `nohup`.
    if !is_in(Process::myself()?.status()?.sigign, Signal::SIGHUP) {
        wait_until_caught(&program, Signal::SIGHUP)?;
    }
    program.signal(Signal::SIGINT)?;
    let interrupted = program.status(DEADLINE).context("after SIGINT")?;
    Ok([terminated, interrupted])
}

/// The same command, started with that signal ignored.
fn ignoring(signal: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("trap '' {signal}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Waits until the program has a handler for the signal. There is no event for that:
/// so look again, a little later.
fn wait_until_caught(program: &Program, signal: Signal) -> anyhow::Result<()> {
    let deadline = Instant::now() + DEADLINE;
    while !is_in(program.process()?.status()?.sigcgt, signal) {
        ensure!(Instant::now() < deadline, "{signal} is never handled");
        thread::park_timeout(Duration::from_millis(2));
    }
    Ok(())
}

/// True if the signal is in a set as `/proc` shows it: the lowest bit is signal 1.
fn is_in(set: u64, signal: Signal) -> bool {
    set >> (signal as i32 - 1) & 1 != 0
}
