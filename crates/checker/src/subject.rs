//! The program under test: a command with placeholders, or an address.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::system::Order;

/// What is judged.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// Started where a row needs it.
    Command(Template),
    /// A server that runs already.
    Running(SocketAddr),
}

/// A command with placeholders.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// What is set in its environment, names and values.
    pub(crate) env: Vec<(String, String)>,
    /// Invariant: not empty.
    pub(crate) words: Vec<String>,
    /// Where it runs.
    pub(crate) folder: Option<PathBuf>,
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
        let fill = |word: &String| {
            let replace = |word: String, (name, value): &(&str, &str)| word.replace(name, value);
            values.iter().fold(word.clone(), replace)
        };
        let setting = |(name, value): &(String, String)| (name.clone(), fill(value));
        Order {
            env: self.env.iter().map(setting).collect(),
            words: self.words.iter().map(fill).collect(),
            folder: self.folder.clone(),
            ..Order::default()
        }
    }

    /// True if it can be told this.
    pub(crate) fn has(&self, placeholder: &str) -> bool {
        let values = self.env.iter().map(|(_, value)| value);
        let mut words = self.words.iter().chain(values);
        words.any(|word| word.contains(placeholder))
    }
}
