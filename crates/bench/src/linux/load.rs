//! The load: our generator, on its own core.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;

use super::contender::program_folder;
use super::machine::on_core;
use super::workload::Speech;

/// What the load generator prints.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) messages: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) bytes_received: u64,
    pub(crate) seconds: f64,
    pub(crate) messages_per_second: f64,
    /// There is none of messages that are pushed.
    pub(crate) latency_us: Option<Latency>,
    errors: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p99_9: f64,
}

/// A load generator, whose connections are open; it is killed and reaped when dropped.
#[derive(Debug)]
pub(crate) struct Load {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Load {
    /// Starts it on `core`, and waits until its connections are open.
    pub(crate) fn start(
        server: SocketAddr,
        speech: Speech,
        connections: usize,
        flags: &[String],
        core: Option<usize>,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program_folder()?.join("load"));
        command
            .arg(match speech {
                Speech::Echo => "echo",
                Speech::Messages => "app-protocol",
            })
            .args([server.ip().to_string(), server.port().to_string()])
            .args(["--connections", &connections.to_string()])
            .args(flags)
            // With -v, it tells when its connections are open.
            .args(["--json", "-v", "--timeout", "10"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let spawn = || command.spawn().context("cannot start the load generator");
        let mut child = on_core(core, spawn)?;
        let stderr = child.stderr.take().context("standard error is piped")?;
        let stderr = BufReader::new(stderr);
        let mut load = Self { child, stderr };
        load.wait_until_open()?;
        Ok(load)
    }

    /// Waits for the report, which comes before the connections are closed.
    pub(crate) fn report(&mut self) -> anyhow::Result<Report> {
        let stdout = self.child.stdout.as_mut().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line.is_empty() {
            bail!("{}", self.complaint()?);
        }
        let report: Report = serde_json::from_str(&line).context("no report")?;
        if !report.errors.is_empty() {
            let kinds = report
                .errors
                .iter()
                .map(|(kind, n)| format!("{n} × {kind}"));
            bail!("{}", kinds.collect::<Vec<_>>().join(", "));
        }
        Ok(report)
    }

    fn wait_until_open(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        self.stderr.read_line(&mut line)?;
        match line.starts_with("connections open") {
            true => Ok(()),
            false => bail!("{}", line.trim()),
        }
    }

    fn complaint(&mut self) -> anyhow::Result<String> {
        let mut complaint = String::new();
        self.stderr.read_to_string(&mut complaint)?;
        Ok(complaint.trim().to_owned())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // One that has given its report is about to end, and closes its connections.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
