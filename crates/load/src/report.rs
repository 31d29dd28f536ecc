//! What came of a load.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What came of a load, as text or as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Connections that were established.
    pub connections: usize,
    /// Messages that were answered, and rightly.
    pub messages: u64,
    /// Bytes that the system took, on all connections.
    pub bytes_sent: u64,
    /// Bytes that came, on all connections.
    pub bytes_received: u64,
    /// From the first message to the last answer.
    pub seconds: f64,
    /// Answers, over all of that time.
    pub messages_per_second: f64,
    /// How long answers took, from when the message was due; `None` if that was not
    /// measured: nothing was answered, or messages were pushed.
    pub latency_us: Option<Latency>,
    /// How often a connection had to wait for what this machine had run out of: `ports`
    /// or `descriptors`. The figures are then this machine's as much as the server's.
    pub shortages: BTreeMap<&'static str, u64>,
    /// What went wrong, and how often.
    pub errors: BTreeMap<&'static str, u64>,
    /// The number of the connection that failed first, from 1 on, and why.
    #[serde(skip)]
    pub first_error: Option<(usize, String)>,
}

/// Percentiles, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Latency {
    /// Half of all answers took no longer.
    pub p50: f64,
    /// Nine of ten.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1000.
    pub p99_9: f64,
    /// All.
    pub max: f64,
}

impl Report {
    /// How many errors there were, of any kind.
    pub fn n_errors(&self) -> u64 {
        self.errors.values().sum()
    }

    /// All of it, as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers and names are JSON")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes| bytes as f64 / 1e6;
        let in_time = |n: f64| {
            if self.seconds > 0.0 {
                n / self.seconds
            } else {
                0.0
            }
        };
        writeln!(f, "{:<13}{}", "connections", self.connections)?;
        writeln!(
            f,
            "{:<13}{} in {:.2} s, {:.0} a second",
            "messages", self.messages, self.seconds, self.messages_per_second
        )?;
        writeln!(
            f,
            "{:<13}{:.1} MB sent, {:.1} MB received, {:.1} MB a second",
            "bytes",
            megabytes(self.bytes_sent),
            megabytes(self.bytes_received),
            in_time(megabytes(self.bytes_received)),
        )?;
        write!(f, "{:<13}", "latency")?;
        match &self.latency_us {
            Some(latency) => writeln!(f, "{latency}")?,
            None if self.messages > 0 => {
                writeln!(f, "not measured: pushed messages wait for one another")?;
            }
            None => writeln!(f, "not measured: nothing was answered")?,
        }
        if !self.shortages.is_empty() {
            write!(f, "{:<13}", "shortages")?;
            write_counts(f, &self.shortages)?;
            writeln!(f, ", of this machine's own")?;
        }
        write!(f, "{:<13}", "errors")?;
        match self.errors.is_empty() {
            true => f.write_str("none"),
            false => write_counts(f, &self.errors),
        }
    }
}

fn write_counts(f: &mut fmt::Formatter<'_>, counts: &BTreeMap<&str, u64>) -> fmt::Result {
    for (index, (kind, n)) in counts.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}{n} × {kind}")?;
    }
    Ok(())
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            p50,
            p90,
            p99,
            p99_9,
            max,
        } = self;
        write!(
            f,
            "50 % {p50:.0}, 90 % {p90:.0}, 99 % {p99:.0}, 99.9 % {p99_9:.0}, max {max:.0} µs"
        )
    }
}
