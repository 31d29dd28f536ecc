//! The loop: waits for readiness, gives turns, accepts, stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{io, net};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::accept::Acceptor;
use crate::connections::Connections;
use crate::limits::Limits;
use crate::session::Session;

/// The connections' tokens count up from 0; these two are out of their reach.
const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

/// How many events one wait may bring: more only wait for the next one.
const MAX_EVENTS: usize = 1024;
/// How many newcomers one turn of the loop takes in, so that a storm of them can't
/// keep it from those who are already here.
const ACCEPT_BUDGET: usize = 64;

/// A server on one thread: `new_session` makes the session for each client.
#[derive(Debug)]
pub struct Server<S, F> {
    poll: Poll,
    waker: Arc<Waker>,
    wishes: Arc<AtomicUsize>,
    /// `None` once the server is stopping: newcomers are then refused.
    acceptor: Option<Acceptor>,
    connections: Connections<S>,
    new_session: F,
    /// When to end, whoever is still connected; known once the server is stopping.
    drain_deadline: Option<Instant>,
}

/// Tells a running server to stop, from any thread.
#[derive(Debug, Clone)]
pub struct Stopper {
    waker: Arc<Waker>,
    wishes: Arc<AtomicUsize>,
}

impl Stopper {
    /// The first call ends the server in order: those who wait to be accepted are,
    /// newcomers are refused, what has arrived is answered. The second ends it at
    /// once.
    pub fn stop(&self) {
        self.wishes.fetch_add(1, Ordering::Relaxed);
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
    pub fn new(listener: net::TcpListener, limits: Limits, new_session: F) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let poll = Poll::new()?;
        let registry = poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            waker: Arc::new(Waker::new(registry, WAKER)?),
            wishes: Arc::default(),
            acceptor: Some(Acceptor::new(listener)),
            connections: Connections::new(registry.try_clone()?, limits),
            new_session,
            drain_deadline: None,
            poll,
        })
    }

    /// What tells this server to stop.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            waker: Arc::clone(&self.waker),
            wishes: Arc::clone(&self.wishes),
        }
    }

    // ANCHOR: run
    /// Serves until told to stop.
    ///
    /// # Errors
    ///
    /// Only if waiting for events fails: a client's trouble ends that client's
    /// connection, and nothing else.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(MAX_EVENTS);
        loop {
            self.wait(&mut events)?;
            self.connections.begin_turn();
            for event in &events {
                match event.token() {
                    WAKER => {} // The wish itself is counted.
                    LISTENER => self.note_newcomers(),
                    _ => self.connections.handle_event(event),
                }
            }
            self.connections.handle_unfinished();
            self.report_ended();
            // Accept last: a place freed in this turn can't be mistaken for the old
            // connection by an event that is still to be handled.
            self.accept(ACCEPT_BUDGET);
            if self.is_over() {
                return Ok(());
            }
        }
    }
    // ANCHOR_END: run

    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let now = self.connections.now();
        let newcomers = match &self.acceptor {
            Some(acceptor) if self.has_room() => acceptor.deadline(now),
            _ => None,
        };
        let deadlines = [
            newcomers,
            self.connections.next_deadline(),
            self.drain_deadline,
        ];
        let timeout = deadlines
            .into_iter()
            .flatten()
            .min()
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match self.poll.poll(events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            result => result,
        }
    }

    fn note_newcomers(&mut self) {
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.note_ready();
        }
    }

    fn has_room(&self) -> bool {
        self.connections.len() < self.connections.limits().max_connections as usize
    }

    fn accept(&mut self, budget: usize) {
        let now = self.connections.now();
        for _ in 0..budget {
            if !self.has_room() {
                return;
            }
            let newcomer = self
                .acceptor
                .as_mut()
                .and_then(|acceptor| acceptor.accept(now));
            let Some((stream, peer)) = newcomer else {
                return;
            };
            log::info!("accepted connection from {peer}");
            // It fails if the peer is gone, which the first read tells, too.
            let _ = common::set_no_delay(&stream);
            self.connections
                .accept(stream, peer, (self.new_session)(peer));
        }
    }

    fn report_ended(&mut self) {
        for ended in self.connections.take_ended() {
            match ended.result {
                Ok(()) => log::info!("closed connection from {}", ended.peer),
                Err(error) => log::info!("dropped connection from {}: {error}", ended.peer),
            }
            if let Some(acceptor) = &mut self.acceptor {
                acceptor.note_free_descriptor();
            }
        }
    }

    // ANCHOR: stop
    /// Begins to stop at the first wish, and says when the end has come.
    fn is_over(&mut self) -> bool {
        let n_wishes = self.wishes.load(Ordering::Relaxed);
        if n_wishes > 0 && self.acceptor.is_some() {
            self.begin_to_stop();
        }
        if self.acceptor.is_some() || self.connections.is_empty() {
            return self.acceptor.is_none();
        }
        let now = self.connections.now();
        let is_late = self.drain_deadline.is_some_and(|deadline| deadline <= now);
        if is_late || n_wishes > 1 {
            log::warn!("stopped with {} connections open", self.connections.len());
        }
        is_late || n_wishes > 1
    }

    fn begin_to_stop(&mut self) {
        // Whoever has connected before the wish is served.
        self.note_newcomers();
        self.accept(usize::MAX);
        self.acceptor = None;
        self.connections.stop();
        self.report_ended();
        let limit = self.connections.limits().drain_timeout.limit();
        self.drain_deadline = limit.map(|limit| self.connections.now() + limit);
    }
    // ANCHOR_END: stop
}
