//! Messages that are due, and not sent yet.

use std::time::Instant;

use crate::run_state::RunState;
use crate::tally::{NEVER_SENT, Tally};

/// What one lane owes.
#[derive(Debug)]
pub(crate) struct Debts {
    /// Whose they are.
    key: usize,
    n_owed: u64,
    /// Messages that are no longer owed.
    n_paid: u64,
}

impl Debts {
    /// The lane `key` owes nothing.
    pub(crate) fn new(key: usize) -> Self {
        Self {
            key,
            n_owed: 0,
            n_paid: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.n_owed == 0
    }

    /// A message more is due.
    pub(crate) fn add(&mut self, tally: &mut Tally) {
        self.n_owed += 1;
        tally.n_owed += 1;
    }

    /// When the oldest of them was due.
    pub(crate) fn oldest(&self, run: &RunState<'_>) -> Option<Instant> {
        (self.n_owed > 0).then(|| run.schedule.due(self.key, self.n_paid).unwrap_or(run.now))
    }

    /// The oldest of them is sent, if there is one.
    pub(crate) fn pay(&mut self, tally: &mut Tally) {
        if self.n_owed > 0 {
            self.n_owed -= 1;
            self.n_paid += 1;
            tally.n_owed -= 1;
        }
    }

    /// The last `n` that were sent are to be sent again.
    pub(crate) fn take_back(&mut self, n: usize, tally: &mut Tally) {
        self.n_owed += n as u64;
        self.n_paid -= n as u64;
        tally.n_owed += n as u64;
    }

    /// Nothing more will be sent. What was due and isn't sent is counted, with the time
    /// that it has waited for so far: leaving it out would flatter the latencies.
    pub(crate) fn write_off(&mut self, run: &mut RunState<'_>) {
        if !run.schedule.needs_no_debts() && self.n_owed > 0 {
            run.tally.n_requested += self.n_owed;
            run.tally.count_errors(NEVER_SENT, self.n_owed);
        }
        for nth in self.n_paid..self.n_paid + self.n_owed {
            if let Some(due) = run.schedule.due(self.key, nth) {
                run.tally.count_latency(due, run.now);
            }
        }
        run.tally.n_owed -= self.n_owed;
        // The next one that it owes is a later one.
        self.n_paid += self.n_owed;
        self.n_owed = 0;
    }

    /// Forgets what was counted.
    pub(crate) fn restart(&mut self) {
        self.n_paid = 0;
    }
}
