//! Each experiment, run as it is, and the facts that it claims.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod front;
mod probe;
mod story;
mod stream;
