//! What a connection does when time has passed and nothing else has happened.

use std::io::ErrorKind;
use std::time::Instant;

use super::phase::Phase;
use super::{Connection, ConnectionError, Context, Stream};
use crate::limits::Limits;
use crate::session::Session;

impl<S: Session, T: Stream> Connection<S, T> {
    /// Acts on a deadline, if one has come by now.
    ///
    /// # Errors
    ///
    /// If nothing has moved for too long, or as [`turn`](Self::turn).
    pub fn handle_timeout(
        &mut self,
        context: &mut Context,
    ) -> Result<(), ConnectionError> {
        let now = context.now;
        let is_due = |deadline: Option<Instant>| {
            deadline.is_some_and(|deadline| deadline <= now)
        };
        self.advance(now)?;
        if let Some(limit) = context.limits.idle_timeout.limit()
            && is_due(self.idle_deadline(&context.limits))
        {
            return Err(match self.phase {
                Phase::Connecting => {
                    ConnectionError::Connect(ErrorKind::TimedOut.into())
                }
                _ => ConnectionError::Idle(limit),
            });
        }
        if is_due(self.session_deadline(&context.limits)) {
            context.output.clear();
            self.session.handle_timeout(&mut context.output, now);
            self.send(&context.output, now)?;
            self.turn(context)?;
        }
        Ok(())
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due, if ever.
    pub fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let phase = self.phase_deadline();
        let idle = self.idle_deadline(limits);
        let session = self.session_deadline(limits);
        // `None` sorts below every time, and would win with `min`.
        [phase, idle, session].into_iter().flatten().min()
    }

    /// When this phase is over: exactly when [`advance`](Self::advance) finds
    /// so, or the loop would be woken in vain, again and again.
    fn phase_deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Lingering { until } => Some(until),
            Phase::Draining { until, .. } => {
                let is_waiting =
                    !self.incoming.is_readable() && self.untaken.is_empty();
                is_waiting.then_some(until)
            }
            _ => None,
        }
    }

    /// When too little has moved for too long. Whoever waits for room in our
    /// memory is not idle, and who lingers has a deadline of his own.
    fn idle_deadline(&self, limits: &Limits) -> Option<Instant> {
        if matches!(self.phase, Phase::Lingering { .. } | Phase::Closed)
            || !self.is_admitted()
        {
            return None;
        }
        Some(self.last_progress + limits.idle_timeout.limit()?)
    }

    /// The session's deadline, unless we hold its input back: the peer is not
    /// to blame for what we don't read. Input that it has declined is no such
    /// thing.
    fn session_deadline(&self, limits: &Limits) -> Option<Instant> {
        // A hold that has ended counts until the session was told how long it
        // was.
        let is_running = self.is_in_session()
            && self.held_back_since.is_none()
            && !self.is_held_back(limits);
        self.session.deadline().filter(|_| is_running)
    }
}
