//! What the figures were measured on.

use std::fs;
use std::process::Command;

use anyhow::Context;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use procfs::{CurrentSI, KernelStats};
use serde::Serialize;

/// What the figures were measured on.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) kernel: String,
    pub(crate) congestion_control: String,
    pub(crate) commit: String,
    pub(crate) rustc: String,
    /// The cores of the server and of the load.
    pub(crate) pinned: Option<Cores>,
}

/// Which core has which work.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Cores {
    pub(crate) server: usize,
    pub(crate) load: usize,
}

impl Machine {
    pub(crate) fn look() -> anyhow::Result<Self> {
        let read = |path: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.trim().to_owned()
        };
        let cpuinfo = read("/proc/cpuinfo");
        let model = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
            .map_or("unknown CPU", |(_, model)| model);
        let allowed = allowed_cpus()?;
        Ok(Self {
            cpu: format!("{model}, {} cores", allowed.len()),
            kernel: format!("Linux {}", read("/proc/sys/kernel/osrelease")),
            congestion_control: read("/proc/sys/net/ipv4/tcp_congestion_control"),
            commit: commit().unwrap_or_else(|| "unknown".to_owned()),
            rustc: first_line("rustc", &["--version"]).unwrap_or_else(|| "unknown".to_owned()),
            // The last may be the first's twin on the same core, but then there is
            // none that is not.
            pinned: match (allowed.first(), allowed.last()) {
                (Some(&server), Some(&load)) if server != load => Some(Cores { server, load }),
                _ => None,
            },
        })
    }

    /// All of it, in a few lines.
    pub(crate) fn lines(&self) -> [String; 3] {
        [
            format!("{}; {}; {}", self.cpu, self.kernel, self.congestion_control),
            format!("commit {}; {}", self.commit, self.rustc),
            match self.pinned {
                Some(Cores { server, load }) => {
                    format!("servers on core {server}, the load on core {load}")
                }
                None => "one core for servers and load: compare nothing".to_owned(),
            },
        ]
    }
}

fn allowed_cpus() -> anyhow::Result<Vec<usize>> {
    let set = sched_getaffinity(Pid::from_raw(0)).context("cannot ask for the cores")?;
    let is_set = |cpu: &usize| set.is_set(*cpu).unwrap_or(false);
    Ok((0..CpuSet::count()).filter(is_set).collect())
}

/// Does `work` on one core: processes started meanwhile stay there.
pub(crate) fn on_core<T>(
    core: Option<usize>,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let this_thread = Pid::from_raw(0);
    let Some(core) = core else {
        return work();
    };
    let before = sched_getaffinity(this_thread)?;
    let mut one = CpuSet::new();
    one.set(core)?;
    sched_setaffinity(this_thread, &one).context("cannot choose a core")?;
    let result = work();
    sched_setaffinity(this_thread, &before)?;
    result
}

/// How long a core has had nothing to do, and how long it has been on, both in the
/// system's own ticks.
pub(crate) fn idle_and_total(core: usize) -> Option<(u64, u64)> {
    let stat = KernelStats::current().ok()?;
    // A system that doesn't list all of its cores counts them otherwise than we do.
    let time = stat.cpu_time.get(core)?;
    let idle = time.idle + time.iowait.unwrap_or(0);
    let others = [time.irq, time.softirq, time.steal];
    let busy = time.user + time.nice + time.system;
    let busy: u64 = busy + others.into_iter().flatten().sum::<u64>();
    Some((idle, idle + busy))
}

fn commit() -> Option<String> {
    let commit = first_line("git", &["rev-parse", "--short", "HEAD"])?;
    let is_clean = first_line("git", &["status", "--porcelain"]).is_none();
    Some(commit + if is_clean { "" } else { ", changed" })
}

/// The first line that a program prints; `None` if there is none, or no program.
pub(crate) fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
