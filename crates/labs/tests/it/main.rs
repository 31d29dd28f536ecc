//! Each experiment, run as it is, and the facts that it claims.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod backlog;
mod balancer;
mod blocking;
mod book;
mod closing;
mod datagram;
mod endianness;
mod endings;
mod errors;
mod families;
mod front;
mod hostnames;
mod ping;
mod probe;
mod socket_state;
mod story;
mod stream;
mod transcripts;
mod two_hosts;
