//! The client of stage 2: many connections to an echo server at once.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use common::{ClientEndpoint, Timeout, Verbosity};
use multiconn::client;
use multiconn::load::{self, EchoDialogue, LOAD_HEADING, LoadFlags, Pattern};

/// Sends two messages on each of many connections, and waits for their echo.
///
/// With any of the flags for load it sends as many as it can, and measures.
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  multiconn-client 127.0.0.1 65432 10\n  \
                  multiconn-client 127.0.0.1 65432 50 --duration 5 --size 1024"
)]
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
    #[command(flatten)]
    load: LoadFlags,
    /// Print what was measured as JSON
    #[arg(long, requires = "load", help_heading = LOAD_HEADING)]
    json: bool,
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
    if args.load.is_wanted() {
        let plan = args.load.plan(n_connections, args.timeout);
        let pattern = Arc::new(Pattern::default());
        let echo = |number| EchoDialogue::new(Arc::clone(&pattern), number, plan.size);
        return load::put_load(&addresses, &plan, echo, args.json);
    }
    let max_open = common::connection_limit();
    if n_connections > max_open {
        log::warn!("too few descriptors: {max_open} connections at a time");
    }
    let summary = client::run(&addresses, n_connections, max_open, args.timeout)?;
    common::write_stdout(format!("{summary}\n").as_bytes())?;
    Ok(())
}
