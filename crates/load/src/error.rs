//! Why a load comes to nothing.

use std::{fmt, io};

use common::EndpointError;

/// Why there is nothing to report.
#[derive(Debug)]
pub enum LoadError {
    /// The system has nothing left for an event loop.
    Loop(io::Error),
    /// No address of the server could be reached.
    Unreachable(EndpointError),
}

impl std::error::Error for LoadError {}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loop(error) => write!(f, "cannot wait for events: {error}"),
            Self::Unreachable(error) => error.fmt(f),
        }
    }
}
