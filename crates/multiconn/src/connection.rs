//! One session on one stream: the turns of a connection, from its establishment
//! to its orderly end. No socket appears here, only something to read and write,
//! so that tests can drive a connection through every order of partial I/O.

mod deadlines;

use std::io::{self, ErrorKind};
use std::mem;
use std::time::Instant;

use crate::incoming::Incoming;
use crate::limits::Limits;
use crate::outgoing::Outgoing;
use crate::phase::{DRAIN_BUDGET, DRAIN_SILENCE, LINGER, Phase};
use crate::session::Session;
use crate::shared::{READ_SIZE, Shared};
use crate::stream::{ConnectionError, Interest, Stream};

/// How much one turn reads at most, so that a client that sends without pause
/// can't keep the loop from the others.
const READ_BUDGET: usize = 4 * READ_SIZE;
// ANCHOR: connection
/// A session, the stream it talks on, and what waits between the two.
#[derive(Debug)]
pub struct Connection<S, T> {
    stream: T,
    session: S,
    phase: Phase,
    /// Input that the session has not taken yet, because output waits.
    /// Invariant: at most one read's worth.
    untaken: Vec<u8>,
    /// Output that the system has not taken yet.
    /// Invariant: less than twice the high-water mark, and one answer.
    outgoing: Outgoing,
    /// What is known of input that has arrived.
    incoming: Incoming,
    /// When a byte last moved, in either direction.
    last_progress: Instant,
}
// ANCHOR_END: connection

impl<S: Session, T: Stream> Connection<S, T> {
    /// A connection that this side has begun to establish. Its first turn comes
    /// when the stream is writable.
    pub fn connecting(stream: T, session: S, shared: &Shared) -> Self {
        Self {
            stream,
            session,
            phase: Phase::Connecting,
            untaken: Vec::new(),
            outgoing: Outgoing::new(false),
            incoming: Incoming::default(),
            last_progress: shared.now,
        }
    }

    /// A connection that a listener has accepted.
    pub fn accepted(stream: T, session: S, shared: &Shared) -> Self {
        let mut connection = Self::connecting(stream, session, shared);
        connection.phase = Phase::Accepted;
        connection.note_writable(); // A new socket's send buffer is empty.
        // Often its first bytes are here already: look, before an event tells.
        connection.note_readable(false);
        connection
    }

    /// Notes that a read may bring something; `must_read_on`, if even after a short
    /// read there may be more: the end of input, an error, urgent data.
    pub fn note_readable(&mut self, must_read_on: bool) {
        self.incoming.note_readable(must_read_on);
    }

    /// Notes that a write may take something.
    pub fn note_writable(&mut self) {
        self.outgoing.set_writable(true);
    }

    // ANCHOR: turn
    /// One turn: sends what waits, reads what has arrived, lets the session work,
    /// and sends its answers, as far as all that goes without blocking.
    ///
    /// # Errors
    ///
    /// If the connection is lost. It is then to be dropped.
    pub fn turn(&mut self, shared: &mut Shared) -> Result<(), ConnectionError> {
        match self.phase {
            Phase::Accepted => self.start(shared)?,
            Phase::Connecting if self.outgoing.is_writable() => self.establish(shared)?,
            _ => {}
        }
        if let Err(error) = self.flush(shared.now) {
            self.hear_last_words(shared);
            return Err(error.into());
        }
        if self.has_room(&shared.limits) && !self.untaken.is_empty() {
            let input = mem::take(&mut self.untaken);
            self.serve(&input, &mut shared.output, &shared.limits, shared.now)?;
        }
        let mut budget = READ_BUDGET;
        loop {
            self.advance(shared.now)?;
            if !self.can_read(&shared.limits) || budget == 0 {
                return Ok(());
            }
            if let Some(n_read) = self.read(&mut shared.input)? {
                budget = budget.saturating_sub(n_read);
                self.take_input(n_read, shared)?;
            }
        }
    }
    // ANCHOR_END: turn

    /// Tells the session, and ends the connection when what has already arrived is
    /// served. The next turn begins with that.
    pub fn stop(&mut self, now: Instant) {
        match self.phase {
            Phase::Connecting | Phase::Accepted => self.phase = Phase::Closed,
            Phase::Serving => {
                self.session.stop();
                let budget = DRAIN_BUDGET;
                let until = now + DRAIN_SILENCE;
                self.phase = Phase::Draining { budget, until };
                // Whatever events said before: look once more.
                self.incoming.note_readable(false);
            }
            // Already on its way to the end.
            _ => {}
        }
    }

    /// Which events the next turn waits for. Derived from the state, so that
    /// neither can be forgotten: to want to write while nothing waits would wake
    /// the loop all the time, and to read above the high-water mark would let a
    /// client that doesn't read its answers fill our memory.
    pub fn interest(&self, limits: &Limits) -> Interest {
        Interest {
            read: match self.phase {
                Phase::Connecting | Phase::Accepted | Phase::Closed => false,
                Phase::Serving | Phase::Draining { .. } => {
                    self.untaken.is_empty() && self.has_room(limits)
                }
                Phase::Flushing { has_input_ended } => !has_input_ended,
                Phase::Lingering { .. } => true,
            },
            write: self.phase == Phase::Connecting || !self.outgoing.is_empty(),
        }
    }

    /// True if another turn would read more, without any event.
    pub fn can_read(&self, limits: &Limits) -> bool {
        self.incoming.is_readable() && self.interest(limits).read
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

    fn establish(&mut self, shared: &mut Shared) -> Result<(), ConnectionError> {
        match self.stream.is_established() {
            Ok(true) => Ok(self.start(shared)?),
            Ok(false) => {
                self.outgoing.set_writable(false);
                Ok(())
            }
            Err(error) => Err(ConnectionError::Connect(error)),
        }
    }

    fn start(&mut self, shared: &mut Shared) -> io::Result<()> {
        self.phase = Phase::Serving;
        self.last_progress = shared.now;
        shared.output.clear();
        self.session.start(&mut shared.output, shared.now);
        self.send(&shared.output, shared.now)
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.incoming.read(&mut self.stream, buffer) {
            // The last answer has been sent; how the peer leaves is its affair.
            Err(_) if matches!(self.phase, Phase::Lingering { .. }) => Ok(Some(0)),
            result => result,
        }
    }

    /// The peer takes no more, but what it said before may still be here: the answer,
    /// perhaps, to a request that it didn't want to read to the end.
    fn hear_last_words(&mut self, shared: &mut Shared) {
        while self.is_in_session() && !self.session.is_finished() {
            let Ok(Some(n_read @ 1..)) = self.read(&mut shared.input) else {
                return;
            };
            shared.output.clear();
            let Shared {
                limits,
                now,
                input,
                output,
            } = shared;
            self.answer(&input[..n_read], output, limits, *now);
        }
    }

    fn take_input(&mut self, n_read: usize, shared: &mut Shared) -> io::Result<()> {
        let Shared {
            limits,
            now,
            input,
            output,
        } = shared;
        match &mut self.phase {
            Phase::Serving | Phase::Draining { .. } if n_read == 0 => {
                output.clear();
                self.session.end_of_input(output, *now);
                self.phase = Phase::Flushing {
                    has_input_ended: true,
                };
                return self.send(output, *now);
            }
            Phase::Serving => {}
            Phase::Draining { budget, until } => {
                *budget = budget.saturating_sub(n_read);
                *until = *now + DRAIN_SILENCE;
            }
            Phase::Flushing { has_input_ended } => {
                *has_input_ended |= n_read == 0;
                return Ok(());
            }
            Phase::Lingering { .. } => {
                if n_read == 0 {
                    self.phase = Phase::Closed;
                }
                return Ok(());
            }
            Phase::Connecting | Phase::Accepted | Phase::Closed => return Ok(()),
        }
        self.last_progress = *now;
        self.serve(&input[..n_read], output, limits, *now)
    }

    // ANCHOR: serve
    /// Hands input to the session and sends its answers, for as long as the peer
    /// takes them; keeps the rest of the input for later.
    fn serve(
        &mut self,
        mut input: &[u8],
        output: &mut Vec<u8>,
        limits: &Limits,
        now: Instant,
    ) -> io::Result<()> {
        while !input.is_empty() && self.has_room(limits) {
            output.clear();
            let n_taken = self.answer(input, output, limits, now);
            self.send(output, now)?;
            input = &input[n_taken..];
            if n_taken == 0 {
                break;
            }
        }
        self.untaken = input.to_vec();
        Ok(())
    }

    /// Answers as many messages as go into one write, and returns how many bytes
    /// of input they were.
    fn answer(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        limits: &Limits,
        now: Instant,
    ) -> usize {
        let mut n_taken = 0;
        while n_taken < input.len()
            && output.len() < limits.high_water_mark as usize
            && !self.session.is_finished()
        {
            match self.session.receive(&input[n_taken..], output, now) {
                0 => break,
                n => n_taken += n,
            }
        }
        n_taken
    }
    // ANCHOR_END: serve

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

    fn has_room(&self, limits: &Limits) -> bool {
        self.outgoing.len() < limits.high_water_mark as usize
    }

    fn is_in_session(&self) -> bool {
        matches!(self.phase, Phase::Serving | Phase::Draining { .. })
    }

    // ANCHOR: advance
    /// Goes on to the next phase, as far as this one is over.
    fn advance(&mut self, now: Instant) -> io::Result<()> {
        let is_drained = match self.phase {
            Phase::Draining { budget, until } => {
                let is_silent = !self.incoming.is_readable() && until <= now;
                self.untaken.is_empty() && (budget == 0 || is_silent)
            }
            _ => false,
        };
        if is_drained || self.is_in_session() && self.session.is_finished() {
            self.untaken = Vec::new();
            self.phase = Phase::Flushing {
                has_input_ended: false,
            };
        }
        if matches!(self.phase, Phase::Lingering { until } if until <= now) {
            self.phase = Phase::Closed;
        }
        if let Phase::Flushing { has_input_ended } = self.phase
            && self.outgoing.is_empty()
        {
            self.phase = match self.stream.shutdown_write() {
                Ok(()) if !has_input_ended => Phase::Lingering {
                    until: now + LINGER,
                },
                Ok(()) => Phase::Closed,
                // The peer is gone, with everything we sent.
                Err(error) if error.kind() == ErrorKind::NotConnected => Phase::Closed,
                Err(error) => return Err(error),
            };
        }
        Ok(())
    }
    // ANCHOR_END: advance
}
