//! The figures that the course promises of its own servers, and what they came to.

use super::metric::Metric;
use super::peers::{IPERF3, OURS};
use super::results::Results;

/// A figure to reach.
struct Goal {
    name: &'static str,
    what: &'static str,
    /// What it came to, if all it takes was measured.
    measure: fn(&Results) -> Option<f64>,
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// `metric` of ours over that of `server`.
fn ratio(results: &Results, workload: &str, server: &str, metric: Metric) -> Option<f64> {
    let table = results.table(workload)?;
    table.ratio(table.row(OURS)?, server, metric)
}

const RATE: Metric = Metric::MessagesPerSecond;
const CPU: Metric = Metric::CpuMicroseconds;
const GIB: Metric = Metric::CpuSecondsPerGib;

const GOALS: [Goal; 18] = [
    Goal {
        name: "P1",
        what: "round trips/s over bare epoll's",
        measure: |results| ratio(results, "ping-pong", "epoll", RATE),
        bound: Bound::AtLeast(0.97),
    },
    Goal {
        name: "P1",
        what: "round trips/s over tokio's example's",
        measure: |results| ratio(results, "ping-pong", "tokio", RATE),
        bound: Bound::AtLeast(1.3),
    },
    Goal {
        name: "P1",
        what: "CPU each at the same rate over bare epoll's",
        measure: |results| ratio(results, "latency", "epoll", CPU),
        bound: Bound::AtMost(1.05),
    },
    Goal {
        name: "P2",
        what: "CPU per GiB over tokio's example's",
        measure: |results| ratio(results, "stream", "tokio", GIB),
        bound: Bound::AtMost(0.55),
    },
    Goal {
        name: "P2",
        what: "CPU per GiB over tokio's with buffers as ours",
        measure: |results| ratio(results, "stream", "tokio 64K", GIB),
        bound: Bound::AtMost(0.95),
    },
    Goal {
        name: "P2",
        what: "CPU per GiB over the guide's",
        measure: |results| ratio(results, "stream", "selectors", GIB),
        bound: Bound::AtMost(1.0 / 30.0),
    },
    Goal {
        name: "P2",
        what: "CPU per GiB over iperf3's sender and receiver",
        measure: |results| ratio(results, "stream", IPERF3, GIB),
        bound: Bound::AtMost(1.2),
    },
    Goal {
        name: "P2",
        what: "pushed: CPU per GiB over tokio's, buffers as ours",
        measure: |results| ratio(results, "push", "tokio 64K", GIB),
        bound: Bound::AtMost(1.03),
    },
    Goal {
        name: "P3",
        what: "CPU ms in 10 s with 10,000 idle connections",
        measure: |results| results.median("idle", OURS, Metric::IdleCpuMilliseconds),
        // A clock tick of the system is 10 ms.
        bound: Bound::AtMost(9.99),
    },
    Goal {
        name: "P3",
        what: "bytes of memory for each of them",
        measure: |results| results.median("idle", OURS, Metric::BytesPerConnection),
        bound: Bound::AtMost(1024.0),
    },
    Goal {
        name: "P4",
        what: "CPU at 10,000 over that at 50, over bare epoll's",
        measure: |results| ratio(results, "growth", "epoll", Metric::CpuGrowth),
        bound: Bound::AtMost(1.1),
    },
    Goal {
        name: "P5",
        what: "MiB of memory for a client that never reads",
        measure: |results| results.median("never-read", OURS, Metric::PeakMebibytes),
        bound: Bound::AtMost(8.0),
    },
    Goal {
        name: "P6",
        what: "connection each: the guide's CPU over ours",
        measure: |results| Some(1.0 / ratio(results, "connect", "selectors", CPU)?),
        bound: Bound::AtLeast(4.0),
    },
    Goal {
        name: "P6",
        what: "connection each: requests/s over tokio's",
        measure: |results| ratio(results, "connect", "tokio codec", RATE),
        bound: Bound::AtLeast(1.0),
    },
    Goal {
        name: "P6",
        what: "kept alive: requests/s over tokio's",
        measure: |results| ratio(results, "keep-alive", "tokio codec", RATE),
        bound: Bound::AtLeast(1.0),
    },
    Goal {
        name: "P6",
        what: "pipelined: requests/s over tokio's",
        measure: |results| ratio(results, "pipelined", "tokio codec", RATE),
        bound: Bound::AtLeast(1.0),
    },
    Goal {
        name: "P7",
        what: "GB/s encoded, contents of 64 KiB",
        measure: |results| results.median("codec", "encode 64 KiB", Metric::GigabytesPerSecond),
        bound: Bound::AtLeast(1.0),
    },
    Goal {
        name: "P7",
        what: "GB/s decoded, contents of 64 KiB",
        measure: |results| results.median("codec", "decode 64 KiB", Metric::GigabytesPerSecond),
        bound: Bound::AtLeast(1.0),
    },
];

/// A line for each figure that this run could tell of; nothing if there is none.
pub(crate) fn to_text(results: &Results) -> String {
    let mut text = String::new();
    for goal in GOALS {
        let Some(value) = (goal.measure)(results) else {
            continue;
        };
        let (sign, bound, is_reached) = match goal.bound {
            Bound::AtLeast(bound) => ("≥", bound, value >= bound),
            Bound::AtMost(bound) => ("≤", bound, value <= bound),
        };
        let verdict = if is_reached { "reached" } else { "missed" };
        let (value, bound) = (RATE.show(value), RATE.show(bound));
        let Goal { name, what, .. } = goal;
        text += &format!("{name}  {what:<50}{value:>7}  {sign} {bound:<6}{verdict}\n");
    }
    match text.is_empty() {
        true => text,
        false => format!("What ours promise\n\n{text}"),
    }
}
