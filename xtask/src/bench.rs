//! `cargo xtask bench`: builds the benchmark, which is too heavy to be part of this
//! program, and hands over to it.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::build::{Kind, Program, cargo};

pub(crate) const BENCH: Program = Program {
    package: "bench",
    name: "bench",
    kind: Kind::Binary,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the benchmark itself understands; see `cargo xtask bench --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn bench(args: &Args) -> anyhow::Result<ExitCode> {
    cargo(&["build", "--release", "--package", BENCH.package])?;
    let program = BENCH.path(true)?;
    let mut command = Command::new(&program);
    command.args(&args.arguments);
    hand_over(&mut command).with_context(|| format!("cannot start {}", program.display()))
}

/// Goes on as another program, which then gets every signal itself.
#[cfg(unix)]
fn hand_over(command: &mut Command) -> anyhow::Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    Err(command.exec().into())
}

#[cfg(not(unix))]
fn hand_over(command: &mut Command) -> anyhow::Result<ExitCode> {
    let status = command.status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
