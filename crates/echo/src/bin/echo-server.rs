//! The echo server of stage 1: one client at a time.
#![forbid(unsafe_code)]

use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::{ServerEndpoint, Verbosity};

/// Sends back whatever a client sends; serves one client, then ends.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example: echo-server 127.0.0.1 65432 --forever -v"
)]
struct Args {
    #[command(flatten)]
    endpoint: ServerEndpoint,
    /// Serve one client after another, until ended
    #[arg(long)]
    forever: bool,
    #[command(flatten)]
    verbosity: Verbosity,
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.verbosity.start_logging(log::LevelFilter::Warn);
    common::exit_code(run(&args))
}

// ANCHOR: run
fn run(args: &Args) -> anyhow::Result<()> {
    let listener = args.endpoint.listen_with(TcpListener::bind)?;
    common::print_ready_line(listener.local_addr()?)?;
    loop {
        let (mut stream, peer) =
            listener.accept().context("cannot accept a client")?;
        log::info!("accepted connection from {peer}");
        let served = common::set_no_delay(&stream)
            .and_then(|()| echo::serve(&mut stream))
            .with_context(|| format!("connection from {peer}"));
        drop(stream); // Closes the connection; the listener stays open.
        log::info!("closed connection from {peer}");
        if !args.forever {
            return served;
        }
        if let Err(error) = served {
            log::info!("{error:#}"); // It is no trouble of the next one.
        }
    }
}
// ANCHOR_END: run
