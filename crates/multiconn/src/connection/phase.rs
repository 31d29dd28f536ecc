//! The phases of a connection, from its establishment to its orderly end.

use std::time::{Duration, Instant};

use super::context::READ_SIZE;

/// How much more of what has arrived a connection takes that is told to stop: a
/// client that goes on sending must not prolong the end.
pub(super) const DRAIN_BUDGET: usize = 2 * READ_SIZE;
/// How long nothing must come before a connection that is told to stop has
/// taken all that had arrived: a full receive window lets the rest in only as
/// we read.
pub(super) const DRAIN_SILENCE: Duration = Duration::from_millis(100);
/// How long to wait for the peer's end of input after our own.
pub(super) const LINGER: Duration = Duration::from_secs(1);

// ANCHOR: phase
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// A client's connection that the server has not answered yet.
    Connecting,
    /// Input goes to the session, its output to the peer.
    Serving,
    /// Told to stop: what has already arrived is served, at most `budget` bytes
    /// more, until `until` has come without another byte.
    Draining { budget: usize, until: Instant },
    /// The last output is on its way. Unless the peer has finished sending,
    /// what it still sends is discarded.
    Flushing { has_input_ended: bool },
    /// All is sent, and the peer was told so. Closing now, with input unread,
    /// would make the system send a reset (RFC 2525, 2.17), and that destroys
    /// output still on its way: so discard input until the peer has finished,
    /// too.
    Lingering { until: Instant },
    /// There is nothing left to do but to drop the stream.
    Closed,
}
// ANCHOR_END: phase
