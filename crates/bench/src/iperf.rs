//! The machine's limit for bytes over loopback, as iperf3 finds it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use serde::Deserialize;

use crate::machine::on_core;
use crate::measure::{Settings, wait_until};
use crate::metric::{Metric, Sample};
use crate::server::free_address;

const GIBIBYTE: f64 = 1024.0 * 1024.0 * 1024.0;
const START_TIMEOUT: Duration = Duration::from_secs(5);

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

/// iperf3's receiver; it serves one client, and is killed and reaped when dropped.
struct Receiver(Child);

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One stream in one direction: the CPU time of both ends together, as an echo has both
/// to do, and half of the bytes, since those of an echo cross twice.
pub(crate) fn measure(settings: Settings) -> anyhow::Result<Sample> {
    let address = free_address()?;
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let before = children_cpu()?;
    let mut receiver = on_core(settings.cores.map(|cores| cores.server), || {
        let mut command = Command::new("iperf3");
        command.args(["--server", "--one-off", "--bind", &host, "--port", &port]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Ok(Receiver(child.context("cannot start iperf3")?))
    })?;
    let seconds = settings.seconds.ceil().to_string();
    let mut output = None;
    // Until it listens, the sender is refused.
    let is_done = wait_until(
        || {
            let run = on_core(settings.cores.map(|cores| cores.load), || {
                let mut command = Command::new("iperf3");
                command.args(["--client", &host, "--port", &port, "--time", &seconds]);
                Ok(command.arg("--json").stdin(Stdio::null()).output()?)
            });
            output = run.ok().filter(|output| output.status.success());
            output.is_some()
        },
        START_TIMEOUT,
    );
    ensure!(is_done, "iperf3 could not reach itself");
    receiver.0.wait()?;
    let output = output.context("iperf3 said nothing")?;
    let report: Report = serde_json::from_slice(&output.stdout).context("iperf3's report")?;
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

/// CPU time of all children that have been reaped so far.
fn children_cpu() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: nix::sys::time::TimeVal| {
        let microseconds = value.tv_sec() * 1_000_000 + value.tv_usec();
        Duration::from_micros(microseconds.cast_unsigned())
    };
    Ok(time(usage.user_time()) + time(usage.system_time()))
}
