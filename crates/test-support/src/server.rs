//! A server under test, and the command that starts it.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::{DEADLINE, Peer, Program, Speech};

/// The command of a server, which takes HOST and PORT as its first arguments.
#[derive(Debug, Clone)]
pub struct Target {
    program: PathBuf,
    /// For an interpreter: what it runs.
    script: Option<PathBuf>,
    arguments: Vec<String>,
    speech: Speech,
}

/// A server that has said it is ready.
#[derive(Debug)]
pub struct Server {
    program: Program,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it speaks.
    pub speech: Speech,
}

impl Target {
    /// The server `program`, started with `arguments` after HOST and PORT.
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Self {
            program: program.into(),
            script: None,
            arguments: arguments.iter().map(ToString::to_string).collect(),
            speech: Speech::Echo,
        }
    }

    /// The same, with `program` as the interpreter of `script`.
    pub fn with_script(&self, script: impl Into<PathBuf>) -> Self {
        let script = Some(script.into());
        Self {
            script,
            ..self.clone()
        }
    }

    /// The same, of a server that speaks in messages.
    pub fn in_messages(&self) -> Self {
        let speech = Speech::Messages;
        Self {
            speech,
            ..self.clone()
        }
    }

    /// The command for `host` and `port`.
    pub fn command(&self, host: &str, port: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.script)
            .args([host, port])
            .args(&self.arguments);
        command
    }

    /// The same command, with at most `n_descriptors` open files: neither the soft
    /// nor the hard limit is higher.
    pub fn limited_command(&self, host: &str, n_descriptors: u32) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n \"$1\" && shift && exec \"$@\"", "sh"])
            .arg(n_descriptors.to_string())
            .arg(&self.program)
            .args(&self.script)
            .args([host, "0"])
            .args(&self.arguments);
        command
    }

    /// Starts the server on a port of the system's choice.
    ///
    /// # Errors
    ///
    /// If it doesn't say that it is ready.
    pub fn start(&self, host: &str) -> anyhow::Result<Server> {
        self.start_as(self.command(host, "0"))
    }

    /// Starts the server by one of its commands.
    ///
    /// # Errors
    ///
    /// If it doesn't say that it is ready.
    pub fn start_as(&self, command: Command) -> anyhow::Result<Server> {
        let mut server = Server::start(command)?;
        server.speech = self.speech;
        Ok(server)
    }
}

impl Server {
    /// Starts the command of an echo server, and waits for its ready line.
    ///
    /// # Errors
    ///
    /// If there is none, or it names no address.
    pub fn start(command: Command) -> anyhow::Result<Self> {
        let program = Program::start(command)?;
        let line = program.first_line()?;
        let address = line
            .strip_prefix("listening on ")
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("not a ready line: {line:?}"))?;
        Ok(Self {
            program,
            address,
            speech: Speech::Echo,
        })
    }

    /// A new connection to it.
    ///
    /// # Errors
    ///
    /// If it is refused.
    pub fn connect(&self) -> anyhow::Result<Peer> {
        let mut peer = Peer::connect(self.address)?;
        peer.speech = self.speech;
        Ok(peer)
    }

    /// Checks that the server still does its work, or has ended as it should when
    /// its one client is gone: status 0 or 1, at most one line on standard error,
    /// and no panic.
    ///
    /// # Errors
    ///
    /// If neither is so.
    pub fn check_unharmed(&mut self) -> anyhow::Result<()> {
        if let Ok(mut peer) = self.connect()
            && peer.round_trip(b"are you there?").is_ok()
        {
            return Ok(());
        }
        let (status, _, stderr) = self.program.finish(DEADLINE)?;
        ensure!(
            matches!(status.code(), Some(0 | 1)) && stderr.lines().count() <= 1,
            "it ended with {status}, and said {stderr:?}"
        );
        Ok(())
    }
}

impl Deref for Server {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}
