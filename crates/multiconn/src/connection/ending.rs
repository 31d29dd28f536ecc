//! How a connection comes to its end: in order, so that no answer is lost.

use std::io::{self, ErrorKind};
use std::time::Instant;

use super::phase::{DRAIN_BUDGET, DRAIN_SILENCE, LINGER, Phase};
use super::{Connection, Stream};
use crate::session::Session;

impl<S: Session, T: Stream> Connection<S, T> {
    /// Tells the session, and ends the connection when what has already arrived
    /// is served. The next turn begins with that.
    pub fn stop(&mut self, now: Instant) {
        match self.phase {
            Phase::Connecting => self.phase = Phase::Closed,
            // Its message can't become whole while there is no room for it.
            Phase::Serving | Phase::Draining { .. } if !self.is_admitted() => {
                self.finish();
            }
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

    /// Nothing more is to be said, so nothing more is heard.
    fn finish(&mut self) {
        self.untaken = Vec::new();
        self.phase = Phase::Flushing {
            has_input_ended: false,
        };
    }

    /// Goes on to the next phase, as far as this one is over.
    pub(super) fn advance(&mut self, now: Instant) -> io::Result<()> {
        if self.is_drained(now)
            || self.is_in_session() && self.session.is_finished()
        {
            self.finish();
        }
        if matches!(self.phase, Phase::Lingering { until } if until <= now) {
            self.phase = Phase::Closed;
        }
        // ANCHOR: advance
        if let Phase::Flushing { has_input_ended } = self.phase
            && self.outgoing.is_empty()
        {
            self.phase = match self.stream.shutdown_write() {
                Ok(()) if !has_input_ended => Phase::Lingering {
                    until: now + LINGER,
                },
                Ok(()) => Phase::Closed,
                // The peer is gone, with everything we sent.
                Err(error) if error.kind() == ErrorKind::NotConnected => {
                    Phase::Closed
                }
                Err(error) => return Err(error),
            };
        }
        // ANCHOR_END: advance
        Ok(())
    }

    /// True if all that had arrived when it was told to stop is taken, or
    /// enough of it.
    fn is_drained(&self, now: Instant) -> bool {
        let Phase::Draining { budget, until } = self.phase else {
            return false;
        };
        let is_silent = !self.incoming.is_readable() && until <= now;
        self.untaken.is_empty() && (budget == 0 || is_silent)
    }
}
