//! What is counted while the load generator runs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::failure::LaneFailure;
use crate::report::{Latency, Report};
use crate::shortage::Shortage;

/// A latency is kept to a thousandth of itself, up to an hour; in nanoseconds.
const MAX_LATENCY: u64 = 3_600_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;
/// Millions of messages may be missed at once, due one shortly after the other: so many
/// different latencies are as exact as the histogram is.
const MAX_STEPS: u64 = 1000;

/// What messages are counted under that were due, and could not be sent.
pub(crate) const NEVER_SENT: &str = "never sent";
/// What messages are counted under whose answers were no longer waited for.
pub(crate) const GIVEN_UP: &str = "given up";

/// Counts, and the time that they are for.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) n_connections: usize,
    pub(crate) n_requested: u64,
    pub(crate) n_answered: u64,
    /// Requested, and neither answered nor given up.
    pub(crate) n_under_way: u64,
    /// Due, and not sent yet.
    pub(crate) n_owed: u64,
    pub(crate) n_bytes_sent: u64,
    pub(crate) n_bytes_received: u64,
    /// When the first message could be sent.
    start: Option<Instant>,
    /// When the last answer was complete.
    last_answer: Option<Instant>,
    latencies: Histogram<u64>,
    errors: BTreeMap<&'static str, u64>,
    shortages: BTreeMap<&'static str, u64>,
    /// The lane that failed first, from 1 on, and why.
    first_error: Option<(usize, String)>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            n_connections: 0,
            n_requested: 0,
            n_answered: 0,
            n_under_way: 0,
            n_owed: 0,
            n_bytes_sent: 0,
            n_bytes_received: 0,
            start: None,
            last_answer: None,
            latencies: Histogram::new_with_max(MAX_LATENCY, SIGNIFICANT_DIGITS)
                .expect("the bounds are valid"),
            errors: BTreeMap::new(),
            shortages: BTreeMap::new(),
            first_error: None,
        }
    }

    /// All counts from the beginning, but for the connections, what went wrong, and what
    /// is still under way: of what was pushed, there may be something left.
    pub(crate) fn restart(&mut self) {
        *self = Self {
            n_connections: self.n_connections,
            n_under_way: self.n_under_way,
            errors: std::mem::take(&mut self.errors),
            shortages: std::mem::take(&mut self.shortages),
            first_error: self.first_error.take(),
            ..Self::new()
        };
    }

    pub(crate) fn start_at(&mut self, now: Instant) {
        self.start = Some(now);
    }

    pub(crate) fn count_request(&mut self) {
        self.n_requested += 1;
        self.n_under_way += 1;
    }

    /// A message is answered, whose latency is measured if it is known when it was due.
    pub(crate) fn count_answer(&mut self, due: Option<Instant>, now: Instant) {
        self.n_answered += 1;
        self.n_under_way -= 1;
        self.last_answer = Some(now);
        if let Some(due) = due {
            self.count_latency(due, now);
        }
    }

    /// A message was due at `due`, and is not answered before `now`, if ever.
    pub(crate) fn count_latency(&mut self, due: Instant, now: Instant) {
        self.latencies.saturating_record(nanoseconds(due, now));
    }

    /// Messages were due, the first and the last of them at these times, and will never
    /// be sent.
    pub(crate) fn count_never_sent(&mut self, n: u64, first: Instant, last: Instant, now: Instant) {
        self.n_requested += n;
        self.count_errors(NEVER_SENT, n);
        let (oldest, newest) = (nanoseconds(first, now), nanoseconds(last, now));
        let n_steps = n.min(MAX_STEPS);
        for step in 0..n_steps {
            let latency = oldest - (oldest - newest) / n_steps * step;
            let n_alike = n * (step + 1) / n_steps - n * step / n_steps;
            self.latencies.saturating_record_n(latency, n_alike);
        }
    }

    /// The server has closed the connection in order, as it may: so many messages will
    /// be sent once more, on another one.
    pub(crate) fn take_back_requests(&mut self, n: usize) {
        self.n_requested -= n as u64;
        self.n_under_way -= n as u64;
    }

    pub(crate) fn give_up_requests(&mut self, n: usize) {
        self.n_under_way -= n as u64;
    }

    pub(crate) fn count_failure(&mut self, lane: usize, failure: &LaneFailure) {
        self.count_errors(failure.kind(), 1);
        self.first_error
            .get_or_insert_with(|| (lane + 1, failure.to_string()));
    }

    pub(crate) fn count_errors(&mut self, kind: &'static str, n: u64) {
        *self.errors.entry(kind).or_default() += n;
    }

    /// A connection has to wait for what this machine has run out of.
    pub(crate) fn count_shortage(&mut self, shortage: Shortage) {
        *self.shortages.entry(shortage.name()).or_default() += 1;
    }

    /// For how long messages have been sent, by now.
    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        self.start
            .map_or(Duration::ZERO, |start| now.saturating_duration_since(start))
    }

    pub(crate) fn report(&self, now: Instant) -> Report {
        // What comes after the last answer is waiting for those that never came.
        let seconds = self.elapsed(self.last_answer.unwrap_or(now)).as_secs_f64();
        let at = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1000.0;
        Report {
            connections: self.n_connections,
            messages: self.n_answered,
            bytes_sent: self.n_bytes_sent,
            bytes_received: self.n_bytes_received,
            seconds,
            messages_per_second: if seconds > 0.0 {
                self.n_answered as f64 / seconds
            } else {
                0.0
            },
            latency_us: (!self.latencies.is_empty()).then(|| Latency {
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                p99_9: at(0.999),
                max: self.latencies.max() as f64 / 1000.0,
            }),
            shortages: self.shortages.clone(),
            errors: self.errors.clone(),
            first_error: self.first_error.clone(),
        }
    }
}

fn nanoseconds(since: Instant, now: Instant) -> u64 {
    let nanoseconds = now.saturating_duration_since(since).as_nanos();
    u64::try_from(nanoseconds).map_or(MAX_LATENCY, |n| n.min(MAX_LATENCY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn millions_that_were_never_sent_have_each_waited_since_they_were_due() {
        let first = Instant::now();
        let (last, now) = (
            first + Duration::from_secs(1),
            first + Duration::from_secs(2),
        );
        for n in [1, 2, 999, 1001, 1_234_567] {
            let mut tally = Tally::new();
            tally.count_never_sent(n, first, last, now);
            assert_eq!(tally.latencies.len(), n);
            let report = tally.report(now);
            assert_eq!(report.errors[NEVER_SENT], n);
            let latency = report.latency_us.unwrap();
            assert!((1_000_000.0..=2_002_000.0).contains(&latency.p50));
            assert!((1_999_000.0..=2_002_000.0).contains(&latency.max));
            if n > 100 {
                assert!((1_490_000.0..=1_510_000.0).contains(&latency.p50));
            }
        }
    }
}
