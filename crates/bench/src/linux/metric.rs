//! What is measured, in which unit, and which way is better.

use std::collections::BTreeMap;

use serde::Serialize;

pub(crate) const MEBIBYTE: f64 = 1024.0 * 1024.0;
pub(crate) const GIBIBYTE: f64 = 1024.0 * MEBIBYTE;

/// One figure of a server under a load. The order is that of the columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    /// Messages answered a second.
    MessagesPerSecond,
    /// Bytes echoed a second, in 10^6; each of them crosses twice.
    MegabytesPerSecond,
    /// The server's user and system time, in microseconds for each message.
    CpuMicroseconds,
    /// The same, in seconds for each GiB echoed.
    CpuSecondsPerGib,
    /// The server's CPU time for a message with 10 connections open.
    CpuAt10,
    /// With 50.
    CpuAt50,
    /// With 1,000.
    CpuAt1000,
    /// With 10,000.
    CpuAt10000,
    /// The CPU time with 10,000 connections over that with 50.
    CpuGrowth,
    /// Half of all answers took no longer; in microseconds.
    LatencyP50,
    /// 99 of 100.
    LatencyP99,
    /// 999 of 1000.
    #[serde(rename = "latency_p99_9")]
    LatencyP999,
    /// Bytes of resident memory that an idle connection adds.
    BytesPerConnection,
    /// CPU time of ten idle seconds, in milliseconds.
    IdleCpuMilliseconds,
    /// Bytes that the system took from a client that doesn't read, in MiB: those in its
    /// own buffers among them.
    TakenMebibytes,
    /// The largest resident memory, in MiB.
    PeakMebibytes,
    /// How long the server's core had nothing to do, in percent. Near 0, the server is
    /// what was measured, and not the load.
    IdlePercent,
    /// System calls for each message.
    SystemCalls,
    /// Time of one call of the codec, in nanoseconds.
    Nanoseconds,
    /// Content through the codec, in 10^9 bytes a second.
    GigabytesPerSecond,
}

impl Metric {
    /// The head of its column.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::MessagesPerSecond => "messages/s",
            Self::MegabytesPerSecond => "MB/s",
            Self::CpuMicroseconds => "CPU µs",
            Self::CpuSecondsPerGib => "CPU s/GiB",
            Self::CpuAt10 => "10",
            Self::CpuAt50 => "50",
            Self::CpuAt1000 => "1,000",
            Self::CpuAt10000 => "10,000",
            Self::CpuGrowth => "10,000/50",
            Self::LatencyP50 => "p50 µs",
            Self::LatencyP99 => "p99 µs",
            Self::LatencyP999 => "p99.9 µs",
            Self::BytesPerConnection => "B/conn.",
            Self::IdleCpuMilliseconds => "CPU ms/10 s",
            Self::TakenMebibytes => "taken MiB",
            Self::PeakMebibytes => "MiB",
            Self::IdlePercent => "idle%",
            Self::SystemCalls => "calls",
            Self::Nanoseconds => "ns",
            Self::GigabytesPerSecond => "GB/s",
        }
    }

    /// In words, for a plot.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::MessagesPerSecond => "messages per second",
            Self::MegabytesPerSecond => "megabytes echoed per second",
            Self::CpuMicroseconds => "server CPU per message, µs",
            Self::CpuSecondsPerGib => "server CPU per GiB echoed, seconds",
            Self::CpuAt10 | Self::CpuAt50 | Self::CpuAt1000 | Self::CpuAt10000 => {
                "server CPU per message, µs"
            }
            Self::CpuGrowth => "CPU per message at 10,000 connections over that at 50",
            Self::LatencyP50 => "median latency, µs",
            Self::LatencyP99 => "latency of 99 % of messages, µs",
            Self::LatencyP999 => "latency of 99.9 % of messages, µs",
            Self::BytesPerConnection => "server memory per idle connection, bytes",
            Self::IdleCpuMilliseconds => "server CPU in 10 idle seconds, ms",
            Self::TakenMebibytes => "taken from a client that never reads, MiB",
            Self::PeakMebibytes => "peak server memory, MiB",
            Self::IdlePercent => "time in which the server's core had nothing to do, %",
            Self::SystemCalls => "system calls per message",
            Self::Nanoseconds => "time of one call, ns",
            Self::GigabytesPerSecond => "content per second, GB",
        }
    }

    pub(crate) fn is_higher_better(self) -> bool {
        matches!(
            self,
            Self::MessagesPerSecond | Self::MegabytesPerSecond | Self::GigabytesPerSecond
        )
    }

    /// For a person to read: three digits are enough, and large numbers have commas.
    pub(crate) fn show(self, value: f64) -> String {
        match value.abs() {
            100.0.. => with_commas(value),
            10.0.. => format!("{value:.1}"),
            _ => format!("{value:.2}"),
        }
    }
}

fn with_commas(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// What one run has brought.
pub(crate) type Sample = BTreeMap<Metric, f64>;

/// What several runs have brought.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Statistic {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Statistic {
    /// `None` of nothing.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        Some(Self {
            median: match values.len() % 2 {
                0 if middle > 0 => f64::midpoint(values[middle - 1], values[middle]),
                _ => *values.get(middle)?,
            },
            min: *values.first()?,
            max: *values.last()?,
        })
    }

    /// Half the distance from the least to the largest, in percent of the median.
    pub(crate) fn spread_percent(self) -> f64 {
        match self.median > 0.0 {
            true => (self.max - self.min) / 2.0 / self.median * 100.0,
            false => 0.0,
        }
    }
}

/// Each metric's statistic, over all samples that have it.
pub(crate) fn summarize(samples: &[Sample]) -> BTreeMap<Metric, Statistic> {
    let mut values: BTreeMap<Metric, Vec<f64>> = BTreeMap::new();
    for (&metric, &value) in samples.iter().flatten() {
        values.entry(metric).or_default().push(value);
    }
    values
        .into_iter()
        .filter_map(|(metric, values)| Some((metric, Statistic::of(values)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let median = |values: &[f64]| Statistic::of(values.to_vec()).map(|s| s.median);
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[3.0, 1.0]), Some(2.0));
        assert_eq!(median(&[3.0, 1.0, 10.0]), Some(3.0));
    }

    #[test]
    fn the_spread_is_half_of_what_lies_between_the_ends() {
        let statistic = Statistic::of(vec![90.0, 100.0, 110.0]).unwrap();
        assert_eq!(statistic.spread_percent(), 10.0);
    }

    #[test]
    fn numbers_have_three_digits_and_commas() {
        let show = |value| Metric::Nanoseconds.show(value);
        assert_eq!(show(1234567.0), "1,234,567");
        assert_eq!(show(123.4), "123");
        assert_eq!(show(12.34), "12.3");
        assert_eq!(show(1.234), "1.23");
        assert_eq!(show(0.0), "0.00");
    }
}
