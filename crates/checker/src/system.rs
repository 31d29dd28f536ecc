//! What the checker asks of the operating system: processes, their trees and
//! figures, ports, and who listens on them.

mod orphans;
mod output;
mod ports;
mod process;
mod sockets;
mod tree;
mod watchman;

pub(crate) use orphans::reap as reap_orphans;
pub(crate) use output::said;
pub(crate) use ports::{BlockedPort, Ports};
pub(crate) use process::{Order, Process, command_exists};
pub(crate) use sockets::{Listening, is_unowned};
pub(crate) use tree::{Usage, adopt_orphans, end_all, owner_of};
pub(crate) use watchman::keep_watch;

/// A signal that a program is told to stop with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
    /// Stands still until [`Signal::Continue`].
    Stop,
    Continue,
}
