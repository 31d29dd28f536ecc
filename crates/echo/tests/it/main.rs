//! Stage 1's programs, as their users meet them: real processes on loopback.
#![cfg(target_os = "linux")]

mod client;
mod guide;
mod server;
mod usage;
