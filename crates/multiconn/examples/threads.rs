//! A small step: a thread for each client.
//!
//! The loop of stage 1 stays as it is, and runs many times at once. What it costs
//! is a stack for each client, idle or not, and a switch between threads for each
//! message. Rows that it breaks:
//!
//! - M-08: out of descriptors, `accept` fails and the server ends.
//! - M-13: told to stop, it dies at once, whoever waits for an answer.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

use anyhow::Context;
use clap::Parser;
use common::{Printable, ServerEndpoint, Verbosity};

/// Echoes to many clients, by a thread for each.
#[derive(Parser)]
#[command(after_help = "Example: threads 127.0.0.1 65432 -v")]
struct Args {
    #[command(flatten)]
    endpoint: ServerEndpoint,
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
        let (stream, peer) = listener.accept().context("cannot accept a client")?;
        log::info!("accepted connection from {peer}");
        thread::Builder::new()
            .spawn(move || match serve(stream) {
                Ok(()) => log::info!("closed connection from {peer}"),
                Err(error) => log::info!("dropped connection from {peer}: {error}"),
            })
            .context("cannot start a thread")?;
    }
}
// ANCHOR_END: run

fn serve(mut stream: TcpStream) -> io::Result<()> {
    common::set_no_delay(&stream)?;
    let mut buffer = [0; 1024];
    loop {
        let n_read = stream.read(&mut buffer)?;
        if n_read == 0 {
            return Ok(());
        }
        log::info!("echoing {}", Printable::excerpt(&buffer[..n_read]));
        stream.write_all(&buffer[..n_read])?;
    }
}
