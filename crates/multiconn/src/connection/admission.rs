//! Room in memory for a message under way: the session needs it, the loop
//! grants it.

use std::time::Instant;

use super::{Connection, Context, Stream};
use crate::limits::Limits;
use crate::session::Session;

/// Bytes of a message that needs no leave to be held.
const SMALL_MESSAGE: usize = 64 * 1024;

impl<S: Session, T: Stream> Connection<S, T> {
    /// Bytes of memory that the session needs before it gets more input; 0 if
    /// it needs none, or has them, or could do nothing with them yet: its
    /// answers wait to be read.
    pub fn room_wanted(&self, limits: &Limits) -> usize {
        match self.is_admitted() || !self.is_below_mark(limits) {
            true => 0,
            false => self.session.room_needed(),
        }
    }

    /// Bytes of memory that were granted, and are still needed.
    pub fn room(&self) -> usize {
        self.room
    }

    /// Lets the session have the room that it wanted.
    pub fn grant_room(&mut self, now: Instant) {
        self.room = self.session.room_needed();
        // The peer has not been idle: it has waited for us.
        self.last_progress = now;
    }

    /// Small messages always pass: they are bounded by the number of
    /// connections, and a server full of large ones still answers them.
    pub(super) fn is_admitted(&self) -> bool {
        !self.is_in_session()
            || self.session.room_needed() <= self.room.max(SMALL_MESSAGE)
    }

    /// True if a message is answered that had room: the next one has to ask
    /// anew, since others may have waited for longer.
    pub(super) fn has_answered_large(&self) -> bool {
        self.room > 0 && self.session.room_needed() == 0
    }

    /// Gives room back, once the message that needed it is answered and the
    /// answer, which may be as large, is on its way.
    pub(super) fn release_room(&mut self, limits: &Limits) {
        if self.session.room_needed() == 0 && self.is_below_mark(limits) {
            self.room = 0;
        }
    }

    /// Remembers when input began to be held back from the session, so that its
    /// deadlines can be put off by as much.
    pub(super) fn note_hold(&mut self, context: &Context) {
        if self.is_in_session() && self.is_held_back(&context.limits) {
            self.held_back_since.get_or_insert(context.now);
        }
    }
}
