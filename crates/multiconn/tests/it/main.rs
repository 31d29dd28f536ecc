//! Stage 2's programs, as their users meet them, and the connection itself on a
//! scripted stream.
#![cfg(target_os = "linux")]

mod client;
mod fake_stream;
mod guide;
mod scripted;
mod server;
mod steps;
mod usage;
