//! What happens in an experiment, one event after another: everything that is
//! printed, as text or as JSON lines, is made from these.

use std::io;
use std::time::Duration;

use serde::Serialize;

/// Something that a lab says. As JSON, a line each.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The first: which lab this is.
    Lab {
        name: String,
        /// The surprise, in a line.
        title: String,
        /// Where to read about it.
        chapter: String,
    },
    /// What comes next, in whole sentences.
    About { text: String },
    /// A call that was made, and what came of it.
    Call {
        /// Who made it: `client`, `server`.
        who: String,
        /// As one would write it: `recv(64)`.
        call: String,
        /// How long it took, in seconds.
        took: f64,
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// Something counted, measured or read from the system.
    Found { name: String, value: Value },
    /// What all this shows, in one sentence; and whether it does, here.
    Claim { text: String, holds: bool },
    /// A part that can't be done on this machine.
    NotShown { what: String, why: String },
    /// The last, if it came to its end: whether every claim held.
    End { holds: bool },
    /// The last, if it didn't.
    Failed { why: String },
}

/// What came of a call.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// What it returned, and the bytes or the address that came with it.
    Returned(Returned),
    /// Why it failed.
    Failed(Failure),
}

/// What a call returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Returned {
    /// The number, for calls that return one that means something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<u64>,
    /// In words: the bytes that came, an address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
}

/// An error, by all of its names.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Failure {
    /// The system's name, such as `ECONNRESET`; none for an error that std or
    /// the resolver made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Its number on this system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<i32>,
    /// What std calls it.
    pub(crate) kind: String,
    /// In the system's words.
    pub(crate) text: String,
}

/// Something counted, measured or read.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    /// How many.
    Count(u64),
    /// How long, in seconds.
    Seconds(f64),
    /// A state, an address, a line that another program printed.
    Text(String),
}

impl From<&io::Error> for Failure {
    fn from(error: &io::Error) -> Self {
        Self {
            name: errno_name(error),
            number: error.raw_os_error(),
            kind: format!("{:?}", error.kind()),
            text: error.to_string(),
        }
    }
}

/// The system's name of an error, such as `ECONNRESET`.
#[cfg(unix)]
pub(crate) fn errno_name(error: &io::Error) -> Option<String> {
    use nix::errno::Errno;

    // Where two names have one number, POSIX allows either; the guide and most
    // books say EAGAIN.
    match Errno::from_raw(error.raw_os_error()?) {
        Errno::UnknownErrno => None,
        errno => Some(format!("{errno:?}")),
    }
}

/// Windows has numbers; their names stand in the table of `errors`.
#[cfg(not(unix))]
pub(crate) fn errno_name(_: &io::Error) -> Option<String> {
    None
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<Duration> for Value {
    fn from(time: Duration) -> Self {
        Self::Seconds(time.as_secs_f64())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
