//! A small step: one thread that asks each client again and again.
//!
//! No call blocks any more: each takes what there is, or says "would block". So
//! one thread serves everybody, and never rests. Rows that it breaks:
//!
//! - M-05: with nothing to do, it keeps a core busy.
//! - M-08: out of descriptors, `accept` fails and the server ends.
//! - M-13: told to stop, it dies at once, whoever waits for an answer.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

use anyhow::Context;
use common::{Printable, ServerArgs};

fn main() -> ExitCode {
    common::exit_code(run(&ServerArgs::parse_and_start_logging()))
}

fn run(args: &ServerArgs) -> anyhow::Result<()> {
    let listener = args.endpoint.listen_with(TcpListener::bind)?;
    listener.set_nonblocking(true)?;
    common::print_ready_line(listener.local_addr()?)?;
    let mut clients = Vec::new();
    // ANCHOR: run
    loop {
        let accepted = unless_it_would_block(listener.accept());
        if let Some((stream, peer)) =
            accepted.context("cannot accept a client")?
        {
            log::info!("accepted connection from {peer}");
            stream.set_nonblocking(true)?;
            common::set_no_delay(&stream)?;
            let unsent = Vec::new();
            clients.push(Client { stream, unsent });
        }
        // Whoever has left, or fails, is served no longer.
        clients.retain_mut(|client| {
            let is_there = client.serve().unwrap_or(false);
            if !is_there {
                log::info!("closed a connection");
            }
            is_there
        });
    }
    // ANCHOR_END: run
}

// ANCHOR: would_block
fn unless_it_would_block<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
// ANCHOR_END: would_block

struct Client {
    stream: TcpStream,
    /// A non-blocking write may take less than all: this is the rest.
    unsent: Vec<u8>,
}

impl Client {
    // ANCHOR: serve
    /// Moves what can be moved now; false once the client has left.
    fn serve(&mut self) -> io::Result<bool> {
        if self.unsent.is_empty() {
            let mut buffer = [0; 1024];
            match unless_it_would_block(self.stream.read(&mut buffer))? {
                Some(0) => return Ok(false),
                Some(n_read) => {
                    self.unsent.extend_from_slice(&buffer[..n_read]);
                }
                None => return Ok(true),
            }
            log::info!("echoing {}", Printable::excerpt(&self.unsent));
        }
        if let Some(n_sent) =
            unless_it_would_block(self.stream.write(&self.unsent))?
        {
            self.unsent.drain(..n_sent);
        }
        Ok(true)
    }
    // ANCHOR_END: serve
}
