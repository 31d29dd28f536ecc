//! One session on one stream: the turns of a connection, from its establishment
//! to its orderly end. No socket appears here, only something to read and
//! write, so that tests can drive a connection through every order of partial
//! I/O.

mod admission;
mod context;
mod deadlines;
mod ending;
mod incoming;
mod outgoing;
mod phase;
mod serving;
mod stream;

use std::io;
use std::time::Instant;

use mio::Interest;

use self::phase::Phase;
use crate::limits::Limits;
use crate::session::Session;

pub use self::context::{Context, READ_SIZE};
pub use self::incoming::Incoming;
pub use self::outgoing::Outgoing;
pub use self::stream::{ConnectionError, Stream};

/// How much one turn reads at most, so that a client that sends without pause
/// can't keep the loop from the others.
const READ_BUDGET: usize = 2 * READ_SIZE;

/// Urgent data (`MSG_OOB`) makes a read come back short although there is more
/// to read. Where short reads are trusted, it must be heard of.
#[cfg(any(target_os = "linux", target_os = "android"))]
const TO_READ: Interest = Interest::READABLE.add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const TO_READ: Interest = Interest::READABLE;

// ANCHOR: connection
/// A session, the stream it talks on, and what waits between the two.
#[derive(Debug)]
pub struct Connection<S, T> {
    stream: T,
    session: S,
    opened_by: Side,
    phase: Phase,
    /// What is known of input that has arrived.
    incoming: Incoming,
    /// Input that the session has not taken yet: held back, or declined.
    /// Invariant: at most one read's worth.
    untaken: Vec<u8>,
    /// Output that the system has not taken yet.
    /// Invariant: less than twice the high-water mark, and one answer.
    outgoing: Outgoing,
    /// Bytes of memory that the loop has granted the session for its message.
    room: usize,
    /// Since when input has been held back from the session.
    held_back_since: Option<Instant>,
    /// When a byte last moved, in either direction.
    last_progress: Instant,
}
// ANCHOR_END: connection

/// Which end of a connection opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    This,
    Peer,
}

impl<S: Session, T: Stream> Connection<S, T> {
    /// A connection that this side has begun to establish. Its first turn comes
    /// when the stream is writable.
    pub fn connecting(stream: T, session: S, context: &Context) -> Self {
        Self {
            stream,
            session,
            opened_by: Side::This,
            phase: Phase::Connecting,
            incoming: Incoming::default(),
            untaken: Vec::new(),
            outgoing: Outgoing::default(),
            room: 0,
            held_back_since: None,
            last_progress: context.now,
        }
    }

    /// A connection that a listener has accepted.
    pub fn accepted(stream: T, session: S, context: &mut Context) -> Self {
        let mut connection = Self::connecting(stream, session, context);
        connection.opened_by = Side::Peer;
        connection.note_writable(); // A new socket's send buffer is empty.
        // Often its first bytes are here already: look, before an event tells.
        connection.note_readable(false);
        connection.start(context);
        connection
    }

    /// Notes that a read may bring something; `is_special`, if even after a
    /// short read there may be more: the end of input, an error, urgent data.
    pub fn note_readable(&mut self, is_special: bool) {
        self.incoming.note_readable(is_special);
    }

    /// Notes that a write may take something.
    pub fn note_writable(&mut self) {
        self.outgoing.set_writable(true);
    }

    // ANCHOR: turn
    /// One turn: sends what waits, reads what has arrived, lets the session
    /// work, and sends its answers, as far as all that goes without blocking.
    ///
    /// # Errors
    ///
    /// If the connection is lost. It is then to be dropped.
    pub fn turn(
        &mut self,
        context: &mut Context,
    ) -> Result<(), ConnectionError> {
        // A client's connection may only now be there.
        if self.phase == Phase::Connecting && self.outgoing.is_writable() {
            self.establish(context)?;
        }
        // Output first: what leaves makes room for the next answers.
        if let Err(error) = self.flush(context.now) {
            self.hear_last_words(context);
            return Err(error.into());
        }
        // Then the input that was there before, since bytes have an order.
        self.offer_untaken(context)?;
        // ANCHOR_END: turn
        // ANCHOR: read
        // Then new input, until there is none, or too much waits to be sent, or
        // others have waited long enough.
        let mut budget = READ_BUDGET;
        loop {
            self.advance(context.now)?;
            if budget == 0 || !self.can_read(&context.limits) {
                break;
            }
            // `None`: it would block, so the next arrival will be an event.
            if let Some(n_read) = self.read(&mut context.input)? {
                budget = budget.saturating_sub(n_read);
                self.take_input(n_read, context)?;
            }
        }
        self.release_room(&context.limits);
        self.note_hold(context);
        Ok(())
    }
    // ANCHOR_END: read

    // ANCHOR: interest
    /// Which events the next turn waits for, if any. Derived from the state, so
    /// that neither can be forgotten: to want to write while nothing waits
    /// would wake the loop all the time, and to read above the high-water mark
    /// would let a client that doesn't read its answers fill our memory.
    pub fn interest(&self, limits: &Limits) -> Option<Interest> {
        match (self.wants_to_read(limits), self.wants_to_write()) {
            (true, true) => Some(TO_READ | Interest::WRITABLE),
            (true, false) => Some(TO_READ),
            (false, true) => Some(Interest::WRITABLE),
            (false, false) => None,
        }
    }

    // ANCHOR_END: interest
    // ANCHOR: wants
    fn wants_to_read(&self, limits: &Limits) -> bool {
        match self.phase {
            Phase::Connecting | Phase::Closed => false,
            Phase::Serving | Phase::Draining { .. } => {
                self.untaken.is_empty() && !self.is_held_back(limits)
            }
            Phase::Flushing { has_input_ended } => !has_input_ended,
            Phase::Lingering { .. } => true,
        }
    }

    fn wants_to_write(&self) -> bool {
        self.phase == Phase::Connecting || !self.outgoing.is_empty()
    }
    // ANCHOR_END: wants

    /// True if another turn would read more, without any event.
    pub fn can_read(&self, limits: &Limits) -> bool {
        self.incoming.is_readable() && self.wants_to_read(limits)
    }

    /// True once there is nothing left to do but to drop the connection.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// The stream, to register it for events.
    pub fn stream_mut(&mut self) -> &mut T {
        &mut self.stream
    }

    /// The session, to ask it how far it has come.
    pub fn session(&self) -> &S {
        &self.session
    }

    /// Closes the stream, and gives the session back.
    pub fn into_session(self) -> S {
        self.session
    }

    fn establish(
        &mut self,
        context: &mut Context,
    ) -> Result<(), ConnectionError> {
        match self.stream.is_established() {
            Ok(true) => self.start(context),
            Ok(false) => self.outgoing.set_writable(false),
            Err(error) => return Err(ConnectionError::Connect(error)),
        }
        Ok(())
    }

    /// Lets the session speak first, if it wants to.
    fn start(&mut self, context: &mut Context) {
        self.phase = Phase::Serving;
        self.last_progress = context.now;
        context.output.clear();
        self.session.start(&mut context.output, context.now);
        self.outgoing.push(&context.output);
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.incoming.read(&mut self.stream, buffer) {
            // The last answer has been sent; how the peer leaves is its affair.
            Err(_) if matches!(self.phase, Phase::Lingering { .. }) => {
                Ok(Some(0))
            }
            result => result,
        }
    }

    fn send(&mut self, output: &[u8], now: Instant) -> io::Result<()> {
        if self.outgoing.send(&mut self.stream, output)? > 0 {
            self.last_progress = now;
        }
        Ok(())
    }

    fn flush(&mut self, now: Instant) -> io::Result<()> {
        if self.outgoing.flush(&mut self.stream)? > 0 {
            self.last_progress = now;
        }
        Ok(())
    }

    /// True while the session gets no input, by no fault of its own: its
    /// answers wait to be read, or its message waits for room.
    fn is_held_back(&self, limits: &Limits) -> bool {
        !self.is_below_mark(limits) || !self.is_admitted()
    }

    fn is_below_mark(&self, limits: &Limits) -> bool {
        self.outgoing.len() < limits.high_water_mark as usize
    }

    fn is_in_session(&self) -> bool {
        matches!(self.phase, Phase::Serving | Phase::Draining { .. })
    }
}
