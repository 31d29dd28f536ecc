//! Which message is due, and when.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::flags::{Pace, Plan};

/// Decides when a lane may send its next message. Messages in turns and at a rate are
/// *owed* first: the schedule says which lane owes one, and the lane sends it when it
/// can.
#[derive(Debug)]
pub(crate) struct Schedule {
    pace: Pace,
    n_lanes: u64,
    max_messages: u64,
    duration: Option<Duration>,
    /// While lanes are being opened, nothing is due.
    start: Option<Instant>,
    end: Option<Instant>,
    /// The number of the message that will be owed next, from 0 on.
    next: u64,
    /// Lanes that wait for their turn.
    waiting: VecDeque<usize>,
    /// Lanes that have their turn, from when they owe a message until it is answered.
    n_in_turn: usize,
}

impl Schedule {
    /// What `plan` says, with other limits.
    pub(crate) fn new(plan: &Plan, max_messages: Option<u64>, duration: Option<Duration>) -> Self {
        Self {
            pace: plan.pace,
            n_lanes: plan.n_connections as u64,
            max_messages: max_messages.unwrap_or(u64::MAX),
            duration,
            start: None,
            end: None,
            next: 0,
            waiting: (0..plan.n_connections).collect(),
            n_in_turn: 0,
        }
    }

    pub(crate) fn start_at(&mut self, now: Instant) {
        self.start = Some(now);
        self.end = self.duration.map(|duration| now + duration);
    }

    pub(crate) fn has_started(&self) -> bool {
        self.start.is_some()
    }

    /// Nothing is due from now on.
    pub(crate) fn end_at(&mut self, now: Instant) {
        self.start.get_or_insert(now);
        self.end = Some(self.end.map_or(now, |end| end.min(now)));
    }

    /// How many messages a lane may have under way.
    pub(crate) fn depth(&self) -> usize {
        match self.pace {
            Pace::Push => usize::MAX,
            Pace::OnAnswer { depth } | Pace::AtRate { depth, .. } => depth,
            Pace::InTurns { .. } => 1,
        }
    }

    /// True if a lane sends its next message without owing it.
    pub(crate) fn needs_no_debts(&self) -> bool {
        matches!(self.pace, Pace::OnAnswer { .. } | Pace::Push)
    }

    /// True while another message may be asked for, after `n_requested` of them.
    pub(crate) fn is_open(&self, n_requested: u64, now: Instant) -> bool {
        let is_in_time = self.end.is_none_or(|end| now < end);
        self.start.is_some() && is_in_time && n_requested < self.max_messages
    }

    /// True if nothing will ever be asked for, and time alone has to pass.
    pub(crate) fn is_idle(&self) -> bool {
        self.max_messages == 0
    }

    /// True if so many messages are all that were to be sent.
    pub(crate) fn is_complete(&self, n_requested: u64) -> bool {
        n_requested >= self.max_messages
    }

    /// The next lane to owe a message, if one does by now.
    pub(crate) fn next_debtor(&mut self, now: Instant) -> Option<usize> {
        match self.pace {
            Pace::OnAnswer { .. } | Pace::Push => None,
            Pace::InTurns { in_flight } => {
                if self.n_in_turn == in_flight || !self.is_open(self.next, now) {
                    return None;
                }
                let lane = self.waiting.pop_front()?;
                self.next += 1;
                self.n_in_turn += 1;
                Some(lane)
            }
            Pace::AtRate { .. } => {
                let due = self.next_due()?;
                if due > now {
                    return None;
                }
                let lane = self.next % self.n_lanes;
                self.next += 1;
                usize::try_from(lane).ok()
            }
        }
    }

    /// The lane has its answer, and waits for its next turn.
    pub(crate) fn queue(&mut self, lane: usize) {
        if matches!(self.pace, Pace::InTurns { .. }) {
            self.waiting.push_back(lane);
            self.n_in_turn -= 1;
        }
    }

    /// The lane that had its turn won't take it: its connection is lost.
    pub(crate) fn forfeit(&mut self) {
        if matches!(self.pace, Pace::InTurns { .. }) {
            self.n_in_turn -= 1;
        }
    }

    /// When the `nth` message of a lane is due, from 0 on, at a fixed rate.
    pub(crate) fn due(&self, lane: usize, nth: u64) -> Option<Instant> {
        self.time_of(lane as u64 + nth * self.n_lanes)
    }

    /// When the next message falls due by its time; `None` if none ever will.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let due = self.time_of(self.next)?;
        (self.next < self.max_messages && self.end.is_none_or(|end| due < end)).then_some(due)
    }

    /// The numbers of those messages that were due before the end, and that no lane owes
    /// yet: now none ever will.
    pub(crate) fn skip_to_end(&mut self) -> Range<u64> {
        let next = self.next;
        if let Pace::AtRate { rate, .. } = self.pace
            && let (Some(start), Some(end)) = (self.start, self.end)
        {
            let seconds = end.saturating_duration_since(start).as_secs_f64();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most a year at the largest rate, and no time is negative"
            )]
            let n_due = (seconds * rate).ceil() as u64;
            self.next = n_due.min(self.max_messages).max(next);
        }
        next..self.next
    }

    pub(crate) fn end(&self) -> Option<Instant> {
        self.end
    }

    /// When the message of that number is due, at a fixed rate.
    pub(crate) fn time_of(&self, number: u64) -> Option<Instant> {
        match self.pace {
            Pace::AtRate { rate, .. } => {
                Some(self.start? + Duration::from_secs_f64(number as f64 / rate))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_rate(rate: f64, max_messages: Option<u64>, duration: Option<Duration>) -> Schedule {
        let plan = Plan {
            n_connections: 2,
            max_messages,
            size: 1,
            duration,
            pace: Pace::AtRate { rate, depth: 1 },
            reconnect: false,
            never_read: false,
            warm_up: None,
            busy_poll: false,
            timeout: common::Timeout::from_secs(0),
        };
        let mut schedule = Schedule::new(&plan, plan.max_messages, plan.duration);
        schedule.start_at(Instant::now());
        schedule
    }

    #[track_caller]
    fn check_skipped(mut schedule: Schedule, n_owed: u64, expected: Range<u64>) {
        let later = Instant::now() + Duration::from_secs(60);
        for n in 0..n_owed {
            assert_eq!(schedule.next_debtor(later), usize::try_from(n % 2).ok());
        }
        assert_eq!(schedule.skip_to_end(), expected);
        assert_eq!(schedule.next_due(), None);
        assert!(schedule.skip_to_end().is_empty());
    }

    #[test]
    fn what_no_lane_owes_at_the_end_is_skipped() {
        let second = Some(Duration::from_secs(1));
        check_skipped(at_rate(1e6, None, second), 3, 3..1_000_000);
        check_skipped(at_rate(10.0, None, second), 10, 10..10);
        // The last of them is due before the end, though not a whole step before.
        check_skipped(at_rate(2.5, None, second), 0, 0..3);
        check_skipped(at_rate(1e6, Some(500), second), 500, 500..500);
        check_skipped(at_rate(1e6, Some(500), second), 7, 7..500);
    }
}
