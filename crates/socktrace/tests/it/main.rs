//! `socktrace`, as its users meet it.
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

mod book;
#[cfg(target_os = "linux")]
mod foreign;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod stages;
