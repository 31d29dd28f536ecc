//! A small step: one thread that sleeps until a client is ready.
//!
//! The system says who can be read or written, so nobody is asked in vain. Its
//! events are edge-triggered: each tells of a change, once. Rows that it
//! breaks:
//!
//! - E-05: who finishes right after sending loses the end, for the reason of M-06.
//! - M-04: it reads on while a client doesn't, and keeps all that in memory.
//! - M-06: at the end of input it closes, whatever output still waits.
//! - M-08: out of descriptors, `accept` fails and the server ends.
//! - M-13: told to stop, it dies at once, whoever waits for an answer.
//!
//! And on a bad day E-03, for that reason too, and M-11: a client that always sends
//! is always read.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use anyhow::Context;
use common::{Printable, ServerArgs};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

fn main() -> ExitCode {
    common::exit_code(run(&ServerArgs::parse_and_start_logging()))
}

fn run(args: &ServerArgs) -> anyhow::Result<()> {
    const LISTENER: Token = Token(0);
    let mut listener = args.endpoint.listen_with(TcpListener::bind)?;
    common::print_ready_line(listener.local_addr()?)?;
    let mut poll = Poll::new()?;
    let registry = poll.registry().try_clone()?;
    registry.register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut clients: HashMap<Token, Client> = HashMap::new();
    let mut tokens = (1..).map(Token);
    let mut events = Events::with_capacity(128);
    // ANCHOR: run
    loop {
        // Sleeps until something is ready. (Or until Ctrl-Z and `fg`:
        // signal(7).)
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            let token = event.token();
            let client = clients.get_mut(&token);
            if client.is_some_and(|client| !client.serve().unwrap_or(false)) {
                clients.remove(&token);
                log::info!("closed a connection");
            }
        }
        // ANCHOR_END: run
        // ANCHOR: accept
        let accepted = || unless_it_would_block(listener.accept());
        while let Some((mut stream, peer)) =
            accepted().context("cannot accept a client")?
        {
            log::info!("accepted connection from {peer}");
            common::set_no_delay(&stream)?;
            let token = tokens.next().expect("more than there are sockets");
            registry.register(
                &mut stream,
                token,
                Interest::READABLE | Interest::WRITABLE,
            )?;
            let unsent = Vec::new();
            clients.insert(token, Client { stream, unsent });
        }
        // ANCHOR_END: accept
    }
}

fn unless_it_would_block<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}

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
        let mut has_ended = false;
        while !has_ended
            && let Some(n_read) =
                unless_it_would_block(self.stream.read(&mut buffer))?
        {
            has_ended = n_read == 0;
            if !has_ended {
                log::info!("echoing {}", Printable::excerpt(&buffer[..n_read]));
                self.unsent.extend_from_slice(&buffer[..n_read]);
            }
        }
        while !self.unsent.is_empty()
            && let Some(n) =
                unless_it_would_block(self.stream.write(&self.unsent))?
        {
            self.unsent.drain(..n);
        }
        Ok(!has_ended)
    }
    // ANCHOR_END: serve
}
