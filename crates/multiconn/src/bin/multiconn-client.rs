//! The client of stage 2: many connections to an echo server at once.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use common::{ClientEndpoint, Timeout, Verbosity};
use multiconn::client;

/// Sends two messages on each of many connections, and waits for their echo.
#[derive(Parser)]
#[command(version, after_help = "Example: multiconn-client 127.0.0.1 65432 10")]
struct Args {
    #[command(flatten)]
    endpoint: ClientEndpoint,
    /// How many connections to open
    #[arg(default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// Longest silence to bear; 0 for any
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
    let addresses = args.endpoint.addresses()?;
    let n_connections = args.connections as usize;
    let max_open = common::connection_limit();
    if n_connections > max_open {
        log::warn!("too few descriptors: {max_open} connections at a time");
    }
    let summary =
        client::run(&addresses, n_connections, max_open, args.timeout)?;
    common::write_stdout(format!("{summary}\n").as_bytes())?;
    Ok(())
}
