//! The loop: waits for readiness, gives turns, accepts, stops.

mod accept;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{io, net};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};

use self::accept::{Accepted, Acceptor};
use crate::connections::Connections;
use crate::limits::Limits;
use crate::session::Session;

/// The connections' tokens count up from 0; these two are out of their reach.
const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

/// How many events one wait may bring: more only wait for the next one.
const MAX_EVENTS: usize = 1024;
/// How many newcomers one turn of the loop takes in, so that a storm of them
/// can't keep it from those who are already here.
const ACCEPT_BUDGET: usize = 64;

/// A server on one thread: `new_session` makes the session for each client.
#[derive(Debug)]
pub struct Server<S, F> {
    poll: Poll,
    waker: Arc<Waker>,
    n_stop_requests: Arc<AtomicUsize>,
    state: State,
    /// The listener, until it is closed: then newcomers are refused.
    acceptor: Option<Acceptor<TcpListener>>,
    connections: Connections<S>,
    new_session: F,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Serving,
    /// Told to stop. At the deadline the server ends, whoever is still
    /// connected.
    Draining {
        deadline: Option<Instant>,
    },
}

/// Tells a running server to stop, from any thread.
#[derive(Debug, Clone)]
pub struct Stopper {
    waker: Arc<Waker>,
    n_stop_requests: Arc<AtomicUsize>,
}

impl Stopper {
    /// The first call ends the server in order: those who wait to be accepted
    /// are, newcomers are refused, what has arrived is answered. The second
    /// ends it at once.
    pub fn stop(&self) {
        self.n_stop_requests.fetch_add(1, Ordering::Relaxed);
        // The queue of wake-ups can't be full: they are merged.
        let _ = self.waker.wake();
    }
}

impl<S: Session, F: FnMut(net::SocketAddr) -> S> Server<S, F> {
    /// A server for a listener that is already bound, so that its owner chooses
    /// the address and knows the port.
    ///
    /// # Errors
    ///
    /// If the system has no descriptor left for the loop itself.
    pub fn new(
        listener: net::TcpListener,
        limits: Limits,
        new_session: F,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let poll = Poll::new()?;
        let registry = poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            waker: Arc::new(Waker::new(registry, WAKER)?),
            n_stop_requests: Arc::default(),
            state: State::Serving,
            acceptor: Some(Acceptor::new(listener)),
            connections: Connections::new(registry.try_clone()?, limits),
            new_session,
            poll,
        })
    }

    /// What tells this server to stop.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            waker: Arc::clone(&self.waker),
            n_stop_requests: Arc::clone(&self.n_stop_requests),
        }
    }

    /// Serves until told to stop.
    ///
    /// # Errors
    ///
    /// Only if waiting for events fails: a client's trouble ends that client's
    /// connection, and nothing else.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(MAX_EVENTS);
        // ANCHOR: run
        loop {
            let deadline = self.next_deadline();
            self.connections
                .wait(&mut self.poll, &mut events, deadline)?;
            for event in &events {
                match event.token() {
                    WAKER => {} // The request itself is counted.
                    LISTENER => self.note_newcomers(),
                    _ => self.connections.handle_event(event),
                }
            }
            self.connections.resume_unfinished();
            self.connections.handle_timeouts();
            // Accept last: a place freed in this turn can't be mistaken for the
            // old connection by an event that is still to be handled.
            self.accept_some();
            self.report_ended();
            if self.is_asked_to_stop() {
                self.begin_to_drain();
            }
            self.close_after_last_call();
            if self.is_done() {
                return Ok(());
            }
        }
        // ANCHOR_END: run
    }

    /// When the loop has to come back for another reason than its connections.
    fn next_deadline(&self) -> Option<Instant> {
        let newcomers = self.acceptor.as_ref().filter(|_| self.may_let_in());
        let newcomers = newcomers
            .and_then(|acceptor| acceptor.deadline(self.connections.now()));
        let end = match self.state {
            State::Serving => None,
            State::Draining { deadline } => deadline,
        };
        [newcomers, end].into_iter().flatten().min()
    }

    fn note_newcomers(&mut self) {
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.note_ready();
        }
    }

    /// True if a newcomer may be let in. Whoever has connected before the
    /// server was told to stop is let in beyond the limit, too: nobody else
    /// will be.
    fn may_let_in(&self) -> bool {
        let max = self.connections.limits().max_connections as usize;
        self.connections.len() < max || self.state != State::Serving
    }

    // ANCHOR: accept
    /// Takes in newcomers, until there are none, or no place for one, or enough
    /// for a turn.
    fn accept_some(&mut self) {
        for _ in 0..ACCEPT_BUDGET {
            if !self.may_let_in() {
                return;
            }
            let Some(acceptor) = &mut self.acceptor else {
                return;
            };
            match acceptor.accept(self.connections.now()) {
                Accepted::Newcomer(stream, peer) => self.welcome(stream, peer),
                Accepted::Gone => {} // There may be others behind.
                Accepted::Nobody => return,
            }
        }
    }
    // ANCHOR_END: accept

    fn welcome(&mut self, stream: TcpStream, peer: net::SocketAddr) {
        log::info!("accepted connection from {peer}");
        // It fails if the peer is gone, which the first read tells, too.
        let _ = common::set_no_delay(&stream);
        let session = (self.new_session)(peer);
        self.connections.insert_accepted(stream, peer, session);
    }

    fn report_ended(&mut self) {
        for ended in self.connections.take_ended() {
            match ended.result {
                Ok(()) => log::info!("closed connection from {}", ended.peer),
                Err(error) => log::info!(
                    "dropped connection from {}: {error}",
                    ended.peer
                ),
            }
            if let Some(acceptor) = &mut self.acceptor {
                acceptor.note_free_descriptor();
            }
        }
    }

    // ANCHOR: stop
    fn is_asked_to_stop(&self) -> bool {
        self.state == State::Serving
            && self.n_stop_requests.load(Ordering::Relaxed) > 0
    }

    fn begin_to_drain(&mut self) {
        let n_open = self.connections.len();
        log::info!("stopping; connections still open: {n_open}");
        // The deadline first, so that nothing that follows can put it off.
        let limit = self.connections.limits().drain_timeout.limit();
        let deadline = limit.map(|limit| self.connections.now() + limit);
        self.state = State::Draining { deadline };
        // Whoever has connected before the request is served; more than the
        // backlog holds can't have.
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.begin_last_call(common::LISTEN_BACKLOG.into());
        }
        self.connections.stop();
    }

    // ANCHOR_END: stop

    /// From now on, newcomers are refused.
    fn close_after_last_call(&mut self) {
        self.acceptor
            .take_if(|acceptor| acceptor.is_last_call_over());
    }

    // ANCHOR: done
    /// True when everybody has got his answers, or the time for that is over,
    /// or somebody has asked a second time.
    fn is_done(&self) -> bool {
        let State::Draining { deadline } = self.state else {
            return false;
        };
        let n_open = self.connections.len();
        let is_drained = self.acceptor.is_none() && self.connections.is_empty();
        let is_late =
            deadline.is_some_and(|deadline| deadline <= self.connections.now());
        let is_impatient = self.n_stop_requests.load(Ordering::Relaxed) > 1;
        if n_open > 0 && (is_late || is_impatient) {
            log::warn!("stopped, with connections still open: {n_open}");
        }
        is_drained || is_late || is_impatient
    }
    // ANCHOR_END: done
}
