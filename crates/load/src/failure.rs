//! Why a connection was given up.

use std::time::Duration;
use std::{fmt, io};

use crate::dialogue::Wrong;
use crate::shortage::Shortage;

/// Why a lane was given up.
#[derive(Debug)]
pub(crate) enum LaneFailure {
    /// A connection was never established.
    Connect(io::Error),
    /// It broke, for instance by a reset.
    Lost(io::Error),
    /// The server closed it, and owed an answer.
    ClosedEarly {
        /// An earlier message on it was answered.
        has_answered: bool,
    },
    /// Nothing came for so long.
    Silent {
        limit: Duration,
        /// How many bytes of the answer had come before.
        n_received: u64,
    },
    /// An answer came that is not the right one.
    Wrong(Wrong),
    /// This machine had nothing to connect with for so long. The server has no part in
    /// it.
    Starved(Shortage, Duration),
}

impl LaneFailure {
    /// A few words to count it under.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Connect(_) => "cannot connect",
            Self::Lost(_) => "connection lost",
            Self::ClosedEarly { .. } => "closed early",
            Self::Silent { .. } => "no answer",
            Self::Wrong(wrong) => wrong.kind,
            Self::Starved(Shortage::Ports, _) => "no port here",
            Self::Starved(Shortage::Descriptors, _) => "no descriptor here",
        }
    }
}

impl fmt::Display for LaneFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "cannot connect: {error}"),
            Self::Lost(error) => write!(f, "the connection broke: {error}"),
            Self::ClosedEarly { has_answered } => {
                f.write_str("the server closed the connection without an answer")?;
                match has_answered {
                    true => f.write_str("; if it serves one message each, try --reconnect"),
                    false => Ok(()),
                }
            }
            Self::Silent { limit, n_received } => {
                write!(f, "no answer for {} s", limit.as_secs_f64())?;
                match n_received {
                    0 => Ok(()),
                    n => write!(f, ", but {n} bytes of one before"),
                }
            }
            Self::Wrong(wrong) => f.write_str(&wrong.detail),
            Self::Starved(shortage, limit) => {
                write!(f, "waited for {} s: {shortage}", limit.as_secs_f64())
            }
        }
    }
}
