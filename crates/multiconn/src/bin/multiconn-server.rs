//! The server of stage 2: an echo for many clients at once.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::{ServerEndpoint, Verbosity};
use multiconn::{Echo, Limits, Server};

/// Sends back whatever each client sends, to many clients at once.
#[derive(Parser)]
#[command(
    version,
    next_line_help = true,
    after_help = "Example: multiconn-server 127.0.0.1 65432 --idle-timeout 0 -v"
)]
struct Args {
    #[command(flatten)]
    endpoint: ServerEndpoint,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    verbosity: Verbosity,
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.verbosity.start_logging(log::LevelFilter::Warn);
    common::exit_code(run(args))
}

// ANCHOR: run
fn run(args: Args) -> anyhow::Result<()> {
    common::raise_descriptor_limit();
    let listener = args.endpoint.listen_with(common::listen)?;
    let address = listener.local_addr()?;
    let server = Server::new(listener, args.limits, Echo::new)
        .context("cannot start the event loop")?;
    let stopper = server.stopper();
    common::on_stop_request(move || stopper.stop())
        .context("cannot listen for Ctrl-C")?;
    common::print_ready_line(address)?;
    server.run().context("cannot wait for events")
}
// ANCHOR_END: run
