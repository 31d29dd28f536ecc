//! A pair to step through while it runs: each thread is held before each call.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::pair::{Pair, Plan};
use crate::play::{Held, Play, Settled};
use crate::record::{Header, Record};

/// How often to look whether a thread that runs is still by now.
const LOOK: Duration = Duration::from_millis(2);

/// Two programs, held before each call.
pub struct Live {
    pair: Pair,
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
            self.pair.interrupt("somebody left the stepping")?;
            return Ok(0);
        }
        Ok(self.pair.status())
    }

    fn hand_over(&mut self, seen: &mut dyn FnMut(Record)) {
        self.pair.session.take().into_iter().for_each(seen);
    }
}

impl Play for Live {
    fn held(&self) -> Vec<Held> {
        self.pair.session.held().cloned().collect()
    }

    fn release(&mut self, thread: u32) {
        // Whoever can't be let go is gone, which is told next.
        let _ = self.pair.session.release(thread);
    }

    fn settle(&mut self, seen: &mut dyn FnMut(Record)) -> anyhow::Result<Settled> {
        let stdin = io::stdin();
        let keys = stdin.is_terminal().then(|| stdin.as_fd());
        let mut timeout = Duration::ZERO;
        loop {
            let turn = self.pair.turn(Some(timeout), keys)?;
            self.hand_over(seen);
            let arrivals = self.pair.session.take_arrivals();
            let mut signals = arrivals.iter().map(|arrival| arrival.signal);
            if signals.any(|signal| !matches!(signal, Signal::SIGTSTP | Signal::SIGWINCH)) {
                return Ok(Settled::Stop);
            }
            if self.pair.is_over() {
                seen(self.pair.end());
                return Ok(Settled::Over);
            }
            if !turn.has_moved && self.pair.session.is_still() {
                self.hand_over(seen);
                return Ok(Settled::Still);
            }
            if turn.has_keys || !arrivals.is_empty() {
                return Ok(Settled::Key);
            }
            timeout = if turn.has_moved { Duration::ZERO } else { LOOK };
        }
    }
}
