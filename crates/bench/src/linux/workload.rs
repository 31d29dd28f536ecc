//! What servers are put to.

use super::metric::Metric;

/// What a server understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    /// Whatever comes goes back.
    Echo,
    /// Stage 3's messages.
    Messages,
}

/// A task for servers, and what is measured meanwhile.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) speech: Speech,
    pub(crate) method: Method,
    /// The first is the one that is plotted; it and the second are compared with ours.
    pub(crate) columns: &'static [Metric],
}

/// How a workload is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// The load generator for a while, with these flags, on so many connections.
    Steady {
        connections: usize,
        flags: &'static [&'static str],
        /// System calls are counted, too, in a run of its own.
        counts_calls: bool,
    },
    /// The same few messages under way over ever more connections.
    Growth,
    /// Many connections that say nothing.
    Idle,
    /// A client that sends and never reads.
    NeverRead,
    /// The codec by itself, without a server.
    Codec,
}

/// How many connections the idle workload opens, and the last step of growth.
pub(crate) const MANY: usize = 10_000;
/// How many messages are under way while the connections grow in number.
pub(crate) const IN_FLIGHT: usize = 50;
/// The steps of growth.
pub(crate) const GROWTH: [(usize, Metric); 4] = [
    (10, Metric::CpuAt10),
    (50, Metric::CpuAt50),
    (1000, Metric::CpuAt1000),
    (MANY, Metric::CpuAt10000),
];

const fn steady(connections: usize, flags: &'static [&'static str]) -> Method {
    Method::Steady {
        connections,
        flags,
        counts_calls: true,
    }
}

/// The columns of messages answered as fast as they are.
const THROUGHPUT: &[Metric] = &[
    Metric::MessagesPerSecond,
    Metric::CpuMicroseconds,
    Metric::LatencyP99,
    Metric::PeakMebibytes,
    Metric::IdlePercent,
    Metric::SystemCalls,
];

/// The columns of bytes that come and go without pause.
const STREAM: &[Metric] = &[
    Metric::CpuSecondsPerGib,
    Metric::MegabytesPerSecond,
    Metric::PeakMebibytes,
    Metric::IdlePercent,
    Metric::SystemCalls,
];

/// In the order in which they are run.
pub(crate) const WORKLOADS: [Workload; 12] = [
    Workload {
        name: "ping-pong",
        title: "512 bytes there and back, on 50 connections",
        speech: Speech::Echo,
        method: steady(50, &["--size", "512"]),
        columns: THROUGHPUT,
    },
    Workload {
        name: "stream",
        title: "1 KiB messages without pause, on 50 connections",
        speech: Speech::Echo,
        method: steady(50, &["--size", "1024", "--depth", "64"]),
        columns: STREAM,
    },
    Workload {
        name: "push",
        title: "1 KiB messages without waiting for answers, on 50 connections",
        speech: Speech::Echo,
        method: steady(50, &["--size", "1024", "--push"]),
        columns: STREAM,
    },
    Workload {
        name: "latency",
        title: "512 bytes at 20,000 messages a second, on 50 connections",
        speech: Speech::Echo,
        method: Method::Steady {
            connections: 50,
            flags: &["--size", "512", "--rate", "20000", "--depth", "16"],
            counts_calls: false,
        },
        columns: &[
            Metric::LatencyP50,
            Metric::CpuMicroseconds,
            Metric::LatencyP99,
            Metric::LatencyP999,
        ],
    },
    Workload {
        name: "reconnect",
        title: "512 bytes there and back, a connection each, 16 at once",
        speech: Speech::Echo,
        method: steady(16, &["--size", "512", "--reconnect"]),
        columns: THROUGHPUT,
    },
    Workload {
        name: "growth",
        title: "CPU µs per message, 50 under way, on ever more connections",
        speech: Speech::Echo,
        method: Method::Growth,
        columns: &[
            Metric::CpuGrowth,
            Metric::CpuAt10000,
            Metric::CpuAt10,
            Metric::CpuAt50,
            Metric::CpuAt1000,
        ],
    },
    Workload {
        name: "idle",
        title: "10,000 connections that say nothing for 10 seconds",
        speech: Speech::Echo,
        method: Method::Idle,
        columns: &[
            Metric::BytesPerConnection,
            Metric::IdleCpuMilliseconds,
            Metric::PeakMebibytes,
        ],
    },
    Workload {
        name: "never-read",
        title: "a client that never reads offers 1 GiB",
        speech: Speech::Echo,
        method: Method::NeverRead,
        columns: &[Metric::PeakMebibytes, Metric::TakenMebibytes],
    },
    Workload {
        name: "connect",
        title: "a connection for each request, 16 at once",
        speech: Speech::Messages,
        method: steady(16, &[]),
        columns: THROUGHPUT,
    },
    Workload {
        name: "keep-alive",
        title: "one request after another, on 16 connections",
        speech: Speech::Messages,
        method: steady(16, &["--keep-alive"]),
        columns: THROUGHPUT,
    },
    Workload {
        name: "pipelined",
        title: "16 requests under way, on each of 16 connections",
        speech: Speech::Messages,
        method: steady(16, &["--keep-alive", "--depth", "16"]),
        columns: THROUGHPUT,
    },
    Workload {
        name: "codec",
        title: "stage 3's messages to bytes and back, without a server",
        speech: Speech::Messages,
        method: Method::Codec,
        columns: &[Metric::GigabytesPerSecond, Metric::Nanoseconds],
    },
];
