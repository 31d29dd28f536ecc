//! Why a load comes to nothing.

use std::{fmt, io};

use common::EndpointError;

use crate::shortage::Shortage;

/// Why there is nothing to report.
#[derive(Debug)]
pub enum LoadError {
    /// The system has nothing left for an event loop.
    Loop(io::Error),
    /// No address of the server could be reached.
    Unreachable(EndpointError),
    /// This machine can't have so many connections open.
    TooMany {
        /// How many were asked for.
        n_wanted: usize,
        /// How many it can.
        n_possible: usize,
        /// What it then has nothing left of.
        shortage: Shortage,
    },
}

impl std::error::Error for LoadError {}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loop(error) => write!(f, "cannot wait for events: {error}"),
            Self::Unreachable(error) => {
                error.fmt(f)?;
                match error {
                    // The system's one error for two things.
                    EndpointError::Connect(failures)
                        if failures
                            .last()
                            .is_some_and(|(_, error)| Shortage::of(error).is_some()) =>
                    {
                        f.write_str(
                            "; this machine has no address to connect from, or no port left \
                             (see net.ipv4.ip_local_port_range)",
                        )
                    }
                    _ => Ok(()),
                }
            }
            Self::TooMany {
                n_wanted,
                n_possible,
                shortage,
            } => write!(
                f,
                "cannot open {n_wanted} connections: after {n_possible}, {shortage}"
            ),
        }
    }
}
