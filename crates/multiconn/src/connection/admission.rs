//! Room in memory for a message under way: the session needs it, the loop
//! grants it.

use std::time::Instant;

use super::{Connection, Context, Stream};
use crate::session::Session;

/// Bytes of a message that needs no leave to be held.
const SMALL_MESSAGE: usize = 64 * 1024;

impl<S: Session, T: Stream> Connection<S, T> {
    /// Bytes of memory that the session needs before it gets more input; 0 if
    /// it needs none, or has them.
    pub fn room_wanted(&self) -> usize {
        match self.is_admitted() {
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

    /// Remembers when input began to be held back from the session, so that its
    /// deadlines can be put off by as much.
    pub(super) fn note_hold(&mut self, context: &Context) {
        if self.is_in_session() && self.is_held_back(&context.limits) {
            self.held_back_since.get_or_insert(context.now);
        }
    }
}
