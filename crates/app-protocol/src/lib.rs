//! Stage 3
#![forbid(unsafe_code)]
pub mod actions;
pub mod anatomy;
pub mod client;
pub mod decoder;
pub mod encoding;
pub mod header;
mod keep_alive;
pub mod request;
pub mod session;
