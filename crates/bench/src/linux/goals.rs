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

/// `metric` of ours over that of whichever of `servers` is best at it.
fn over_best(results: &Results, workload: &str, servers: &[&str], metric: Metric) -> Option<f64> {
    let table = results.table(workload)?;
    let ours = table.row(OURS)?;
    let ratios = servers
        .iter()
        .filter_map(|server| table.ratio(ours, server, metric));
    match metric.is_higher_better() {
        true => ratios.reduce(f64::min),
        false => ratios.reduce(f64::max),
    }
}

fn median(results: &Results, workload: &str, row: &str, metric: Metric) -> Option<f64> {
    results.median(workload, row, metric)
}

/// What a person who wants speed would pick, and the floors below it.
const FAST: &[&str] = &["epoll", "io_uring", "tokio", "tokio current", "tokio 128K"];
const CODEC: &[&str] = &["tokio codec"];

const CPU: Metric = Metric::CpuMicroseconds;
const GIB: Metric = Metric::CpuSecondsPerGib;
const GBS: Metric = Metric::GigabytesPerSecond;

/// Three percent off the best is as good as the best: less can't be told from noise.
const NEARLY: Bound = Bound::AtMost(1.03);

const fn goal(
    name: &'static str,
    what: &'static str,
    bound: Bound,
    measure: fn(&Results) -> Option<f64>,
) -> Goal {
    Goal {
        name,
        what,
        measure,
        bound,
    }
}

const GOALS: [Goal; 14] = [
    goal(
        "P1",
        "round trips/s over the best peer's",
        Bound::AtLeast(0.97),
        |results| over_best(results, "ping-pong", FAST, Metric::MessagesPerSecond),
    ),
    goal("P1", "CPU each over the best peer's", NEARLY, |results| {
        over_best(results, "ping-pong", FAST, CPU)
    }),
    goal(
        "P2",
        "CPU per GiB streamed over the best peer's",
        NEARLY,
        |results| over_best(results, "stream", FAST, GIB),
    ),
    goal(
        "P2",
        "CPU per GiB pushed over the best peer's",
        NEARLY,
        |results| over_best(results, "push", FAST, GIB),
    ),
    goal(
        "P2",
        "CPU per GiB over iperf3's sender and receiver",
        Bound::AtMost(1.0),
        |results| over_best(results, "stream", &[IPERF3], GIB),
    ),
    goal(
        "P3",
        "CPU ms in 10 s with 10,000 idle connections",
        // A clock tick of the system is 10 ms.
        Bound::AtMost(9.99),
        |results| median(results, "idle", OURS, Metric::IdleCpuMilliseconds),
    ),
    goal(
        "P3",
        "bytes of memory for each of them",
        Bound::AtMost(512.0),
        |results| median(results, "idle", OURS, Metric::BytesPerConnection),
    ),
    goal(
        "P4",
        "CPU at 10,000 over that at 50, over bare epoll's",
        Bound::AtMost(1.05),
        |results| over_best(results, "growth", &["epoll"], Metric::CpuGrowth),
    ),
    goal(
        "P5",
        "MiB of memory for a client that never reads",
        Bound::AtMost(4.0),
        |results| median(results, "never-read", OURS, Metric::PeakMebibytes),
    ),
    goal(
        "P6",
        "a connection each: CPU over tokio's",
        NEARLY,
        |results| over_best(results, "connect", CODEC, CPU),
    ),
    goal("P6", "kept alive: CPU over tokio's", NEARLY, |results| {
        over_best(results, "keep-alive", CODEC, CPU)
    }),
    goal("P6", "pipelined: CPU over tokio's", NEARLY, |results| {
        over_best(results, "pipelined", CODEC, CPU)
    }),
    goal(
        "P7",
        "GB/s encoded, contents of 64 KiB",
        Bound::AtLeast(30.0),
        |results| median(results, "codec", "encode 64 KiB", GBS),
    ),
    goal(
        "P7",
        "GB/s decoded, contents of 64 KiB",
        Bound::AtLeast(30.0),
        |results| median(results, "codec", "decode 64 KiB", GBS),
    ),
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
        let (value, bound) = (CPU.show(value), CPU.show(bound));
        let Goal { name, what, .. } = goal;
        text += &format!("{name}  {what:<50}{value:>7}  {sign} {bound:<6}{verdict}\n");
    }
    match text.is_empty() {
        true => text,
        false => format!("What ours promise\n\n{text}"),
    }
}
