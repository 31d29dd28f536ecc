//! The machine's limit for bytes over loopback, as iperf3 finds it.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use procfs::net::{TcpNetEntry, TcpState};
use serde::Deserialize;

use super::machine::on_core;
use super::metric::{GIBIBYTE, Metric, Sample};
use super::server::free_address;
use super::settings::Settings;
use super::wait::wait_until;

/// A program that only has to bind a port has long done so.
const START_TIMEOUT: Duration = Duration::from_secs(5);
/// What each end gets beyond the time that it sends for.
const MARGIN: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Report {
    end: End,
}

#[derive(Deserialize)]
struct End {
    sum_received: Sum,
}

#[derive(Deserialize)]
struct Sum {
    bytes: f64,
    seconds: f64,
}

/// One end of it; it is killed and reaped when dropped.
struct Iperf3(Child);

impl Drop for Iperf3 {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// It is sometimes stuck on its own control connection, which says nothing of the
/// machine: so it has three attempts.
const N_ATTEMPTS: usize = 3;

/// As [`attempt`], more than once if need be.
pub(crate) fn measure(settings: Settings) -> anyhow::Result<Sample> {
    let mut result = attempt(settings);
    for _ in 1..N_ATTEMPTS {
        if result.is_err() {
            result = attempt(settings);
        }
    }
    result
}

/// One stream in one direction: the CPU time of both ends together, as an echo has both
/// to do, and half of the bytes, since those of an echo cross twice.
fn attempt(settings: Settings) -> anyhow::Result<Sample> {
    let address = free_address()?;
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let seconds = settings.seconds.ceil();
    let limit = Duration::from_secs_f64(seconds) + MARGIN;
    let before = children_cpu()?;
    let receiver = ["--server", "--one-off", "--bind", &host, "--port", &port];
    let mut receiver = start(&receiver, settings.cores.map(|cores| cores.server))?;
    // Connecting to see whether it listens would be its one client.
    let is_listening = wait_until(|| listens(address), START_TIMEOUT);
    ensure!(is_listening, "iperf3 does not listen");
    let seconds = seconds.to_string();
    let sender = [
        "--client",
        &host,
        "--port",
        &port,
        "--time",
        &seconds,
        "--json",
        "--interval",
        "0",
    ];
    let mut sender = start(&sender, settings.cores.map(|cores| cores.load))?;
    let output = sender.output(limit)?;
    receiver.output(MARGIN)?;
    let report: Report = serde_json::from_str(&output).context("iperf3's report")?;
    let cpu = children_cpu()? - before;
    let Sum { bytes, seconds } = report.end.sum_received;
    Ok(Sample::from([
        (
            Metric::CpuSecondsPerGib,
            cpu.as_secs_f64() * GIBIBYTE / bytes,
        ),
        (Metric::MegabytesPerSecond, bytes / 2.0 / 1e6 / seconds),
    ]))
}

fn listens(address: SocketAddr) -> bool {
    let is_it =
        |entry: &TcpNetEntry| entry.local_address == address && entry.state == TcpState::Listen;
    procfs::net::tcp().is_ok_and(|entries| entries.iter().any(is_it))
}

fn start(arguments: &[&str], core: Option<usize>) -> anyhow::Result<Iperf3> {
    let mut command = Command::new("iperf3");
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let spawn = || command.spawn().context("cannot start iperf3");
    Ok(Iperf3(on_core(core, spawn)?))
}

impl Iperf3 {
    /// What it has printed, once it has ended well. That fits into a pipe.
    fn output(&mut self, limit: Duration) -> anyhow::Result<String> {
        let mut status = None;
        wait_until(
            || {
                status = self.0.try_wait().unwrap_or_default();
                status.is_some()
            },
            limit,
        );
        let status = status.context("iperf3 does not end")?;
        ensure!(status.success(), "iperf3 has failed ({status})");
        let mut output = String::new();
        if let Some(stdout) = &mut self.0.stdout {
            stdout.read_to_string(&mut output)?;
        }
        Ok(output)
    }
}

/// CPU time of all children that have been reaped so far.
fn children_cpu() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: nix::sys::time::TimeVal| {
        let microseconds = value.tv_sec() * 1_000_000 + value.tv_usec();
        Duration::from_micros(microseconds.cast_unsigned())
    };
    Ok(time(usage.user_time()) + time(usage.system_time()))
}
