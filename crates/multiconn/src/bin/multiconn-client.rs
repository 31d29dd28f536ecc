//! The client of stage 2: many connections to an echo server at once.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::{ClientEndpoint, Timeout, Verbosity};

/// Sends two messages on each of many connections, and waits for their echo.
#[derive(Parser)]
#[command(version, after_help = "Example: multiconn-client 127.0.0.1 65432 10")]
struct Args {
    #[command(flatten)]
    endpoint: ClientEndpoint,
    /// How many connections to open at once
    #[arg(default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// Longest wait for an answer; 0 for any
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::from_secs(10))]
    timeout: Timeout,
    #[command(flatten)]
    verbosity: Verbosity,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // The guide's client tells each step without being asked.
    args.verbosity.start_logging(log::LevelFilter::Info);
    common::exit_code(run(&args))
}

fn run(args: &Args) -> anyhow::Result<()> {
    common::raise_descriptor_limit().context("cannot raise the limit of open files")?;
    let addresses = args.endpoint.addresses()?;
    let n_connections = args.connections as usize;
    let summary = multiconn::client::run(&addresses, n_connections, args.timeout)?;
    common::write_stdout(format!("{summary}\n").as_bytes())?;
    Ok(())
}
