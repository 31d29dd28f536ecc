//! What the tests of all crates share: real programs, started on a port of the system's
//! choice and always reaped, and the other end of a connection to them. What the
//! programs promise as numbered rows is checked by the judge, and not here.
//!
//! Nothing here waits for a fixed time in the hope that something has happened: it
//! waits for the event itself, or looks again and again where there is none, always
//! with a deadline that only a hung program misses.
#![forbid(unsafe_code)]
// Elsewhere there is no `/proc` to look into.
#![cfg(target_os = "linux")]

mod peer;
mod program;
mod python;
mod require;
mod server;
mod signals;

pub mod usage;

pub use peer::{ClosedPort, Peer, accept, pattern};
pub use program::Program;
pub use python::python_peer;
pub use require::{require, require_descriptors, require_tool};
pub use server::{Server, Target};
pub use signals::check_ignored_signals;

use std::time::Duration;

/// How long to wait for what should happen at once.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// An address of each family.
pub const HOSTS: [&str; 2] = ["127.0.0.1", "::1"];
