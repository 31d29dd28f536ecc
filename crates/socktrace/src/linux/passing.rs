//! Signals that are passed on: whoever sends one to the watcher of one program means that
//! program, and knows of no watcher.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::session::Session;
use super::signals::Arrival;
use crate::record::Side;

/// What a signal to a whole process group (`kill -TERM -PGID`) gets to reach the program
/// after it has reached us; the kernel sends it to one after another.
const GROUP_TIME: Duration = Duration::from_millis(10);

/// Signals that have arrived, in order, each with the time at which it is passed on if the
/// program hasn't had it from the same sender by then.
#[derive(Debug, Default)]
pub(super) struct PassedOn(VecDeque<(Instant, Arrival)>);

impl PassedOn {
    pub(super) fn add(&mut self, arrival: Arrival) {
        self.0.push_back((Instant::now() + GROUP_TIME, arrival));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Passes on what is due.
    pub(super) fn advance(&mut self, session: &mut Session) -> anyhow::Result<()> {
        while let Some(&(due, arrival)) = self.0.front() {
            let signal = arrival.signal;
            let is_ours = matches!(signal, Signal::SIGTSTP | Signal::SIGWINCH);
            // Nor does it need what the terminal has sent to all of the group itself.
            if !is_ours && let Some(sender) = arrival.sender {
                let mut has_it = session.was_sent(signal, sender);
                if !has_it && session.shares_group() {
                    if Instant::now() < due {
                        return Ok(());
                    }
                    // It may be stopped by that very signal, and nobody has looked yet.
                    session.turn(Some(Duration::ZERO), None)?;
                    let arrivals = session.take_arrivals().into_iter();
                    arrivals.for_each(|it| self.add(it));
                    has_it = session.was_sent(signal, sender);
                }
                if !has_it {
                    session.signal_program(Side::Server, signal);
                }
            }
            self.0.pop_front();
            if signal == Signal::SIGTSTP {
                session.sleep()?;
            }
        }
        Ok(())
    }
}
