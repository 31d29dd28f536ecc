//! The echo client of stage 1: one message, and its echo.
#![forbid(unsafe_code)]

use std::io::{self, Cursor};
use std::net::TcpStream;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::{ClientEndpoint, Printable, Stdout, Timeout, Verbosity};

/// Sends a message to an echo server and prints what comes back.
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  echo-client 127.0.0.1 65432 --message 'Hello, world'\n  \
                  echo-client 127.0.0.1 65432 - < FILE > COPY"
)]
struct Args {
    #[command(flatten)]
    endpoint: ClientEndpoint,
    /// Send standard input, and write its echo to standard output
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true)]
    #[arg(conflicts_with = "message")]
    stdin: Option<String>,
    /// Text, or "-" for stdin
    #[arg(short, long, value_name = "TEXT", default_value = "Hello, world")]
    message: String,
    /// Longest silence to bear; 0 for any
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::from_secs(10))]
    timeout: Timeout,
    #[command(flatten)]
    verbosity: Verbosity,
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.verbosity.start_logging(log::LevelFilter::Warn);
    common::exit_code(run(&args))
}

// ANCHOR: connect
fn run(args: &Args) -> anyhow::Result<()> {
    let (stream, server) = args.endpoint.connect_with(|address| {
        let stream = match args.timeout.limit() {
            Some(limit) => TcpStream::connect_timeout(&address, limit)?,
            None => TcpStream::connect(address)?,
        };
        Ok((stream, address))
    })?;
    log::info!("connected to {server} from {}", stream.local_addr()?);
    common::set_no_delay(&stream)?;
    common::set_timeouts(&stream, args.timeout.limit())?;
    // ANCHOR_END: connect

    let no_echo = || format!("no echo from {server}");
    if args.stdin.is_some() || args.message == "-" {
        // As it comes, and as it comes back.
        return echo::exchange(&stream, io::stdin(), Stdout)
            .with_context(no_echo);
    }
    let message = Cursor::new(args.message.clone().into_bytes());
    let mut reply = Vec::new();
    echo::exchange(&stream, message, &mut reply).with_context(no_echo)?;
    common::write_stdout(
        format!("received {}\n", Printable::whole(&reply)).as_bytes(),
    )?;
    Ok(())
}
