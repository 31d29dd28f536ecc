//! `cargo xtask bench`: the same work on us and on the peers, measured side by side.
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod bench;
#[cfg(target_os = "linux")]
mod codec;
#[cfg(target_os = "linux")]
mod contender;
#[cfg(target_os = "linux")]
mod goals;
#[cfg(target_os = "linux")]
mod iperf;
#[cfg(target_os = "linux")]
mod load;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod metric;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod plot;
#[cfg(target_os = "linux")]
mod results;
#[cfg(target_os = "linux")]
mod rounds;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod syscalls;
#[cfg(target_os = "linux")]
mod workload;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    bench::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: servers are measured through /proc, which only Linux has");
    ExitCode::FAILURE
}
