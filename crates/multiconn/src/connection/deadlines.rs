//! What a connection does when time has passed and nothing else has happened.

use std::io::ErrorKind;
use std::time::Instant;

use super::Connection;
use crate::limits::Limits;
use crate::phase::Phase;
use crate::session::Session;
use crate::shared::Shared;
use crate::stream::{ConnectionError, Stream};

impl<S: Session, T: Stream> Connection<S, T> {
    /// Acts on a deadline, if one has come by now.
    ///
    /// # Errors
    ///
    /// If nothing has moved for too long, or as [`turn`](Self::turn).
    pub fn handle_timeout(&mut self, shared: &mut Shared) -> Result<(), ConnectionError> {
        let now = shared.now;
        self.advance(now)?;
        if matches!(self.phase, Phase::Lingering { .. } | Phase::Closed) {
            return Ok(());
        }
        if let Some(limit) = shared.limits.idle_timeout.limit()
            && self.last_progress + limit <= now
        {
            return Err(match self.phase {
                Phase::Connecting => ConnectionError::Connect(ErrorKind::TimedOut.into()),
                _ => ConnectionError::Idle(limit),
            });
        }
        let deadline = self.session_deadline(&shared.limits);
        if deadline.is_some_and(|deadline| deadline <= now) {
            shared.output.clear();
            self.session.handle_timeout(&mut shared.output, now);
            self.send(&shared.output, now)?;
            self.turn(shared)?;
        }
        Ok(())
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due, if ever.
    pub fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Lingering { until } => return Some(until),
            Phase::Draining { until, .. } if !self.incoming.is_readable() => Some(until),
            _ => None,
        };
        let idle = limits
            .idle_timeout
            .limit()
            .map(|limit| self.last_progress + limit);
        let session = self.session_deadline(limits);
        // `None` sorts below every time, and would win with `min`.
        [phase, idle, session].into_iter().flatten().min()
    }

    /// The session's deadline, unless we keep its input from it: the peer is not to
    /// blame for what we don't read.
    fn session_deadline(&self, limits: &Limits) -> Option<Instant> {
        let is_heard = self.untaken.is_empty() && self.has_room(limits);
        self.session
            .deadline()
            .filter(|_| self.is_in_session() && is_heard)
    }
}
