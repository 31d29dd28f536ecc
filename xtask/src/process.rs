//! Child processes that never outlive their owner.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::event::{Event, Speaker};

/// How long a program may take to end after it was asked to.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
/// How often to look whether something has happened that has no event:
/// unnoticeable to a person.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_millis(5);
/// A longer line is shown in pieces, so that a program that never ends its line
/// takes no memory.
const MAX_LINE_BYTES: u64 = 8 * 1024;

/// Who gets what the learner types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// The program.
    Inherited,
    /// Its owner, who writes to it.
    Piped,
    /// Nobody.
    None,
}

/// A child process whose output arrives as [`Event`]s. However its owner ends, by
/// a return, an error or a panic, the child is ended and reaped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// Nobody receives the events any more.
    is_muted: Arc<AtomicBool>,
}

impl Running {
    /// Starts `program`, and a thread that reads its output to the end.
    pub(crate) fn start(
        speaker: Speaker,
        program: &Path,
        arguments: &[String],
        input: Input,
        events: &SyncSender<Event>,
    ) -> anyhow::Result<Self> {
        // One pipe for both outputs, so that their lines stay in order.
        let (reader, writer) = io::pipe()?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(match input {
                Input::Inherited => Stdio::inherit(),
                Input::Piped => Stdio::piped(),
                Input::None => Stdio::null(),
            })
            .stdout(writer.try_clone()?)
            .stderr(writer);
        // In our own process group, all of them: what the learner types to stop or
        // suspend this program (Ctrl-C, Ctrl-Z, Ctrl-\) reaches them, too.
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        drop(command); // With our own ends of the pipe, which would keep it open.
        let is_muted = Arc::new(AtomicBool::new(false));
        let events = events.clone();
        let is_muted_too = Arc::clone(&is_muted);
        thread::spawn(move || forward_lines(reader, speaker, &events, &is_muted_too));
        Ok(Self { child, is_muted })
    }

    /// The pipe to the program's standard input; dropping it ends that input.
    pub(crate) fn take_input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Waits until the program has ended, at most until `deadline`.
    pub(crate) fn wait_until(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        loop {
            let status = self.child.try_wait()?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            thread::sleep(LOOK_INTERVAL);
        }
    }

    /// Waits until the program has ended.
    pub(crate) fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    /// Asks the program to end; see [`ask_to_end`].
    pub(crate) fn ask_to_end(&mut self) {
        ask_to_end(&mut self.child);
    }

    /// Ends the program at once, if it still runs, and reaps it.
    pub(crate) fn kill(&mut self) -> io::Result<ExitStatus> {
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // From here on its output is read and dropped: a program that is being
        // ended must not block on a full pipe.
        self.is_muted.store(true, Ordering::Relaxed);
        self.ask_to_end();
        if !matches!(self.wait_until(Instant::now() + GRACE), Ok(Some(_))) {
            let _ = self.kill();
        }
    }
}

/// What a program prints, if all is well with it; else its complaint.
pub(crate) fn output(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let result = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let output = match result {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!("{program} is not installed"),
        result => result.with_context(|| format!("cannot start {program}"))?,
    };
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{program} failed: {}", complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Asks a child to end, by SIGTERM; kills it where there is no such thing.
#[cfg(unix)]
pub(crate) fn ask_to_end(child: &mut Child) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    // A child that has ended keeps its id until it is reaped, and `try_wait` says
    // whether it was: the signal can't reach another process.
    if let Ok(None) = child.try_wait() {
        let pid = i32::try_from(child.id()).expect("process ids are positive i32s");
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
}

/// Asks a child to end, by SIGTERM; kills it where there is no such thing.
#[cfg(not(unix))]
pub(crate) fn ask_to_end(child: &mut Child) {
    let _ = child.kill();
}

fn forward_lines(
    pipe: impl Read,
    speaker: Speaker,
    events: &SyncSender<Event>,
    is_muted: &AtomicBool,
) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut reader)
        .take(MAX_LINE_BYTES)
        .read_until(b'\n', &mut line)
    {
        let text = printable(&line);
        send(events, Event::Line { speaker, text }, is_muted);
        line.clear();
    }
    send(events, Event::PipeClosed(speaker), is_muted);
}

/// A line as text, without control characters: a program that passes on what a
/// stranger sent must not be able to write over the labels.
fn printable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut shown = String::new();
    for character in text.trim_end().chars() {
        match character {
            c if c.is_control() => shown.extend(c.escape_debug()),
            c => shown.push(c),
        }
    }
    shown
}

/// Waits while too many events wait to be shown, but not once nobody shows them.
fn send(events: &SyncSender<Event>, mut event: Event, is_muted: &AtomicBool) {
    while let Err(TrySendError::Full(returned)) = events.try_send(event) {
        if is_muted.load(Ordering::Relaxed) {
            return;
        }
        event = returned;
        thread::sleep(LOOK_INTERVAL);
    }
}
