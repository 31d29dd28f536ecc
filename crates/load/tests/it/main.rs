//! `load`, as its users meet it: against servers that are right, and against servers
//! that are wrong in each way it can tell.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod app_protocol;
mod bad_servers;
mod command;
mod echo;
mod push;
mod scarce;
mod serve;
mod stopping;
mod usage;
