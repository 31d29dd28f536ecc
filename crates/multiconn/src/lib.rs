//! Stage 2: many connections on one thread.
//!
//! In the order to read them:
//!
//! 1. [`session`]: bytes in, bytes out. What a server *does* is a [`Session`];
//!    [`Echo`] is the smallest.
//! 2. [`incoming`] and [`outgoing`]: what is known of input without asking, and output
//!    that the peer takes piece by piece.
//! 3. [`stream`] and [`shared`]: what a connection needs of the system and the loop.
//! 4. `phase` and [`connection`]: one session on one stream: backpressure,
//!    half-close, the orderly end.
//! 5. `timers`: when the next deadline is due.
//! 6. [`connections`]: all connections of a thread, and who is ready.
//! 7. `accept` and [`server`]: newcomers, and the loop.
//! 8. [`client_loop`] and [`client`]: the same connections, from the other end.
#![forbid(unsafe_code)]

mod accept;
pub mod client;
pub mod client_loop;
pub mod connection;
pub mod connections;
pub mod incoming;
pub mod limits;
pub mod outgoing;
mod phase;
pub mod server;
pub mod session;
pub mod shared;
pub mod stream;
mod timers;

pub use limits::Limits;
pub use server::{Server, Stopper};
pub use session::{Echo, Session};
