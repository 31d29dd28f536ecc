//! All connections of a thread: who is ready has a turn, who is late is
//! dropped.

mod room;
mod slot;

use std::net::{Shutdown, SocketAddr};
use std::time::Instant;
use std::{io, iter, mem};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Poll, Registry, Token};
use slab::Slab;

use self::room::Room;
use self::slot::{Reservation, Slot};
use crate::connection::{Connection, ConnectionError, Context, Stream};
use crate::limits::Limits;
use crate::session::Session;
use crate::timers::Timers;

impl Stream for TcpStream {
    fn is_established(&self) -> io::Result<bool> {
        // A failed connect is told once, as the socket's pending error; without
        // one, a socket has a peer as soon as it is connected (mio's own
        // advice).
        if let Some(error) = self.take_error()? {
            return Err(error);
        }
        match self.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

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

/// The connections of one event loop. Their events' tokens are the keys of
/// their places here, from 0 on.
#[derive(Debug)]
pub struct Connections<S> {
    registry: Registry,
    slots: Slab<Slot<S>>,
    timers: Timers,
    /// Those that have something to do, of which no event will tell: more to
    /// read than their budget, or room that was granted.
    unfinished: Vec<usize>,
    /// What sessions hold of messages under way.
    room: Room,
    /// Those that have ended since somebody asked.
    ended: Vec<Ended<S>>,
    is_stopping: bool,
    context: Context,
}

impl<S: Session> Connections<S> {
    /// No connections yet.
    pub fn new(registry: Registry, limits: Limits) -> Self {
        Self {
            registry,
            slots: Slab::new(),
            timers: Timers::default(),
            unfinished: Vec::new(),
            room: Room::new(limits.max_memory),
            ended: Vec::new(),
            is_stopping: false,
            context: Context::new(limits),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True if there are none, and nobody has still to be told how the last one
    /// ended.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.ended.is_empty()
    }

    /// What each connection may do.
    pub fn limits(&self) -> &Limits {
        &self.context.limits
    }

    /// The time of this turn of the loop.
    pub fn now(&self) -> Instant {
        self.context.now
    }

    /// Begins a turn of the loop: sleeps until there are events, or until a
    /// deadline of a connection or `other_deadline` has come. Then it reads the
    /// clock, once for all connections.
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
        let must_not_sleep =
            !self.unfinished.is_empty() || !self.ended.is_empty();
        let at_once = must_not_sleep.then_some(self.context.now);
        let deadlines = [at_once, self.timers.next(), other_deadline];
        let timeout =
            deadlines.into_iter().flatten().min().map(|deadline| {
                deadline.saturating_duration_since(Instant::now())
            });
        let result = poll.poll(events, timeout);
        self.context.now = Instant::now();
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
    pub fn insert_accepted(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
        session: S,
    ) {
        let connection =
            Connection::accepted(stream, session, &mut self.context);
        self.insert(connection, peer);
    }

    /// Takes in a connection that is being established.
    pub fn insert_connecting(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
        session: S,
    ) {
        let connection = Connection::connecting(stream, session, &self.context);
        self.insert(connection, peer);
    }

    /// Gives the connection that `event` is about its turn.
    pub fn handle_event(&mut self, event: &Event) {
        let Token(key) = event.token();
        let Some(slot) = self.slots.get_mut(key) else {
            return; // It has ended in this very turn of the loop.
        };
        // After an error, both a read and a write can tell which one it was.
        let is_special =
            event.is_read_closed() || event.is_error() || event.is_priority();
        if event.is_readable() || is_special {
            slot.connection.note_readable(is_special);
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            slot.connection.note_writable();
        }
        if !slot.is_unfinished {
            self.give_turn(key);
        }
    }

    /// Gives a turn to those who have something to do of which no event will
    /// tell.
    pub fn resume_unfinished(&mut self) {
        for key in mem::take(&mut self.unfinished) {
            if let Some(slot) = self.slots.get_mut(key) {
                slot.is_unfinished = false;
                self.give_turn(key);
            }
        }
    }

    /// Gives those a turn whose deadline has come.
    pub fn handle_timeouts(&mut self) {
        // Each once, even if its next deadline has already come, too.
        let due: Vec<usize> =
            iter::from_fn(|| self.timers.pop(self.context.now)).collect();
        for key in due {
            let result =
                self.slots[key].connection.handle_timeout(&mut self.context);
            self.settle(key, result);
        }
    }

    /// Ends each connection as soon as what has already arrived on it is
    /// served, and each newcomer from now on.
    pub fn stop(&mut self) {
        self.is_stopping = true;
        let keys: Vec<usize> = self.slots.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.slots[key].connection.stop(self.context.now);
            self.give_turn(key);
        }
    }

    /// The connections that have ended since the last call.
    pub fn take_ended(&mut self) -> Vec<Ended<S>> {
        mem::take(&mut self.ended)
    }

    fn insert(
        &mut self,
        mut connection: Connection<S, TcpStream>,
        peer: SocketAddr,
    ) {
        if self.is_stopping {
            connection.stop(self.context.now);
        }
        let key = self.slots.insert(Slot::new(connection, peer));
        self.give_turn(key);
    }

    fn give_turn(&mut self, key: usize) {
        let result = self.slots[key].connection.turn(&mut self.context);
        self.settle(key, result);
    }

    /// After a turn: states what the connection waits for, or takes it out.
    fn settle(&mut self, key: usize, mut result: Result<(), ConnectionError>) {
        self.settle_room(key);
        let slot = &mut self.slots[key];
        if result.is_ok() && !slot.connection.is_closed() {
            let interest = slot.connection.interest(&self.context.limits);
            result = slot
                .register(&self.registry, key, interest)
                .map_err(Into::into);
        }
        if result.is_err() || slot.connection.is_closed() {
            self.remove(key, result);
            return;
        }
        if let Some(deadline) = slot.connection.deadline(&self.context.limits) {
            self.timers.expire_by(key, deadline);
        }
        if slot.connection.can_read(&self.context.limits) {
            self.resume_later(key);
        }
    }

    fn remove(&mut self, key: usize, result: Result<(), ConnectionError>) {
        let slot = self.slots.remove(key);
        self.timers.remove(key);
        if slot.is_unfinished {
            // Or it would stand for the next connection in this place.
            self.unfinished.retain(|&unfinished| unfinished != key);
        }
        match slot.room {
            Reservation::None => {}
            Reservation::Waiting => self.room.give_up(key),
            Reservation::Granted(n) => self.room.release(n),
        }
        self.admit_waiting();
        self.ended.push(Ended {
            peer: slot.peer,
            session: slot.connection.into_session(),
            result,
        });
    }

    // ANCHOR: room
    /// Takes back the room that the session needs no more, and finds what it
    /// needs now.
    fn settle_room(&mut self, key: usize) {
        let slot = &mut self.slots[key];
        let wanted = slot.connection.room_wanted(&self.context.limits);
        match slot.room {
            Reservation::Waiting if wanted > 0 => return,
            Reservation::Waiting => self.room.give_up(key),
            // Another message, or none: each gets room in its turn.
            Reservation::Granted(n)
                if wanted > 0 || slot.connection.room() == 0 =>
            {
                self.room.release(n);
            }
            Reservation::Granted(_) => return,
            Reservation::None if wanted == 0 => return,
            Reservation::None => {}
        }
        slot.room = Reservation::None;
        self.admit_waiting();
        if wanted == 0 {
            return;
        }
        // ANCHOR_END: room
        if self.room.reserve(key, wanted) {
            self.grant_room(key, wanted);
        } else if self.is_stopping {
            // Whoever would have to wait first is too late.
            self.room.give_up(key);
            self.slots[key].connection.stop(self.context.now);
            self.resume_later(key);
        } else {
            self.slots[key].room = Reservation::Waiting;
        }
    }

    // ANCHOR: admit
    /// Room has become free: lets those in who have waited longest.
    fn admit_waiting(&mut self) {
        while !self.is_stopping
            && let Some((key, n)) = self.room.admit()
        {
            self.grant_room(key, n);
        }
    }

    fn grant_room(&mut self, key: usize, n: usize) {
        let slot = &mut self.slots[key];
        slot.room = Reservation::Granted(n);
        slot.connection.grant_room(self.context.now);
        self.resume_later(key);
    }
    // ANCHOR_END: admit

    fn resume_later(&mut self, key: usize) {
        let slot = &mut self.slots[key];
        if !slot.is_unfinished {
            slot.is_unfinished = true;
            self.unfinished.push(key);
        }
    }
}
