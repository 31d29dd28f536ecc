//! Stage 2: many connections on one thread.
//!
//! In the order to read them:
//!
//! 1. [`session`]: bytes in, bytes out. What a server *does* is a [`Session`];
//!    [`Echo`] is the smallest.
//! 2. `outgoing`: output that the peer takes piece by piece.
//! 3. [`connection`]: one session on one stream: its phases, backpressure,
//!    half-close, the orderly end.
//! 4. `timers`: when the next deadline is due.
//! 5. [`connections`]: all connections of a thread, and who is ready.
//! 6. `accept` and [`server`]: newcomers, and the loop.
//! 7. [`client`]: the same connections, from the other end.
#![forbid(unsafe_code)]

mod accept;
pub mod client;
pub mod connection;
pub mod connections;
pub mod limits;
mod outgoing;
pub mod server;
pub mod session;
mod timers;

pub use limits::Limits;
pub use server::{Server, Stopper};
pub use session::{Echo, Session};
