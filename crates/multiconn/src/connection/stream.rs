//! What a connection needs of the system: a stream, and the ways to lose it.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
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
            Self::Idle(limit) => {
                write!(f, "nothing moved for {} s", limit.as_secs_f64())
            }
        }
    }
}

impl From<io::Error> for ConnectionError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// One call on a stream that never blocks: `None` says that it would have to. A
/// call that a signal has interrupted is made again.
pub(super) fn unless_it_would_block<T>(
    mut call: impl FnMut() -> io::Result<T>,
) -> io::Result<Option<T>> {
    loop {
        match call() {
            Ok(value) => return Ok(Some(value)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Ok(None);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
