//! A small step: one thread, and a bound for what waits to be sent.
//!
//! A client that doesn't read its answers is not read from, until it does: so
//! what we keep for it has a bound, and TCP holds it back at its own end. And
//! the end of its input isn't the end of our output. Rows that it breaks:
//!
//! - M-08: out of descriptors, `accept` fails and the server ends.
//! - M-13: told to stop, it dies at once, whoever waits for an answer.
//!
//! And on a bad day M-11: a client that sends and reads without pause has the
//! loop for itself.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use anyhow::Context;
use common::{Printable, ServerArgs};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

/// How much may wait to be sent to a client before no more is read from it: as
/// much as keeps a fast one busy, and little enough for thousands of slow ones.
const MAX_UNSENT: usize = 64 * 1024;

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
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            let token = event.token();
            let client = clients.get_mut(&token);
            if client.is_some_and(|client| {
                !client.turn(&registry, token).unwrap_or(false)
            }) {
                clients.remove(&token);
                log::info!("closed a connection");
            }
        }
        let accepted = || unless_it_would_block(listener.accept());
        while let Some((stream, peer)) =
            accepted().context("cannot accept a client")?
        {
            log::info!("accepted connection from {peer}");
            common::set_no_delay(&stream)?;
            let token = tokens.next().expect("more than there are sockets");
            let mut client = Client::new(stream);
            client.register(&registry, token)?;
            clients.insert(token, client);
        }
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
    /// Invariant: less than `MAX_UNSENT`, and one read more.
    unsent: Vec<u8>,
    /// The client has finished sending. It may still read.
    has_input_ended: bool,
    /// What the system was asked to tell.
    registered: Option<Interest>,
}

impl Client {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unsent: Vec::new(),
            has_input_ended: false,
            registered: None,
        }
    }

    // ANCHOR: turn
    /// Moves what can be moved now, and says what it waits for; false once all
    /// that came is sent back, and no more will come.
    fn turn(&mut self, registry: &Registry, token: Token) -> io::Result<bool> {
        self.flush()?;
        while self.may_read() && self.read()? {
            self.flush()?;
        }
        self.register(registry, token)?;
        Ok(!self.has_input_ended || !self.unsent.is_empty())
    }

    // ANCHOR_END: turn

    // ANCHOR: read
    fn may_read(&self) -> bool {
        !self.has_input_ended && self.unsent.len() < MAX_UNSENT
    }

    /// One read; false if there is nothing more to read.
    fn read(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        let n_read = unless_it_would_block(self.stream.read(&mut buffer))?;
        match n_read {
            None => return Ok(false),
            Some(0) => self.has_input_ended = true,
            Some(n_read) => {
                log::info!("echoing {}", Printable::excerpt(&buffer[..n_read]));
                self.unsent.extend_from_slice(&buffer[..n_read]);
            }
        }
        Ok(!self.has_input_ended)
    }
    // ANCHOR_END: read

    fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty()
            && let Some(n_sent) =
                unless_it_would_block(self.stream.write(&self.unsent))?
        {
            self.unsent.drain(..n_sent);
        }
        Ok(())
    }

    // ANCHOR: interest
    /// Derived from the state: to write only while something waits to be sent,
    /// to read only while there is room for it.
    fn interest(&self) -> Option<Interest> {
        match (self.may_read(), !self.unsent.is_empty()) {
            (true, true) => Some(Interest::READABLE | Interest::WRITABLE),
            (true, false) => Some(Interest::READABLE),
            (false, true) => Some(Interest::WRITABLE),
            (false, false) => None,
        }
    }

    // ANCHOR_END: interest

    // ANCHOR: register
    /// Tells the system, if that has changed. It then tells at once what is
    /// ready, so nothing that came while nobody asked is lost.
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
    ) -> io::Result<()> {
        let interest = self.interest();
        if interest != self.registered {
            match (self.registered, interest) {
                (None, Some(interest)) => {
                    registry.register(&mut self.stream, token, interest)?;
                }
                (_, Some(interest)) => {
                    registry.reregister(&mut self.stream, token, interest)?;
                }
                (_, None) => registry.deregister(&mut self.stream)?,
            }
            self.registered = interest;
        }
        Ok(())
    }
    // ANCHOR_END: register
}
