//! Stage 2's programs, as their users meet them, and the connection itself on a
//! scripted stream.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod client;
mod connections;
mod contract;
mod fake_stream;
mod guide;
mod rows;
mod scripted;
mod scripted_sessions;
mod server;
mod signals;
mod steps;
mod usage;
