//! What a program was sent lately: a signal that it has had from somebody isn't passed on
//! to it once more.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use libc::pid_t;
use nix::sys::signal::Signal;

use super::signals::Sender;

/// How long to remember what a program was sent.
const MEMORY: Duration = Duration::from_millis(500);

/// What a program was sent lately, and by whom.
#[derive(Debug, Default)]
pub(super) struct Sent(VecDeque<(Instant, i32, Sender)>);

impl Sent {
    pub(super) fn add(&mut self, signal: i32, sender: pid_t) {
        let now = Instant::now();
        while self.0.front().is_some_and(|(at, ..)| *at + MEMORY < now) {
            self.0.pop_front();
        }
        self.0.push_back((now, signal, Sender(sender)));
    }

    /// True if this was; it is then forgotten.
    pub(super) fn take(&mut self, signal: Signal, sender: Sender) -> bool {
        let mut all = self.0.iter();
        let place = all.position(|(_, number, by)| *number == signal as i32 && *by == sender);
        place.is_some_and(|at| self.0.remove(at).is_some())
    }
}
