//! `socktrace`, as its users meet it.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod bad_input;
mod book;
mod endings;
mod foreign;
mod golden;
mod live;
mod oracle;
mod reports;
mod rows;
mod run;
mod stages;
mod step;
mod support;
mod tmux;
mod traps;
