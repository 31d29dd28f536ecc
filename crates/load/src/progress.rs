//! A line on the terminal for those who wait.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::flags::Plan;
use crate::tally::Tally;

/// How often the line changes.
const INTERVAL: Duration = Duration::from_secs(1);
/// Back to the beginning of the line, and everything behind it gone (ECMA-48, 8.3.41).
const CLEAR_LINE: &str = "\r\x1b[K";

/// The line; it is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    duration: Option<Duration>,
    max_messages: Option<u64>,
    next_at: Instant,
    n_answered: u64,
}

impl Progress {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            duration: plan.duration,
            max_messages: plan.max_messages,
            next_at: Instant::now() + INTERVAL,
            n_answered: 0,
        }
    }

    /// Shows how far it has come, if it is time to.
    pub(crate) fn show(&mut self, tally: &Tally, now: Instant) {
        if now < self.next_at {
            return;
        }
        let seconds = (now + INTERVAL - self.next_at).as_secs_f64();
        let rate = (tally.n_answered - self.n_answered) as f64 / seconds;
        self.next_at = now + INTERVAL;
        self.n_answered = tally.n_answered;
        let elapsed = tally.elapsed(now).as_secs();
        let mut line = format!("{CLEAR_LINE}{elapsed} s");
        if let Some(duration) = self.duration {
            line += &format!(" of {} s", duration.as_secs_f64());
        }
        line += &format!(", {} messages", tally.n_answered);
        if let Some(max) = self.max_messages {
            line += &format!(" of {max}");
        }
        line += &format!(", {rate:.0} a second");
        // A terminal that is gone needs no progress.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let _ = io::stderr().write_all(CLEAR_LINE.as_bytes());
    }
}
