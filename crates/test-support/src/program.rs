//! A program under test.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::DEADLINE;

/// A running program. Both its outputs are read as they come; it is killed and
/// reaped when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    stdout: Arc<Output>,
    stderr: Arc<Output>,
}

#[derive(Debug, Default)]
struct Output {
    state: Mutex<OutputState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct OutputState {
    bytes: Vec<u8>,
    is_closed: bool,
}

impl Program {
    /// Starts `command`. Its standard input ends when the pipe returned is dropped.
    ///
    /// # Errors
    ///
    /// If it can't be started.
    pub fn start_with_pipe(mut command: Command) -> anyhow::Result<(Self, ChildStdin)> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let stdin = child.stdin.take().expect("stdin is piped");
        let program = Self {
            stdout: Output::collect(child.stdout.take().expect("stdout is piped")),
            stderr: Output::collect(child.stderr.take().expect("stderr is piped")),
            child,
        };
        Ok((program, stdin))
    }

    /// Starts `command` with `input` as its standard input.
    ///
    /// # Errors
    ///
    /// If it can't be started.
    pub fn start_with_input(command: Command, input: Vec<u8>) -> anyhow::Result<Self> {
        let (program, mut stdin) = Self::start_with_pipe(command)?;
        // A program that ends without reading its input is free to do so.
        thread::spawn(move || stdin.write_all(&input));
        Ok(program)
    }

    /// Starts `command` with nothing on its standard input.
    ///
    /// # Errors
    ///
    /// If it can't be started.
    pub fn start(command: Command) -> anyhow::Result<Self> {
        Self::start_with_input(command, Vec::new())
    }

    /// Waits until the standard output has a whole first line, and returns it.
    ///
    /// # Errors
    ///
    /// If the output ends, or the deadline comes, before.
    pub fn first_line(&self) -> anyhow::Result<String> {
        let line = |text: &str| Some(text.split_once('\n')?.0.to_owned());
        self.stdout.wait_for(line).with_context(|| {
            format!(
                "no first line on standard output; standard error: {}",
                self.stderr()
            )
        })
    }

    /// Waits until standard error contains `text`.
    ///
    /// # Errors
    ///
    /// If it ends, or the deadline comes, before.
    pub fn wait_for_stderr(&self, text: &str) -> anyhow::Result<()> {
        let found = |all: &str| all.contains(text).then_some(());
        self.stderr
            .wait_for(found)
            .with_context(|| format!("expected {text:?} on standard error: {}", self.stderr()))
    }

    /// Waits until standard output contains `text`.
    ///
    /// # Errors
    ///
    /// If it ends, or the deadline comes, before.
    pub fn wait_for_stdout(&self, text: &str) -> anyhow::Result<()> {
        let found = |all: &str| all.contains(text).then_some(());
        self.stdout
            .wait_for(found)
            .with_context(|| format!("expected {text:?} on standard output: {}", self.stdout()))
    }

    /// What has come on standard output so far.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout.lock().bytes).into_owned()
    }

    /// What has come on standard error so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.lock().bytes).into_owned()
    }

    /// Waits for the program's end, and returns its status and all of its standard
    /// output and standard error.
    ///
    /// # Errors
    ///
    /// If it has not ended `within` that time.
    pub fn finish(&mut self, within: Duration) -> anyhow::Result<(ExitStatus, Vec<u8>, String)> {
        let status = self.status(within)?;
        // The program is gone, so its pipes are closed, unless a child has them.
        self.stdout.wait_until_closed()?;
        self.stderr.wait_until_closed()?;
        let stdout = self.stdout.lock().bytes.clone();
        Ok((status, stdout, self.stderr()))
    }

    /// Waits for the program's end.
    ///
    /// # Errors
    ///
    /// If it has not ended `within` that time.
    pub fn status(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "it still runs after {within:?}");
            // There is no event to wait for that would not take the status away
            // from the child handle: so look again, a little later.
            thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// True if the program has not ended.
    ///
    /// # Errors
    ///
    /// As `waitpid` gives them.
    pub fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Sends a signal.
    ///
    /// # Errors
    ///
    /// As `kill` gives them.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill(self.pid(), signal).context("cannot send a signal")
    }

    /// The resident memory, in bytes.
    ///
    /// # Errors
    ///
    /// If the program is gone.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let kibibytes = self.process()?.status()?.vmrss;
        Ok(kibibytes.context("it has no memory any more")? * 1024)
    }

    /// The process, as `/proc` shows it.
    pub(crate) fn process(&self) -> anyhow::Result<procfs::process::Process> {
        Ok(procfs::process::Process::new(self.pid().as_raw())?)
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("process ids are positive i32s"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn collect(mut pipe: impl Read + Send + 'static) -> Arc<Self> {
        let output = Arc::new(Self::default());
        let collected = Arc::clone(&output);
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let n_read = pipe.read(&mut buffer).unwrap_or(0);
                let mut state = collected.lock();
                state.bytes.extend_from_slice(&buffer[..n_read]);
                state.is_closed = n_read == 0;
                collected.changed.notify_all();
                if n_read == 0 {
                    return;
                }
            }
        });
        output
    }

    fn lock(&self) -> MutexGuard<'_, OutputState> {
        self.state.lock().expect("no reader of output panics")
    }

    fn wait_for<T>(&self, find: impl Fn(&str) -> Option<T>) -> anyhow::Result<T> {
        let deadline = Instant::now() + DEADLINE;
        let mut state = self.lock();
        loop {
            if let Some(found) = find(&String::from_utf8_lossy(&state.bytes)) {
                return Ok(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.is_closed || left.is_zero() {
                bail!("it did not come within {DEADLINE:?}, or before the end of output");
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.expect("no reader of output panics").0;
        }
    }

    fn wait_until_closed(&self) -> anyhow::Result<()> {
        let state = self.lock();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, DEADLINE, |state| !state.is_closed)
            .expect("no reader of output panics");
        ensure!(state.is_closed, "somebody still has its output open");
        Ok(())
    }
}
