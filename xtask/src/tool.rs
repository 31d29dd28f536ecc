//! The tools that are too heavy to be part of this program: each is built when it is
//! first asked for, and takes over.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::build::{Kind, Program, cargo};

pub(crate) const BENCH: Program = tool("bench", "bench");
const CHECKER: Program = tool("checker", "checker");
const EXERCISES: Program = tool("exercises", "exercises");
const LOAD: Program = tool("load", "load");

/// Arguments that the tool itself understands; each has a `--help` of its own.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the tool itself understands; see its `--help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Measures servers, and so is built as they are: for speed.
pub(crate) fn bench(args: &Args) -> anyhow::Result<ExitCode> {
    cargo(&["build", "--release", "--package", BENCH.package])?;
    hand_over(BENCH, true, args)
}

/// Keeps servers busy, and so is built as those are that it is to outrun.
pub(crate) fn load(args: &Args) -> anyhow::Result<ExitCode> {
    cargo(&[
        "build",
        "--release",
        "--bin",
        LOAD.name,
        "--package",
        LOAD.package,
    ])?;
    hand_over(LOAD, true, args)
}

/// Judges programs; without a command, those of the course, which have to be there.
pub(crate) fn check(args: &Args) -> anyhow::Result<ExitCode> {
    let mut build = vec!["build", "--bins", "--package", CHECKER.package];
    for stage in crate::course::STAGES {
        build.extend(["--package", stage.server.package]);
    }
    cargo(&build)?;
    hand_over(CHECKER, false, args)
}

/// Goes through the exercises, by the checker's word.
pub(crate) fn exercise(args: &Args) -> anyhow::Result<ExitCode> {
    let packages = ["--package", CHECKER.package, "--package", EXERCISES.package];
    cargo(&[["build", "--bins"].as_slice(), &packages].concat())?;
    hand_over(EXERCISES, false, args)
}

const fn tool(package: &'static str, name: &'static str) -> Program {
    Program {
        package,
        name,
        kind: Kind::Binary,
    }
}

fn hand_over(tool: Program, release: bool, args: &Args) -> anyhow::Result<ExitCode> {
    let program = tool.path(release)?;
    let mut command = Command::new(&program);
    command.args(&args.arguments);
    replace(&mut command).with_context(|| format!("cannot start {}", program.display()))
}

/// Goes on as another program, which then gets every signal itself.
#[cfg(unix)]
fn replace(command: &mut Command) -> anyhow::Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    Err(command.exec().into())
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> anyhow::Result<ExitCode> {
    let status = command.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
