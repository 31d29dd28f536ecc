//! What the tests of all stages share: real programs, started on a port of the
//! system's choice and always reaped, and the numbered rows of the requirements as
//! checks of any server, ours or a deliberately naive one.
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
mod speech;

pub mod echo_rows;
pub mod multiconn_rows;
pub mod usage;

pub use peer::{ClosedPort, Peer, accept, pattern};
pub use program::Program;
pub use python::python_peer;
pub use require::{require_descriptors, require_tool};
pub use server::{Server, Target};
pub use signals::check_ignored_signals;
pub use speech::Speech;

use std::time::Duration;

/// How long to wait for what should happen at once.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// The address families that each row is checked on.
pub const HOSTS: [&str; 2] = ["127.0.0.1", "::1"];
