//! A small step: a thread for each client.
//!
//! The loop of stage 1 stays as it is, and runs many times at once. What it
//! costs is a stack for each client, idle or not, and a switch between threads
//! for each message. Rows that it breaks:
//!
//! - M-08: out of descriptors, `accept` fails and the server ends.
//! - M-13: told to stop, it dies at once, whoever waits for an answer.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

use anyhow::Context;
use common::{Printable, ServerArgs};

fn main() -> ExitCode {
    common::exit_code(run(&ServerArgs::parse_and_start_logging()))
}

// ANCHOR: run
fn run(args: &ServerArgs) -> anyhow::Result<()> {
    let listener = args.endpoint.listen_with(TcpListener::bind)?;
    common::print_ready_line(listener.local_addr()?)?;
    loop {
        let (stream, peer) =
            listener.accept().context("cannot accept a client")?;
        log::info!("accepted connection from {peer}");
        thread::Builder::new()
            .spawn(move || match serve(stream) {
                Ok(()) => log::info!("closed connection from {peer}"),
                Err(error) => {
                    log::info!("dropped connection from {peer}: {error}");
                }
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
