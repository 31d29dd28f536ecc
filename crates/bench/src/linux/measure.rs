//! One server, one workload, one run: a sample.

use std::thread;
use std::time::Duration;

use anyhow::ensure;

use super::contender::Contender;
use super::load::{Load, Report};
use super::machine::idle_and_total;
use super::metric::{GIBIBYTE, MEBIBYTE, Metric, Sample};
use super::server::Server;
use super::settings::Settings;
use super::syscalls;
use super::workload::{GROWTH, IN_FLIGHT, MANY, Method, Speech, Workload};

/// What is sent before what is measured, on the same connections: all of them are then
/// accepted, and caches and buffers warm.
const WARM_UP_SECONDS: &str = "0.3";
/// How long idle connections are watched.
const IDLE_TIME: Duration = Duration::from_secs(10);
/// What a server gets to come to rest after ten thousand connections.
const SETTLING_TIME: Duration = Duration::from_millis(500);
/// 1 GiB, in messages of 64 KiB.
const OFFER: [&str; 4] = ["--size", "65536", "--messages", "16384"];
/// How long a client that never reads is kept: one that is held back would stay for ever,
/// and a server that is fast and takes everything has taken it before.
const OFFER_SECONDS: f64 = 4.0;

/// Runs `workload` once, on a server of its own.
pub(crate) fn measure(
    contender: &Contender,
    workload: &Workload,
    settings: Settings,
) -> anyhow::Result<Sample> {
    let server = Server::start(contender, settings.cores.map(|cores| cores.server), &[])?;
    let bench = Bench {
        server,
        speech: workload.speech,
        settings,
    };
    match workload.method {
        Method::Steady {
            connections, flags, ..
        } => bench.steady(connections, flags),
        Method::Growth => bench.growth(),
        Method::Idle => bench.idle(),
        Method::NeverRead => bench.never_read(),
        Method::Codec => unreachable!("the codec is measured without a server"),
    }
}

struct Bench {
    server: Server,
    speech: Speech,
    settings: Settings,
}

/// A load's report, and what the server did meanwhile.
struct Run {
    report: Report,
    cpu: Duration,
    /// Of the server's core, if it has one of its own.
    idle_percent: Option<f64>,
}

impl Run {
    fn cpu_microseconds(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.report.messages as f64
    }
}

impl Bench {
    fn steady(&self, connections: usize, flags: &[&str]) -> anyhow::Result<Sample> {
        let run = self.run(connections, flags)?;
        let Run { report, cpu, .. } = &run;
        let (_, peak) = self.server.memory()?;
        let cpu_seconds = cpu.as_secs_f64();
        let mut sample = Sample::from([
            (Metric::MessagesPerSecond, report.messages_per_second),
            (
                Metric::MegabytesPerSecond,
                report.bytes_received as f64 / 1e6 / report.seconds,
            ),
            (Metric::CpuMicroseconds, run.cpu_microseconds()),
            (
                Metric::CpuSecondsPerGib,
                cpu_seconds * GIBIBYTE / report.bytes_received as f64,
            ),
            (Metric::PeakMebibytes, peak / MEBIBYTE),
        ]);
        if let Some(latency) = &report.latency_us {
            sample.extend([
                (Metric::LatencyP50, latency.p50),
                (Metric::LatencyP99, latency.p99),
                (Metric::LatencyP999, latency.p99_9),
            ]);
        }
        sample.extend(run.idle_percent.map(|idle| (Metric::IdlePercent, idle)));
        Ok(sample)
    }

    fn growth(&self) -> anyhow::Result<Sample> {
        let mut sample = Sample::new();
        for (connections, metric) in GROWTH {
            let in_flight = connections.min(IN_FLIGHT).to_string();
            let flags = ["--size", "512", "--in-flight", &in_flight];
            let run = self.run(connections, &flags)?;
            sample.insert(metric, run.cpu_microseconds());
        }
        let growth = sample[&Metric::CpuAt10000] / sample[&Metric::CpuAt50];
        sample.insert(Metric::CpuGrowth, growth);
        Ok(sample)
    }

    fn idle(&self) -> anyhow::Result<Sample> {
        let (memory_before, _) = self.server.memory()?;
        let n_before = self.server.n_descriptors()?;
        // Until it is dropped.
        let load = self.load(MANY, &["--messages", "0"])?;
        self.server.wait_for_descriptors(n_before + MANY)?;
        thread::sleep(SETTLING_TIME);
        let (memory, peak) = self.server.memory()?;
        let before = self.server.cpu_time()?;
        thread::sleep(IDLE_TIME);
        let cpu = self.server.cpu_time()? - before;
        ensure!(
            self.server.n_descriptors()? >= n_before + MANY,
            "it has closed idle connections"
        );
        drop(load);
        Ok(Sample::from([
            (
                Metric::BytesPerConnection,
                (memory - memory_before) / MANY as f64,
            ),
            (Metric::IdleCpuMilliseconds, cpu.as_secs_f64() * 1000.0),
            (Metric::PeakMebibytes, peak / MEBIBYTE),
        ]))
    }

    fn never_read(&self) -> anyhow::Result<Sample> {
        let seconds = OFFER_SECONDS.to_string();
        let flags = [&OFFER[..], &["--never-read", "--duration", &seconds]].concat();
        let report = self.load(1, &flags)?.report()?;
        let (_, peak) = self.server.memory()?;
        Ok(Sample::from([
            (Metric::PeakMebibytes, peak / MEBIBYTE),
            (Metric::TakenMebibytes, report.bytes_sent as f64 / MEBIBYTE),
        ]))
    }

    /// As many messages as the server answers, in the time for a run.
    fn run(&self, connections: usize, flags: &[&str]) -> anyhow::Result<Run> {
        let seconds = self.settings.seconds.to_string();
        let warm_up = ["--warm-up", WARM_UP_SECONDS, "--duration", &seconds];
        let mut flags = [flags, &warm_up].concat();
        if self.settings.cores.is_some() {
            flags.push("--busy-poll");
        }
        let mut load = self.load(connections, &flags)?;
        let before = self.server.cpu_time()?;
        let core = self.settings.cores.map(|cores| cores.server);
        let idle_before = core.and_then(idle_and_total);
        let report = load.report()?;
        let cpu = self.server.cpu_time()? - before;
        let idle_after = core.and_then(idle_and_total);
        ensure!(report.messages > 0, "no message was answered");
        let idle_percent = idle_before.zip(idle_after).map(|(before, after)| {
            let (idle, total) = (after.0.saturating_sub(before.0), after.1 - before.1);
            idle as f64 / total.max(1) as f64 * 100.0
        });
        Ok(Run {
            report,
            cpu,
            idle_percent,
        })
    }

    fn load(&self, connections: usize, flags: &[&str]) -> anyhow::Result<Load> {
        let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
        let core = self.settings.cores.map(|cores| cores.load);
        Load::start(self.server.address, self.speech, connections, &flags, core)
    }
}

/// The messages of a short run and a long one: enough to tell, at the ten thousand a
/// second that a server under strace answers.
const COUNTED_MESSAGES: [u64; 2] = [2_000, 12_000];

/// How many system calls a message costs, by strace: what a long run has more than a
/// short one, over what it answers more. It is slow, so it has a run of its own.
pub(crate) fn count_calls(
    contender: &Contender,
    workload: &Workload,
    settings: Settings,
) -> anyhow::Result<f64> {
    let Method::Steady {
        connections, flags, ..
    } = workload.method
    else {
        unreachable!("only steady workloads count calls");
    };
    let mut counts = Vec::new();
    for messages in COUNTED_MESSAGES {
        counts.push(syscalls::of_run(|wrapper| {
            let core = settings.cores.map(|cores| cores.server);
            let bench = Bench {
                server: Server::start(contender, core, wrapper)?,
                speech: workload.speech,
                settings,
            };
            let count = messages.to_string();
            let flags = [flags, &["--messages", &count]].concat();
            Ok(bench.load(connections, &flags)?.report()?.messages)
        })?);
    }
    let [short, long] = counts.as_slice() else {
        unreachable!("there were two runs");
    };
    // A server that makes next to none may have made more in the short run.
    let calls = long.0.saturating_sub(short.0);
    Ok(calls as f64 / (long.1 - short.1) as f64)
}
