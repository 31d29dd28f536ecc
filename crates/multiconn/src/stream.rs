//! What a connection needs of the system: a stream, the events to wait for, and the
//! ways in which a connection can be lost.

use std::fmt;
use std::io::{self, Read, Write};
use std::time::Duration;

/// A stream of bytes in both directions that never blocks.
pub trait Stream: Read + Write {
    /// Whether the connection is established yet.
    ///
    /// # Errors
    ///
    /// Why it never will be.
    fn is_established(&self) -> io::Result<bool>;

    /// Tells the peer that nothing more will be written.
    ///
    /// # Errors
    ///
    /// As `shutdown` gives them.
    fn shutdown_write(&self) -> io::Result<()>;
}

/// Which events a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interest {
    /// Input, or its end.
    pub read: bool,
    /// Room for output.
    pub write: bool,
}

/// Why a connection ended before its time.
#[derive(Debug)]
pub enum ConnectionError {
    /// It was never established.
    Connect(io::Error),
    /// It broke, for instance by a reset.
    Broken(io::Error),
    /// Nothing moved for so long.
    Idle(Duration),
}

impl std::error::Error for ConnectionError {}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "cannot connect: {error}"),
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::Idle(limit) => write!(f, "nothing moved for {} s", limit.as_secs_f64()),
        }
    }
}

impl From<io::Error> for ConnectionError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}
