//! What another program prints, if it ends in time.

use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::child::Running;

/// How often to look whether it has ended, once it prints no more.
const PAUSE: Duration = Duration::from_millis(1);
/// More than a table of sockets takes, on any machine that people learn on.
const MAX: usize = 4 << 20;

/// So much of what a program said as a message has room for.
pub(crate) fn beginning(said: &str) -> String {
    said.trim().chars().take(200).collect()
}

/// Runs a program to its end. Returns its status, and what came into its `reader`,
/// of which the command has the other end.
///
/// # Errors
///
/// If it can't be started, doesn't end within `limit`, or prints without end;
/// it is killed then.
pub(crate) fn collect(
    mut command: Command,
    mut reader: PipeReader,
    limit: Duration,
) -> anyhow::Result<(ExitStatus, String)> {
    let end = Instant::now() + limit;
    let mut running = Running {
        child: command.stdin(Stdio::null()).spawn()?,
    };
    // It has copies of the pipe's other end: the last of them but the program's.
    drop(command);
    let mut came = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).context("a long time")?;
        let mut ready = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
        // Interrupted, it looks again.
        let _ = poll(&mut ready, left);
        if Instant::now() >= end {
            bail!("it did not end within {} s", limit.as_secs());
        }
        if !ready[0].any().unwrap_or(false) {
            continue;
        }
        match reader.read(&mut buffer)? {
            0 => break,
            n => came.extend(&buffer[..n]),
        }
        ensure!(came.len() <= MAX, "it prints more than {MAX} bytes");
    }
    loop {
        if let Some(status) = running.child.try_wait()? {
            return Ok((status, String::from_utf8_lossy(&came).into_owned()));
        }
        if Instant::now() >= end {
            bail!("it did not end within {} s", limit.as_secs());
        }
        thread::sleep(PAUSE);
    }
}
