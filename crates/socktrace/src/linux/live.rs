//! A pair to step through while it runs: each thread is held before each call.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use nix::sys::signal::Signal;

use super::pair::{Pair, Plan};
use crate::play::{Held, Play, Settled};
use crate::record::{Header, Record};

/// Two programs, held before each call.
pub struct Live {
    pair: Pair,
    /// Nothing has happened since it was said that all is still.
    has_told: bool,
}

impl Live {
    /// Starts the server.
    ///
    /// # Errors
    ///
    /// If it can't be started or watched.
    pub fn start(plan: Plan) -> anyhow::Result<Self> {
        Ok(Self {
            pair: Pair::start(plan, true)?,
            has_told: false,
        })
    }

    /// The first line of its trace.
    pub fn header(plan: &Plan) -> Header {
        Pair::header(plan)
    }

    /// Ends the programs, if they haven't ended. Returns the exit status that tells how
    /// they did.
    ///
    /// # Errors
    ///
    /// If they can't be waited for.
    pub fn finish(mut self) -> anyhow::Result<u8> {
        if !self.pair.is_over() {
            self.pair.interrupt()?;
            return Ok(0);
        }
        Ok(self.pair.status())
    }

    fn hand_over(&mut self, seen: &mut dyn FnMut(Record)) -> bool {
        let records = self.pair.session.take();
        let has_news = !records.is_empty();
        records.into_iter().for_each(seen);
        has_news
    }
}

impl Play for Live {
    fn held(&self) -> Vec<Held> {
        self.pair.session.held().cloned().collect()
    }

    fn release(&mut self, thread: u32) {
        self.has_told = false;
        // Whoever can't be let go is gone, which is told next.
        let _ = self.pair.session.release(thread);
    }

    fn settle(&mut self, seen: &mut dyn FnMut(Record)) -> anyhow::Result<Settled> {
        let stdin = io::stdin();
        let keys = stdin.is_terminal().then(|| stdin.as_fd());
        loop {
            if self.pair.is_over() {
                let end = self.pair.end();
                seen(end);
                return Ok(Settled::Over);
            }
            let has_news = self.hand_over(seen);
            if has_news {
                self.has_told = false;
            }
            if !self.has_told && self.pair.session.is_still() {
                self.hand_over(seen);
                self.has_told = true;
                return Ok(Settled::Still);
            }
            let turn = self.pair.turn(keys)?;
            if turn.has_moved {
                self.has_told = false;
            }
            let is_key = |signal| signal == Signal::SIGWINCH;
            if turn.has_keys || turn.arrivals.iter().any(|it| is_key(it.signal)) {
                self.hand_over(seen);
                return Ok(Settled::Key);
            }
            if turn.arrivals.iter().any(|it| it.signal != Signal::SIGTSTP) {
                self.pair.interrupt()?;
            }
        }
    }
}
