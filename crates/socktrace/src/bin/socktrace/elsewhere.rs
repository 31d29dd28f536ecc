//! Where there is no ptrace: what works instead.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::bail;

use crate::args::{StartWatchedArgs, StepArgs, TraceArgs};

const REASON: &str = "watching programs needs Linux (ptrace, seccomp); here a recorded \
                      trace can be shown: `cargo xtask trace --from FILE`, \
                      `cargo xtask step --replay FILE`";

pub(crate) fn trace_one(_: &TraceArgs, _: Vec<OsString>) -> anyhow::Result<ExitCode> {
    bail!(REASON)
}

pub(crate) fn trace_pair(
    _: &TraceArgs,
    _: Vec<OsString>,
    _: Vec<OsString>,
) -> anyhow::Result<ExitCode> {
    bail!(REASON)
}

pub(crate) fn step(_: &StepArgs, _: Vec<OsString>, _: Vec<OsString>) -> anyhow::Result<ExitCode> {
    bail!(REASON)
}

pub(crate) fn start_watched(_: &StartWatchedArgs) -> anyhow::Result<ExitCode> {
    bail!(REASON)
}

pub(crate) fn probe() -> anyhow::Result<ExitCode> {
    bail!(REASON)
}
