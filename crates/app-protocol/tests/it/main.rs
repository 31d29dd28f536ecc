//! Stage 3's programs, as their users meet them, and its library.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod bad_input;
mod client;
mod codec;
mod guide;
mod keep_alive;
mod requests;
mod room;
mod rows;
mod signals;
mod usage;
mod wire;
