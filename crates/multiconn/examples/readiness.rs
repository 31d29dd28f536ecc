//! A small step: one thread that sleeps until a client is ready.
//!
//! The system says who can be read or written, so nobody is asked in vain. The
//! events are edge-triggered: each tells of a change, once, and what is then not
//! read to the end is never told of again. Rows that it breaks:
//!
//! - M-04: it reads on while a client doesn't, and keeps all that in memory.
//! - M-06: at the end of input it closes, whatever output still waits.
//! - M-08: out of descriptors, `accept` fails and the server ends.
//! - M-13: told to stop, it dies at once, whoever waits for an answer.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::{Printable, ServerEndpoint, Verbosity};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

/// Echoes to many clients, woken when one of them is ready.
#[derive(Parser)]
#[command(after_help = "Example: readiness 127.0.0.1 65432 -v")]
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
    const LISTENER: Token = Token(0);
    let mut listener = args.endpoint.listen_with(TcpListener::bind)?;
    common::print_ready_line(listener.local_addr()?)?;
    let mut poll = Poll::new()?;
    let registry = poll.registry().try_clone()?;
    registry.register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut clients = HashMap::new();
    let mut tokens = (1..).map(Token);
    let mut events = Events::with_capacity(128);
    loop {
        poll.poll(&mut events, None)?; // Sleeps until something is ready.
        for event in &events {
            if event.token() == LISTENER {
                let accepted = || unless_it_would_block(listener.accept());
                while let Some((mut stream, peer)) = accepted().context("cannot accept a client")? {
                    log::info!("accepted connection from {peer}");
                    let token = tokens.next().expect("more than there are sockets");
                    let interest = Interest::READABLE | Interest::WRITABLE;
                    registry.register(&mut stream, token, interest)?;
                    clients.insert(token, (stream, Vec::new()));
                }
            } else if let Some((stream, unsent)) = clients.get_mut(&event.token())
                && !serve(stream, unsent).unwrap_or(false)
            {
                clients.remove(&event.token());
            }
        }
    }
}
// ANCHOR_END: run

// ANCHOR: serve
/// Moves what can be moved now; false once the client has left.
fn serve(stream: &mut TcpStream, unsent: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 1024];
    while let Some(n_read) = unless_it_would_block(stream.read(&mut buffer))? {
        if n_read == 0 {
            return Ok(false);
        }
        log::info!("echoing {}", Printable::excerpt(&buffer[..n_read]));
        unsent.extend_from_slice(&buffer[..n_read]);
        if let Some(n_sent) = unless_it_would_block(stream.write(unsent))? {
            unsent.drain(..n_sent);
        }
    }
    while !unsent.is_empty()
        && let Some(n_sent) = unless_it_would_block(stream.write(unsent))?
    {
        unsent.drain(..n_sent);
    }
    Ok(true)
}
// ANCHOR_END: serve

fn unless_it_would_block<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
