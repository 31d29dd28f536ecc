//! All connections of a thread: who is ready has a turn, who is late is dropped.

use std::net::{Shutdown, SocketAddr};
use std::time::Instant;
use std::{io, iter, mem};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Poll, Registry, Token};
use slab::Slab;

use crate::connection::Connection;
use crate::limits::Limits;
use crate::session::Session;
use crate::shared::Shared;
use crate::stream::{ConnectionError, Interest, Stream};
use crate::timers::Timers;

impl Stream for TcpStream {
    fn is_established(&self) -> io::Result<bool> {
        // A failed connect is told once, as the socket's pending error; without
        // one, a socket has a peer as soon as it is connected (mio's own advice).
        if let Some(error) = self.take_error()? {
            return Err(error);
        }
        match self.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// Urgent data (`MSG_OOB`) makes a read come back short although there is more to
/// read. Where short reads are trusted, it must be heard of.
#[cfg(any(target_os = "linux", target_os = "android"))]
const TO_READ: mio::Interest = mio::Interest::READABLE.add(mio::Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const TO_READ: mio::Interest = mio::Interest::READABLE;

/// A connection that has ended, and how.
#[derive(Debug)]
pub struct Ended<S> {
    /// Who was at the other end.
    pub peer: SocketAddr,
    /// The session, with whatever it has to tell.
    pub session: S,
    /// Whether the connection came to its orderly end.
    pub result: Result<(), ConnectionError>,
}

/// The connections of one event loop. Their events' tokens are the keys of their
/// places here, from 0 on.
#[derive(Debug)]
pub struct Connections<S> {
    registry: Registry,
    slots: Slab<Slot<S>>,
    timers: Timers,
    /// Those that used up their budget with more to read: no event will tell of it
    /// again.
    unfinished: Vec<usize>,
    /// Those that have ended since somebody asked.
    ended: Vec<Ended<S>>,
    shared: Shared,
}

#[derive(Debug)]
struct Slot<S> {
    connection: Connection<S, TcpStream>,
    peer: SocketAddr,
    /// What the registry knows; `None` while it doesn't know the connection.
    registered: Option<mio::Interest>,
    /// The key is in `unfinished`, once, and waits for its turn.
    is_unfinished: bool,
}

impl<S: Session> Connections<S> {
    /// No connections yet.
    pub fn new(registry: Registry, limits: Limits) -> Self {
        Self {
            registry,
            slots: Slab::new(),
            timers: Timers::default(),
            unfinished: Vec::new(),
            ended: Vec::new(),
            shared: Shared::new(limits),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What each connection may do.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// The time of this turn of the loop.
    pub fn now(&self) -> Instant {
        self.shared.now
    }

    /// Begins a turn of the loop: sleeps until there are events, or until a deadline
    /// of a connection or `other_deadline` has come. Then it reads the clock, once
    /// for all connections.
    ///
    /// # Errors
    ///
    /// If the system can't wait for events.
    pub fn wait(
        &mut self,
        poll: &mut Poll,
        events: &mut Events,
        other_deadline: Option<Instant>,
    ) -> io::Result<()> {
        let unfinished = (!self.unfinished.is_empty()).then_some(self.shared.now);
        let deadlines = [unfinished, self.timers.next(), other_deadline];
        let timeout = deadlines
            .into_iter()
            .flatten()
            .min()
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let result = poll.poll(events, timeout);
        self.shared.now = Instant::now();
        match result {
            // By Ctrl-Z, or a debugger (signal(7)): a turn without events.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                events.clear();
                Ok(())
            }
            result => result,
        }
    }

    /// Takes in a connection that a listener has accepted.
    pub fn insert_accepted(&mut self, stream: TcpStream, peer: SocketAddr, session: S) {
        let connection = Connection::accepted(stream, session, &self.shared);
        self.insert(connection, peer);
    }

    /// Takes in a connection that is being established.
    pub fn insert_connecting(&mut self, stream: TcpStream, peer: SocketAddr, session: S) {
        let connection = Connection::connecting(stream, session, &self.shared);
        self.insert(connection, peer);
    }

    /// Gives the connection that `event` is about its turn.
    pub fn handle_event(&mut self, event: &Event) {
        let Token(key) = event.token();
        let Some(slot) = self.slots.get_mut(key) else {
            return; // It has ended in this very turn of the loop.
        };
        // After an error, both a read and a write can tell which one it was.
        let is_special = event.is_read_closed() || event.is_error() || event.is_priority();
        if event.is_readable() || is_special {
            slot.connection.note_readable(is_special);
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            slot.connection.note_writable();
        }
        if !slot.is_unfinished {
            self.turn(key);
        }
    }

    /// Gives a turn to those for whom more was there to read than one turn may.
    pub fn resume_unfinished(&mut self) {
        for key in mem::take(&mut self.unfinished) {
            if let Some(slot) = self.slots.get_mut(key) {
                slot.is_unfinished = false;
                self.turn(key);
            }
        }
    }

    /// Gives those a turn whose deadline has come.
    pub fn handle_timeouts(&mut self) {
        // Each once, even if its next deadline has already come, too.
        let due: Vec<usize> = iter::from_fn(|| self.timers.pop(self.shared.now)).collect();
        for key in due {
            let result = self.slots[key].connection.handle_timeout(&mut self.shared);
            self.settle(key, result);
        }
    }

    /// Ends each connection as soon as what has already arrived on it is served.
    pub fn stop(&mut self) {
        let keys: Vec<usize> = self.slots.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.slots[key].connection.stop(self.shared.now);
            self.turn(key);
        }
    }

    /// The connections that have ended since the last call.
    pub fn take_ended(&mut self) -> Vec<Ended<S>> {
        mem::take(&mut self.ended)
    }

    fn insert(&mut self, connection: Connection<S, TcpStream>, peer: SocketAddr) {
        let key = self.slots.insert(Slot {
            connection,
            peer,
            registered: None,
            is_unfinished: false,
        });
        self.turn(key);
    }

    fn turn(&mut self, key: usize) {
        let result = self.slots[key].connection.turn(&mut self.shared);
        self.settle(key, result);
    }

    /// After a turn: states what the connection waits for, or takes it out.
    fn settle(&mut self, key: usize, mut result: Result<(), ConnectionError>) {
        let slot = &mut self.slots[key];
        if result.is_ok() && !slot.connection.is_closed() {
            let interest = slot.connection.interest(&self.shared.limits);
            result = slot
                .register(&self.registry, key, interest)
                .map_err(Into::into);
        }
        if result.is_err() || slot.connection.is_closed() {
            let slot = self.slots.remove(key);
            self.timers.remove(key);
            if slot.is_unfinished {
                // Or it would stand for the next connection in this place.
                self.unfinished.retain(|&unfinished| unfinished != key);
            }
            self.ended.push(Ended {
                peer: slot.peer,
                session: slot.connection.into_session(),
                result,
            });
            return;
        }
        if let Some(deadline) = slot.connection.deadline(&self.shared.limits) {
            self.timers.expire_by(key, deadline);
        }
        if slot.connection.can_read(&self.shared.limits) && !slot.is_unfinished {
            slot.is_unfinished = true;
            self.unfinished.push(key);
        }
    }
}

impl<S: Session> Slot<S> {
    // ANCHOR: register
    /// Registers what the connection waits for, if that has changed: most turns
    /// change nothing, and cost no system call here.
    fn register(&mut self, registry: &Registry, key: usize, interest: Interest) -> io::Result<()> {
        let interest = match (interest.read, interest.write) {
            (true, true) => Some(TO_READ | mio::Interest::WRITABLE),
            (true, false) => Some(TO_READ),
            (false, true) => Some(mio::Interest::WRITABLE),
            (false, false) => None,
        };
        if interest == self.registered {
            return Ok(());
        }
        log::debug!("{}: waiting for {interest:?}", self.peer);
        let stream = self.connection.stream_mut();
        match (self.registered, interest) {
            (None, Some(interest)) => registry.register(stream, Token(key), interest)?,
            (Some(_), Some(interest)) => registry.reregister(stream, Token(key), interest)?,
            // mio has no empty interest.
            (_, None) => registry.deregister(stream)?,
        }
        self.registered = interest;
        Ok(())
    }
    // ANCHOR_END: register
}
