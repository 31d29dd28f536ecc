//! What the checker asks of the operating system: processes, their trees and
//! figures, ports, and who listens on them.

mod orphans;
mod output;
mod ports;
mod process;
mod sockets;
mod tree;
mod watchman;

pub use orphans::{adopt as adopt_orphans, end_all};
pub(crate) use output::said;
pub(crate) use ports::{BlockedPort, choose as choose_port, is_free};
pub use process::command_exists;
pub(crate) use process::{Order, Process};
pub(crate) use sockets::{Listening, is_unowned, reaches};
pub(crate) use tree::{Usage, owner_of};

/// A signal that a program is told to stop with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
    /// Stands still until [`Signal::Continue`].
    Stop,
    Continue,
}
