//! A child process that can't go on for ever.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context;

/// How long a program may take to end after it was asked to. The checker ends its own
/// children at once, and only then itself; a learner may be waiting for the prompt.
const GRACE: Duration = Duration::from_secs(2);

/// How often to look whether it has ended: unnoticeable to a person.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Somebody's wish that the work should end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub(crate) fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a program ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    ByItself(ExitStatus),
    Cancelled,
    TooLong,
}

/// A program that has ended, and what came through those outputs that are pipes.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Runs a command to its end, or until it is cancelled or takes longer than `limit`.
pub(crate) fn run(
    command: &mut Command,
    limit: Duration,
    cancel: &Cancel,
) -> anyhow::Result<Ended> {
    let program = command.get_program().to_owned();
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let end = wait(&mut child, Instant::now() + limit, cancel)
        .with_context(|| format!("cannot wait for {}", program.display()))?;
    Ok(Ended {
        end,
        stdout: collected(stdout),
        stderr: collected(stderr),
    })
}

/// Reads on while the program runs, which would otherwise wait at a full pipe.
fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What has come before an error is all that there is.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

fn collected(reader: Option<JoinHandle<Vec<u8>>>) -> Vec<u8> {
    reader
        .and_then(|reader| reader.join().ok())
        .unwrap_or_default()
}

fn wait(child: &mut Child, deadline: Instant, cancel: &Cancel) -> io::Result<End> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::ByItself(status));
        }
        if cancel.is_cancelled() {
            end(child)?;
            return Ok(End::Cancelled);
        }
        if Instant::now() >= deadline {
            end(child)?;
            return Ok(End::TooLong);
        }
        thread::sleep(LOOK_INTERVAL);
    }
}

/// Asks a child to end, so that it can end its own children, and kills it if it
/// doesn't.
fn end(child: &mut Child) -> io::Result<()> {
    ask_to_end(child);
    let deadline = Instant::now() + GRACE;
    while Instant::now() < deadline {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        thread::sleep(LOOK_INTERVAL);
    }
    child.kill()?;
    child.wait().map(drop)
}

#[cfg(unix)]
fn ask_to_end(child: &Child) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    // It isn't reaped yet, so the id is still its own.
    let pid = i32::try_from(child.id()).expect("process ids are positive i32s");
    let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
}

#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) {
    let _ = child.kill();
}
