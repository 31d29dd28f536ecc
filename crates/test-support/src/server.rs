//! A server under test, and the command that starts it.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::{Peer, Program};

/// The command of a server, which takes HOST and PORT as its first arguments.
#[derive(Debug, Clone)]
pub struct Target {
    program: PathBuf,
    arguments: Vec<String>,
}

/// A server that has said it is ready.
#[derive(Debug)]
pub struct Server {
    program: Program,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Target {
    /// The server `program`, started with `arguments` after HOST and PORT.
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
        }
    }

    /// The command for `host` and `port`.
    pub fn command(&self, host: &str, port: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args([host, port]).args(&self.arguments);
        command
    }

    /// Starts the server on a port of the system's choice.
    ///
    /// # Errors
    ///
    /// If it doesn't say that it is ready.
    pub fn start(&self, host: &str) -> anyhow::Result<Server> {
        Server::start(self.command(host, "0"))
    }
}

impl Server {
    /// Starts the command of a server, and waits for its ready line.
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
        Ok(Self { program, address })
    }

    /// A new connection to it.
    ///
    /// # Errors
    ///
    /// If it is refused.
    pub fn connect(&self) -> anyhow::Result<Peer> {
        Peer::connect(self.address)
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
