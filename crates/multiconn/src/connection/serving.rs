//! Input on its way to the session, and answers on their way back.

use std::{io, mem};

use super::phase::{DRAIN_SILENCE, Phase};
use super::{Connection, Context, Side, Stream};
use crate::session::Session;

impl<S: Session, T: Stream> Connection<S, T> {
    /// What a read has brought, or the end of input.
    pub(super) fn take_input(
        &mut self,
        n_read: usize,
        context: &mut Context,
    ) -> io::Result<()> {
        let now = context.now;
        match &mut self.phase {
            Phase::Serving | Phase::Draining { .. } if n_read == 0 => {
                context.output.clear();
                self.session.end_of_input(&mut context.output, now);
                self.phase = Phase::Flushing {
                    has_input_ended: true,
                };
                return self.send(&context.output, now);
            }
            Phase::Serving => {}
            Phase::Draining { budget, until } => {
                *budget = budget.saturating_sub(n_read);
                *until = now + DRAIN_SILENCE;
            }
            Phase::Flushing { has_input_ended } => {
                *has_input_ended |= n_read == 0;
                return Ok(());
            }
            Phase::Lingering { .. } if n_read == 0 => {
                self.phase = Phase::Closed;
                return Ok(());
            }
            Phase::Lingering { .. } | Phase::Connecting | Phase::Closed => {
                return Ok(());
            }
        }
        self.last_progress = now;
        // The buffer is lent by the context, and the context is needed, too.
        let input = mem::take(&mut context.input);
        let served = self.serve(&input[..n_read], context);
        context.input = input;
        served
    }

    /// Offers what the session has not taken, unless it is still held back.
    pub(super) fn offer_untaken(
        &mut self,
        context: &mut Context,
    ) -> io::Result<()> {
        if self.is_held_back(&context.limits) {
            return Ok(());
        }
        if let Some(since) = self.held_back_since.take() {
            self.session.put_off(context.now - since);
        }
        let input = mem::take(&mut self.untaken);
        self.serve(&input, context)
    }

    // ANCHOR: serve
    /// Hands input to the session and sends its answers, for as long as the
    /// peer takes them; keeps the rest of the input for later.
    fn serve(
        &mut self,
        mut input: &[u8],
        context: &mut Context,
    ) -> io::Result<()> {
        while !input.is_empty() && !self.is_held_back(&context.limits) {
            context.output.clear();
            let n_taken = self.answer(input, context);
            self.send(&context.output, context.now)?;
            self.release_room(&context.limits);
            input = &input[n_taken..];
            if n_taken == 0 {
                break;
            }
        }
        self.untaken = input.to_vec();
        Ok(())
    }

    // ANCHOR_END: serve

    // ANCHOR: answer
    /// Answers as many messages as go into one write, and returns how many
    /// bytes of input they were.
    fn answer(&mut self, input: &[u8], context: &mut Context) -> usize {
        let mut n_taken = 0;
        while n_taken < input.len()
            && context.output.len() < context.limits.high_water_mark as usize
            && self.is_admitted()
            && !self.has_answered_large()
            && !self.session.is_finished()
        {
            let rest = &input[n_taken..];
            match self.session.receive(rest, &mut context.output, context.now) {
                0 => break,
                n => n_taken += n,
            }
        }
        n_taken
    }
    // ANCHOR_END: answer

    /// The server takes no more, but what it said before may still be here: the
    /// answer, perhaps, to a request that it didn't want to read to the end.
    /// The requests of a client that is gone, on the other hand, are no longer
    /// to be run.
    pub(super) fn hear_last_words(&mut self, context: &mut Context) {
        if self.opened_by == Side::Peer {
            return;
        }
        let mut words = mem::take(&mut self.untaken);
        // What the session doesn't take now, it never will.
        while self.is_in_session() && self.hear(&words, context) {
            match self.read(&mut context.input) {
                Ok(Some(n_read @ 1..)) => {
                    words = context.input[..n_read].to_vec();
                }
                _ => return,
            }
        }
    }

    /// Hands input to the session, whose answers nobody will read; false if it
    /// leaves some of it.
    fn hear(&mut self, mut input: &[u8], context: &mut Context) -> bool {
        while !input.is_empty() {
            context.output.clear();
            match self.answer(input, context) {
                0 => return false,
                n_taken => input = &input[n_taken..],
            }
        }
        true
    }
}
