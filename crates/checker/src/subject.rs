//! The program under test: a command with placeholders, or an address.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use crate::command_line::CommandLine;
use crate::system::{Listening, Order, reaches};

/// What is judged.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Started where a row needs it.
    Command(Template),
    /// A server that runs already.
    Running(SocketAddr),
}

/// A command with placeholders.
#[derive(Debug, Clone)]
pub struct Template {
    /// What is started.
    pub command: CommandLine,
    /// Where it runs.
    pub folder: Option<PathBuf>,
}

impl Subject {
    /// A command, by its words.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn command(words: &[&str]) -> Self {
        assert!(!words.is_empty(), "a command has a first word");
        let words = words.iter().map(ToString::to_string).collect();
        Self::Command(Template::of_words(words))
    }
}

/// What a client is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) connections: u32,
    pub(crate) action: &'a str,
    pub(crate) value: &'a str,
}

impl Default for Wanted<'_> {
    fn default() -> Self {
        Self {
            connections: 1,
            action: "search",
            value: "morpheus",
        }
    }
}

impl Template {
    /// A command with nothing in its environment, which runs here.
    pub fn of_words(words: Vec<String>) -> Self {
        let env = Vec::new();
        Self {
            command: CommandLine { env, words },
            folder: None,
        }
    }

    /// The command for these values.
    pub(crate) fn order(&self, host: &str, port: &str, wanted: Wanted<'_>) -> Order {
        let connections = wanted.connections.to_string();
        let values = [
            ("{host}", host),
            ("{port}", port),
            ("{connections}", &connections),
            ("{action}", wanted.action),
            ("{value}", wanted.value),
        ];
        Order {
            command: self.command.filled(&values),
            told: vec![host.to_owned(), port.to_owned()],
            folder: self.folder.clone(),
            ..Order::default()
        }
    }

    /// True if it can be told this.
    pub fn has(&self, placeholder: &str) -> bool {
        self.command.has(placeholder)
    }
}

/// The address of a running server. A name like localhost has several: the first on
/// which somebody listens is meant, as far as this machine tells.
pub fn running_server(text: &str) -> Result<SocketAddr, String> {
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(format!("expected HOST:PORT, got {text:?}"));
    };
    let has_port = port.parse::<u16>().is_ok_and(|port| port > 0);
    if host.is_empty() || !has_port {
        let expected = "expected HOST:PORT with a port from 1 to 65535";
        return Err(format!("{expected}, got {text:?}"));
    }
    let addresses = text
        .to_socket_addrs()
        .map_err(|error| format!("cannot resolve {host:?}: {error}"))?;
    let addresses: Vec<SocketAddr> = addresses.collect();
    let sockets = match Listening::now() {
        Listening::On(sockets) => sockets,
        Listening::Unknown => Vec::new(),
    };
    let is_listening = |address: &&SocketAddr| {
        sockets
            .iter()
            .any(|(listening, _)| reaches(**address, *listening))
    };
    let found = addresses.iter().find(is_listening).or(addresses.first());
    found
        .copied()
        .ok_or_else(|| format!("cannot resolve {host:?}: it has no address"))
}
