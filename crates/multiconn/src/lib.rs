//! Stage 2: many connections on one thread.
//!
//! In the order to read them:
//!
//! 1. [`session`]: bytes in, bytes out. What a server *does* is a [`Session`];
//!    [`Echo`] is the smallest.
//! 2. [`connection`]: one session on one stream, a turn at a time. With it:
//!    output that waits, input that is reported once, the way between both and
//!    the session, the orderly end and its phases, deadlines, room in memory.
//! 3. `timers`: when the next deadline is due.
//! 4. [`connections`]: all connections of a thread: who is ready has a turn.
//! 5. [`server`]: the loop, and how it accepts newcomers.
//! 6. [`client_loop`] and [`client`]: the same connections, from the other end.
//! 7. [`limits`]: the flags.
#![forbid(unsafe_code)]

pub mod client;
pub mod client_loop;
pub mod connection;
pub mod connections;
pub mod limits;
pub mod server;
pub mod session;
mod timers;

pub use limits::Limits;
pub use server::{Server, Stopper};
pub use session::{Echo, Session};
