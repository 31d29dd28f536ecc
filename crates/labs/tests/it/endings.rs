//! Whatever ends an experiment, and whenever: nothing of it is left behind.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use test_support::DEADLINE;

use crate::front::names;
use crate::story::{LAB, require_networks, require_programs};

/// Processes in whose environment this stands.
fn processes_with(mark: &str) -> Vec<i32> {
    let processes = procfs::process::all_processes().unwrap().flatten();
    let marked = processes.filter(|process| {
        let path = format!("/proc/{}/environ", process.pid);
        let environment = fs::read(path).unwrap_or_default();
        let is_alive = process.stat().is_ok_and(|stat| stat.state != 'Z');
        is_alive && String::from_utf8_lossy(&environment).contains(mark)
    });
    marked.map(|process| process.pid).collect()
}

/// Starts an experiment, ends it by `signal` once it has told `n_events`, and waits until
/// nothing of it is there.
fn interrupt(name: &str, n_events: usize, signal: Signal) {
    let folder = tempfile::tempdir().unwrap();
    let mark = format!("LAB_TEST={}", folder.path().display());
    let mut child = Command::new(LAB)
        .args([name, "--json"])
        .env("LAB_TEST", folder.path())
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.by_ref().take(n_events).for_each(drop);
    // It may have ended by itself, and is not reaped yet.
    kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
    child.wait().unwrap();
    let end = Instant::now() + DEADLINE;
    loop {
        let left = processes_with(&mark);
        if left.is_empty() {
            break;
        }
        assert!(
            Instant::now() < end,
            "lab {name}, {signal} at {n_events}: {left:?} are left"
        );
        thread::yield_now();
    }
    let files: Vec<_> =
        fs::read_dir(folder.path()).unwrap().flatten().collect();
    assert!(
        files.is_empty(),
        "lab {name}, {signal} at {n_events}: {files:?} are left"
    );
}

/// After how many events each experiment is interrupted: the longest has some hundred.
const MOMENTS: [usize; 10] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];

/// Interrupts an experiment, all along its way.
fn interrupt_all_along(name: &str) {
    let signals = [Signal::SIGINT, Signal::SIGKILL].into_iter().cycle();
    thread::scope(|scope| {
        for (moment, signal) in MOMENTS.into_iter().zip(signals) {
            scope.spawn(move || interrupt(name, moment, signal));
        }
    });
}

#[test]
fn whatever_ends_it_and_whenever_nothing_is_left_behind() {
    if !require_networks() {
        return;
    }
    let names = names().into_iter();
    let names: Vec<_> = names.filter(|name| require_programs(name)).collect();
    // A few at a time: they are to be seen at work, and not waiting for each other.
    for names in names.chunks(4) {
        thread::scope(|scope| {
            for name in names {
                scope.spawn(|| interrupt_all_along(name));
            }
        });
    }
}
