//! A small step, and the last: one thread that gets through a hard day.
//!
//! Nobody has the loop for himself, since a turn has a budget. An `accept` that
//! fails is tried again. Told to stop, it answers what has arrived, and closes
//! so that no reset destroys an answer. It breaks no row; what it lacks is that
//! it can do nothing but echo.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Printable, ServerArgs};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token, Waker};

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);

/// How much may wait to be sent to a client before no more is read from it.
const MAX_UNSENT: usize = 64 * 1024;
/// How many reads a client gets before the others have their turn.
const READ_BUDGET: usize = 16;
/// How many newcomers are let in before the others have their turn.
const ACCEPT_BUDGET: usize = 64;
/// How long to wait for a descriptor before the next attempt to accept.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);
/// How long clients have to take their answers when the server is told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    common::exit_code(run(&ServerArgs::parse_and_start_logging()))
}

fn run(args: &ServerArgs) -> anyhow::Result<()> {
    common::raise_descriptor_limit();
    let listener = args.endpoint.listen_with(TcpListener::bind)?;
    let address = listener.local_addr()?;
    let poll = Poll::new()?;
    let waker = Waker::new(poll.registry(), WAKER)?;
    let n_stop_requests = Arc::new(AtomicUsize::new(0));
    let n_requests = Arc::clone(&n_stop_requests);
    common::on_stop_request(move || {
        n_requests.fetch_add(1, Ordering::Relaxed);
        let _ = waker.wake(); // It can't fail: wake-ups are merged.
    })?;
    let mut server = Server::new(poll, listener)?;
    common::print_ready_line(address)?;
    server.run(&n_stop_requests)?;
    Ok(())
}

struct Server {
    poll: Poll,
    /// `None` once newcomers are refused.
    listener: Option<TcpListener>,
    /// There may be newcomers: nothing has said "would block" since the last
    /// event.
    has_newcomers: bool,
    /// There was no descriptor for a newcomer; when to try again.
    retry_at: Option<Instant>,
    clients: HashMap<Token, Client>,
    next_token: usize,
    /// Those whose budget ended their turn: no event will tell of them again.
    unfinished: Vec<Token>,
    /// When to end at the latest, once told to stop.
    deadline: Option<Instant>,
}

impl Server {
    fn new(poll: Poll, mut listener: TcpListener) -> io::Result<Self> {
        let registry = poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            poll,
            listener: Some(listener),
            has_newcomers: false,
            retry_at: None,
            clients: HashMap::new(),
            next_token: 2,
            unfinished: Vec::new(),
            deadline: None,
        })
    }

    fn run(&mut self, n_stop_requests: &AtomicUsize) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, self.time_to_sleep()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    continue;
                }
                result => result?,
            }
            // ANCHOR: run
            self.has_newcomers |=
                events.iter().any(|event| event.token() == LISTENER);
            // Those who were interrupted, and those of whom there is news: each
            // once.
            let mut due = mem::take(&mut self.unfinished);
            due.extend(events.iter().map(mio::event::Event::token));
            due.sort_unstable();
            due.dedup();
            for token in due {
                self.give_turn(token);
            }
            self.accept_some();
            if n_stop_requests.load(Ordering::Relaxed) > 0
                && self.deadline.is_none()
            {
                self.stop();
            }
            // ANCHOR_END: run
            let is_late = self.deadline.is_some_and(|at| at <= Instant::now());
            let is_impatient = n_stop_requests.load(Ordering::Relaxed) > 1;
            let is_done = self.deadline.is_some() && self.clients.is_empty();
            if is_done || is_late || is_impatient {
                return Ok(());
            }
        }
    }

    /// Not at all while somebody's turn was cut short; else until something is
    /// due.
    fn time_to_sleep(&self) -> Option<Duration> {
        let now = Instant::now();
        let has_newcomers = self.has_newcomers && self.listener.is_some();
        let newcomers = has_newcomers.then(|| self.retry_at.unwrap_or(now));
        let unfinished = (!self.unfinished.is_empty()).then_some(now);
        [newcomers, unfinished, self.deadline]
            .into_iter()
            .flatten()
            .min()
            .map(|at| at.saturating_duration_since(now))
    }

    fn give_turn(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(&token) else {
            return; // The listener, the waker, or one who has just left.
        };
        let is_stopping = self.deadline.is_some();
        let turn = client.turn(is_stopping);
        let registered = client.register(self.poll.registry(), token);
        match turn.and_then(|turn| registered.map(|()| turn)) {
            Ok(Turn::Waits) => {}
            Ok(Turn::HasMore) => self.unfinished.push(token),
            Ok(Turn::Over) | Err(_) => {
                self.clients.remove(&token);
                self.retry_at = None; // Its descriptor is free.
                log::info!("closed a connection");
            }
        }
    }

    fn accept_some(&mut self) {
        let is_too_early = self.retry_at.is_some_and(|at| at > Instant::now());
        for _ in 0..ACCEPT_BUDGET {
            let Some(listener) = &self.listener else {
                return;
            };
            if !self.has_newcomers || is_too_early {
                return;
            }
            // ANCHOR: accept
            match listener.accept() {
                Ok((stream, peer)) => self.welcome(stream, peer),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.has_newcomers = false;
                }
                // One who is gone before he was let in; there may be others
                // behind.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                // No descriptor, most likely: he waits, and those who are here
                // don't.
                Err(error) => {
                    log::warn!("cannot accept, newcomers wait: {error}");
                    self.retry_at = Some(Instant::now() + RETRY_INTERVAL);
                    return;
                }
            }
            // ANCHOR_END: accept
        }
    }

    fn welcome(&mut self, stream: TcpStream, peer: SocketAddr) {
        log::info!("accepted connection from {peer}");
        let _ = common::set_no_delay(&stream); // It fails if the peer is gone.
        let token = Token(self.next_token);
        self.next_token += 1; // Never used again, so no old event can mean it.
        self.clients.insert(token, Client::new(stream));
        self.unfinished.push(token); // Look at once what it has sent.
    }

    // ANCHOR: stop
    /// Lets in who has connected before, refuses who comes now, and ends each
    /// client's connection when what has arrived on it is sent back.
    fn stop(&mut self) {
        self.deadline = Some(Instant::now() + DRAIN_TIMEOUT);
        self.has_newcomers = true;
        for _ in 0..ACCEPT_BUDGET {
            self.accept_some(); // All in all, as many as a backlog holds.
        }
        self.listener = None;
        self.unfinished = self.clients.keys().copied().collect();
    }
    // ANCHOR_END: stop
}

struct Client {
    stream: TcpStream,
    /// Invariant: less than `MAX_UNSENT`, and one read more.
    unsent: Vec<u8>,
    phase: Phase,
    /// What the system was asked to tell.
    registered: Option<Interest>,
}

// ANCHOR: phase
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Echoing,
    /// Nothing more is echoed, and what waits is sent.
    Flushing {
        has_input_ended: bool,
    },
    /// All is sent, and the client was told so. What it still sends is
    /// discarded: to close with input unread would be a reset, which destroys
    /// what is on its way.
    Lingering,
    Closed,
}
// ANCHOR_END: phase

/// How a turn ends.
enum Turn {
    /// An event will tell when there is more to do.
    Waits,
    /// The budget is used up, and there is more to read.
    HasMore,
    Over,
}

impl Client {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unsent: Vec::new(),
            phase: Phase::Echoing,
            registered: None,
        }
    }

    // ANCHOR: turn
    /// Moves what can be moved now, up to the budget.
    fn turn(&mut self, is_stopping: bool) -> io::Result<Turn> {
        for _ in 0..READ_BUDGET {
            self.flush()?;
            self.advance()?;
            if self.phase == Phase::Closed {
                return Ok(Turn::Over);
            }
            if !self.may_read() {
                return Ok(Turn::Waits);
            }
            let has_more = self.read()?;
            if !has_more && is_stopping && self.phase == Phase::Echoing {
                let has_input_ended = false;
                self.phase = Phase::Flushing { has_input_ended };
            } else if !has_more {
                return Ok(Turn::Waits);
            }
        }
        Ok(Turn::HasMore)
    }
    // ANCHOR_END: turn

    fn may_read(&self) -> bool {
        match self.phase {
            Phase::Echoing => self.unsent.len() < MAX_UNSENT,
            Phase::Flushing { .. } | Phase::Closed => false,
            Phase::Lingering => true,
        }
    }

    /// One read; false if there is nothing to read.
    fn read(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        let n_read = unless_it_would_block(self.stream.read(&mut buffer))?;
        match (n_read, self.phase) {
            (None, _) => return Ok(false),
            (Some(0), Phase::Lingering) => self.phase = Phase::Closed,
            (Some(0), _) => {
                let has_input_ended = true;
                self.phase = Phase::Flushing { has_input_ended };
            }
            (Some(n_read), Phase::Echoing) => {
                log::info!("echoing {}", Printable::excerpt(&buffer[..n_read]));
                self.unsent.extend_from_slice(&buffer[..n_read]);
            }
            (Some(_), _) => {} // Discarded.
        }
        Ok(true)
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty()
            && let Some(n_sent) =
                unless_it_would_block(self.stream.write(&self.unsent))?
        {
            self.unsent.drain(..n_sent);
        }
        Ok(())
    }

    // ANCHOR: advance
    /// Once all is sent, says so; and waits for the client's end, if it is
    /// still to come.
    fn advance(&mut self) -> io::Result<()> {
        if let Phase::Flushing { has_input_ended } = self.phase
            && self.unsent.is_empty()
        {
            self.stream.shutdown(Shutdown::Write)?;
            self.phase = match has_input_ended {
                true => Phase::Closed,
                false => Phase::Lingering,
            };
        }
        Ok(())
    }
    // ANCHOR_END: advance

    fn interest(&self) -> Option<Interest> {
        match (self.may_read(), !self.unsent.is_empty()) {
            (true, true) => Some(Interest::READABLE | Interest::WRITABLE),
            (true, false) => Some(Interest::READABLE),
            (false, true) => Some(Interest::WRITABLE),
            (false, false) => None,
        }
    }

    /// Tells the system, if that has changed.
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
}

fn unless_it_would_block<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
