//! What is counted while the load generator runs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use std::{fmt, io};

use hdrhistogram::Histogram;

use super::dialogue::Wrong;
use super::report::{Latency, Report};

/// A latency is kept to a thousandth of itself, up to an hour; in nanoseconds.
const MAX_LATENCY: u64 = 3_600_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// Why a connection was given up.
#[derive(Debug)]
pub(super) enum Failure {
    /// It was never established.
    Connect(io::Error),
    /// It broke, for instance by a reset.
    Lost(io::Error),
    /// The server closed it, and owed an answer.
    ClosedEarly,
    /// No answer came for so long.
    Silent(Duration),
    /// An answer came that is not the right one.
    Wrong(Wrong),
}

impl Failure {
    /// A few words to count it under.
    fn kind(&self) -> &'static str {
        match self {
            Self::Connect(_) => "cannot connect",
            Self::Lost(_) => "connection lost",
            Self::ClosedEarly => "closed early",
            Self::Silent(_) => "no answer",
            Self::Wrong(wrong) => wrong.kind,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "cannot connect: {error}"),
            Self::Lost(error) => write!(f, "the connection broke: {error}"),
            Self::ClosedEarly => f.write_str("the server closed the connection without an answer"),
            Self::Silent(limit) => write!(f, "no answer for {} s", limit.as_secs_f64()),
            Self::Wrong(wrong) => f.write_str(&wrong.detail),
        }
    }
}

/// Counts, and the time that they are for.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) n_connections: usize,
    pub(super) n_requested: u64,
    pub(super) n_answered: u64,
    /// Requested, and neither answered nor given up.
    pub(super) n_under_way: u64,
    /// Due, and not sent yet.
    pub(super) n_owed: u64,
    pub(super) n_bytes_sent: u64,
    pub(super) n_bytes_received: u64,
    /// When the first message could be sent.
    start: Option<Instant>,
    /// When the last answer was complete.
    last_answer: Option<Instant>,
    latencies: Histogram<u64>,
    errors: BTreeMap<&'static str, u64>,
    /// The lane that failed first, from 1 on, and why.
    first_error: Option<(usize, String)>,
}

impl Tally {
    pub(super) fn new() -> Self {
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
            first_error: None,
        }
    }

    /// All counts from the beginning, but for the connections.
    pub(super) fn restart(&mut self) {
        *self = Self {
            n_connections: self.n_connections,
            errors: std::mem::take(&mut self.errors),
            first_error: self.first_error.take(),
            ..Self::new()
        };
    }

    pub(super) fn start_at(&mut self, now: Instant) {
        self.start = Some(now);
    }

    pub(super) fn count_request(&mut self) {
        self.n_requested += 1;
        self.n_under_way += 1;
    }

    /// A message that was due at `due` is answered.
    pub(super) fn count_answer(&mut self, due: Instant, now: Instant) {
        self.n_answered += 1;
        self.n_under_way -= 1;
        self.last_answer = Some(now);
        self.count_latency(due, now);
    }

    /// A message was due at `due`, and is not answered before `now`, if ever.
    pub(super) fn count_latency(&mut self, due: Instant, now: Instant) {
        let nanoseconds = now.saturating_duration_since(due).as_nanos();
        self.latencies
            .saturating_record(u64::try_from(nanoseconds).unwrap_or(MAX_LATENCY));
    }

    /// The server has closed the connection in order, as it may: so many messages will
    /// be sent once more, on another one.
    pub(super) fn take_back_requests(&mut self, n: usize) {
        self.n_requested -= n as u64;
        self.n_under_way -= n as u64;
    }

    pub(super) fn give_up_requests(&mut self, n: usize) {
        self.n_under_way -= n as u64;
    }

    pub(super) fn count_failure(&mut self, lane: usize, failure: &Failure) {
        self.count_errors(failure.kind(), 1);
        self.first_error
            .get_or_insert_with(|| (lane + 1, failure.to_string()));
    }

    pub(super) fn count_errors(&mut self, kind: &'static str, n: u64) {
        *self.errors.entry(kind).or_default() += n;
    }

    /// For how long messages have been sent, by now.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        self.start
            .map_or(Duration::ZERO, |start| now.saturating_duration_since(start))
    }

    pub(super) fn report(&self, now: Instant) -> Report {
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
            latency_us: Latency {
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                p99_9: at(0.999),
                max: self.latencies.max() as f64 / 1000.0,
            },
            errors: self.errors.clone(),
            first_error: self.first_error.clone(),
        }
    }
}
