//! An echo server for many clients, on one thread.
//!
//! Users reported: now and then the server is gone, and everybody's connection with
//! it. It happens when somebody's program crashes or somebody's laptop is closed.
//! Repaired in `Server::turn`.
#![forbid(unsafe_code)]

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::ToSocketAddrs;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};

/// What one read takes at most.
const BUFFER_SIZE: usize = 16 * 1024;
/// How often one client is read from before the others have their turns.
const READS_PER_TURN: usize = 4;
/// When to try again if a newcomer could not be accepted and nobody leaves.
const ACCEPT_RETRY: Duration = Duration::from_millis(500);
/// How long clients may take to read their last answers when the server has to stop.
const DRAIN_DEADLINE: Duration = Duration::from_secs(3);

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
const FIRST_CLIENT: Token = Token(2);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, port] = &args[..] else {
        bail!("expected HOST PORT");
    };
    let listener = listen(host, port).with_context(|| format!("cannot listen on {host}:{port}"))?;
    let address = listener.local_addr()?;
    let server = Server::new(listener)?;
    println!("listening on {address}");
    server.serve()
}

fn listen(host: &str, port: &str) -> anyhow::Result<TcpListener> {
    let mut addresses = (host, port.parse()?).to_socket_addrs()?;
    let address = addresses.next().context("it has no address")?;
    Ok(TcpListener::bind(address)?)
}

struct Server {
    poll: Poll,
    /// None once the server has to stop.
    listener: Option<TcpListener>,
    clients: HashMap<Token, Client>,
    /// Never used twice, so that no event reaches another client than it was meant for.
    next_token: Token,
    /// Who has more to do, though no event will say so.
    again: BTreeSet<Token>,
    /// Newcomers wait, though no event will say so.
    accept_failed: bool,
    n_signals: Arc<AtomicUsize>,
    /// Set by the first signal.
    deadline: Option<Instant>,
}

impl Server {
    fn new(mut listener: TcpListener) -> anyhow::Result<Self> {
        let poll = Poll::new()?;
        poll.registry()
            .register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let n_signals = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_signals);
        ctrlc::set_handler(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            let _ = waker.wake();
        })?;
        Ok(Self {
            poll,
            listener: Some(listener),
            clients: HashMap::new(),
            next_token: FIRST_CLIENT,
            again: BTreeSet::new(),
            accept_failed: false,
            n_signals,
            deadline: None,
        })
    }

    fn serve(mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; BUFFER_SIZE];
        while !self.is_over() {
            match self.poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
                _ => {}
            }
            let mut turns = mem::take(&mut self.again);
            turns.extend(events.iter().map(Event::token));
            for &token in &turns {
                self.turn(token, &mut buffer);
            }
            // Last, since who has just left makes room.
            if turns.contains(&LISTENER) || self.accept_failed {
                self.accept();
            }
        }
        Ok(())
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.again.is_empty() {
            return Some(Duration::ZERO);
        }
        match self.deadline {
            Some(deadline) => Some(deadline.saturating_duration_since(Instant::now())),
            None => self.accept_failed.then_some(ACCEPT_RETRY),
        }
    }

    fn turn(&mut self, token: Token, buffer: &mut [u8]) {
        let Some(client) = self.clients.get_mut(&token) else {
            return;
        };
        // Not the server's error: a reset, say, is the end of this connection and of no
        // other.
        let next = client
            .turn(buffer, self.deadline.is_some())
            .unwrap_or(Next::End);
        match next {
            Next::Wait => {}
            Next::Again => {
                self.again.insert(token);
            }
            Next::End => {
                self.clients.remove(&token);
            }
        }
    }

    /// Accepts until nobody waits, because the next event tells of later newcomers.
    fn accept(&mut self) {
        self.accept_failed = false;
        while let Some(listener) = &self.listener {
            match listener.accept() {
                Ok((stream, _)) => self.welcome(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // That one has left already.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                // Too many open files, most likely: until somebody leaves.
                Err(_) => {
                    self.accept_failed = true;
                    return;
                }
            }
        }
    }

    fn welcome(&mut self, mut stream: TcpStream) {
        // Small answers are not to wait for larger ones.
        let _ = stream.set_nodelay(true);
        let token = self.next_token;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.registry();
        if registry.register(&mut stream, token, interest).is_ok() {
            self.next_token.0 += 1;
            self.clients.insert(token, Client::new(stream));
        }
    }

    /// The first signal lets the clients finish, the second doesn't.
    fn is_over(&mut self) -> bool {
        match (self.n_signals.load(Ordering::Relaxed), self.deadline) {
            (0, _) => return false,
            (1, None) => self.stop(),
            (1, Some(deadline)) if Instant::now() < deadline => {}
            _ => return true,
        }
        self.clients.is_empty()
    }

    fn stop(&mut self) {
        // Who waits to be accepted may have sent something.
        self.accept();
        self.accept_failed = false;
        self.listener = None;
        self.deadline = Some(Instant::now() + DRAIN_DEADLINE);
        self.again.extend(self.clients.keys());
    }
}

/// What a client needs after its turn.
enum Next {
    /// Nothing, until an event tells of it.
    Wait,
    /// Another turn.
    Again,
    /// To be closed.
    End,
}

struct Client {
    stream: TcpStream,
    /// Read, and not yet written.
    output: Vec<u8>,
}

impl Client {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            output: Vec::new(),
        }
    }

    /// Echoes what has arrived, up to a limit.
    fn turn(&mut self, buffer: &mut [u8], is_stopping: bool) -> io::Result<Next> {
        for _ in 0..READS_PER_TURN {
            self.flush()?;
            if !self.output.is_empty() {
                return Ok(Next::Wait);
            }
            match self.stream.read(buffer) {
                Ok(0) => return Ok(Next::End),
                Ok(n_read) => self.output.extend_from_slice(&buffer[..n_read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Ok(if is_stopping { Next::End } else { Next::Wait });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Next::Again)
    }

    /// Writes as much of the output as the system takes.
    fn flush(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(n_written) => drop(self.output.drain(..n_written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
