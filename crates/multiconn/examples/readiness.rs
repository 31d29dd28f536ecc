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
//!
//! On a bad day it breaks E-03 as it does M-06, and M-11: a client that never stops
//! sending keeps `serve` in its loop.
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
    let mut clients: HashMap<Token, Client> = HashMap::new();
    let mut tokens = (1..).map(Token);
    let mut events = Events::with_capacity(128);
    loop {
        // Sleeps until something is ready. (Or until Ctrl-Z and `fg`: signal(7).)
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() != LISTENER {
                if let Some(client) = clients.get_mut(&event.token())
                    && !client.serve().unwrap_or(false)
                {
                    clients.remove(&event.token());
                    log::info!("closed a connection");
                }
                continue;
            }
            let accepted = || unless_it_would_block(listener.accept());
            while let Some((mut stream, peer)) = accepted().context("cannot accept a client")? {
                log::info!("accepted connection from {peer}");
                common::set_no_delay(&stream)?;
                let token = tokens.next().expect("more than there are sockets");
                let interest = Interest::READABLE | Interest::WRITABLE;
                registry.register(&mut stream, token, interest)?;
                let unsent = Vec::new();
                clients.insert(token, Client { stream, unsent });
            }
        }
    }
}

fn unless_it_would_block<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
// ANCHOR_END: run

struct Client {
    stream: TcpStream,
    /// A non-blocking write may take less than all: this is the rest.
    unsent: Vec<u8>,
}

impl Client {
    // ANCHOR: serve
    /// Moves all that can be moved now; false once the client has left.
    fn serve(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 1024];
        while let Some(n_read) = unless_it_would_block(self.stream.read(&mut buffer))? {
            if n_read == 0 {
                return Ok(false);
            }
            log::info!("echoing {}", Printable::excerpt(&buffer[..n_read]));
            self.unsent.extend_from_slice(&buffer[..n_read]);
            self.flush()?;
        }
        self.flush()?;
        Ok(true)
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty()
            && let Some(n_sent) = unless_it_would_block(self.stream.write(&self.unsent))?
        {
            self.unsent.drain(..n_sent);
        }
        Ok(())
    }
    // ANCHOR_END: serve
}
