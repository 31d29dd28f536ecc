//! The servers behind the balancer: those of stage 3, each a process.

use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context, ensure};
#[cfg(unix)]
use nix::{sys::signal::Signal, unistd::Pid};

use crate::child::{self, Running};
use crate::wait;

/// The name and the port of each, as the balancer's configuration has them.
const PORTS: [(&str, &str); 3] =
    [("one", "65433"), ("two", "65434"), ("three", "65435")];

pub(super) struct Server {
    running: Running,
}

/// A program of the course, built where this one was.
///
/// # Errors
///
/// If it isn't there.
pub(super) fn program(name: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let program = this.with_file_name(file);
    ensure!(
        program.is_file(),
        "there is no {name} beside this program; `cargo build -p \
         app-protocol` builds it, and so does `cargo xtask lab balancer`"
    );
    Ok(program)
}

impl Server {
    /// Starts each of them.
    pub(super) fn start_all() -> anyhow::Result<[Self; 3]> {
        let [one, two, three] = PORTS.map(|(name, _)| Self::start(name));
        Ok([one?, two?, three?])
    }

    /// Starts the one with this name, and waits for its ready line.
    pub(super) fn start(name: &str) -> anyhow::Result<Self> {
        let (_, port) = PORTS
            .iter()
            .find(|(found, _)| *found == name)
            .context("no such server")?;
        let mut child = child::command(&program("app-server")?)?
            .args(["127.0.0.1", port])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start server {name}"))?;
        let stdout = child.stdout.take();
        let running = Running { child };
        let mut line = String::new();
        BufReader::new(stdout.context("it has no standard output")?)
            .read_line(&mut line)?;
        // Else it has said why, on standard error.
        ensure!(!line.is_empty(), "server {name} didn't start");
        Ok(Self { running })
    }

    /// Ends it at once, and waits until it is gone.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.running.child.kill()?;
        self.running.child.wait()?;
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub(super) fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        wait::until(|| Ok(self.running.child.try_wait()?))?
            .context("a server doesn't end")
    }

    /// Lets it do nothing, as if it were busy, and waits until it does.
    #[cfg(unix)]
    pub(super) fn freeze(&self) -> io::Result<()> {
        use nix::sys::wait::{WaitPidFlag, waitpid};

        self.signal(Signal::SIGSTOP)?;
        waitpid(self.process(), Some(WaitPidFlag::WUNTRACED))?;
        Ok(())
    }

    #[cfg(unix)]
    pub(super) fn go_on(&self) -> io::Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// Asks it to end.
    #[cfg(unix)]
    pub(super) fn terminate(&self) -> io::Result<()> {
        self.signal(Signal::SIGTERM)
    }

    #[cfg(unix)]
    fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(nix::sys::signal::kill(self.process(), signal)?)
    }

    #[cfg(unix)]
    fn process(&self) -> Pid {
        Pid::from_raw(self.running.child.id().cast_signed())
    }
}

/// There is no haproxy for Windows, so nothing of this is ever reached there.
#[cfg(not(unix))]
impl Server {
    pub(super) fn freeze(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn go_on(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn terminate(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
