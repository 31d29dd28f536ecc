//! Stage 1's programs, as their users meet them: real processes on loopback.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod client;
mod guide;
mod naive;
mod rows;
mod server;
mod usage;
