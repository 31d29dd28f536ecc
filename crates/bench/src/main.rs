//! `cargo xtask bench`: the same work on us and on the peers, measured side by side.
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod linux;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: servers are measured through /proc, which only Linux has");
    ExitCode::FAILURE
}
