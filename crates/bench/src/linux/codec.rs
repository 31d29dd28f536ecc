//! Stage 3's codec by itself, as its own benchmark measures it.

use std::process::Stdio;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::contender::cargo;
use super::metric::{Metric, Sample};

#[derive(Deserialize)]
struct Line {
    call: String,
    bytes: u64,
    nanoseconds: f64,
    gigabytes_per_second: f64,
}

/// Each call of the codec that its benchmark measures, by name: its medians.
pub(crate) fn measure() -> anyhow::Result<Vec<(String, Sample)>> {
    let mut command = cargo(&["bench", "--package", "app-protocol", "--bench", "codec"]);
    let output = command
        .args(["--", "--json"])
        .stderr(Stdio::inherit()) // The progress, where it has to be compiled.
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "cargo's messages stand above");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| {
            let line: Line = serde_json::from_str(line).context("the codec's figures")?;
            let sample = Sample::from([
                (Metric::Nanoseconds, line.nanoseconds),
                (Metric::GigabytesPerSecond, line.gigabytes_per_second),
            ]);
            Ok((format!("{} {}", line.call, with_unit(line.bytes)), sample))
        })
        .collect()
}

fn with_unit(bytes: u64) -> String {
    match bytes {
        0x10_0000.. => format!("{} MiB", bytes >> 20),
        0x400.. => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} B"),
    }
}
