//! The tools that are too heavy to be part of this program: each is built when it is
//! first asked for, and takes over.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::cargo::{self, build_arguments};
use crate::course::{APP_PROTOCOL, STAGES};
use crate::places;
use crate::program::Program;

pub(crate) const BENCH: Program = Program::new("bench", "bench");
const CHECKER: Program = Program::new("checker", "checker");
pub(crate) const EXERCISES: Program = Program::new("exercises", "exercises");
pub(crate) const LAB: Program = Program::new("labs", "lab");
const LOAD: Program = Program::new("load", "load");
pub(crate) const SOCKTRACE: Program = Program::new("socktrace", "socktrace");

/// Arguments that the tool itself understands; each has a `--help` of its own.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the tool itself understands; see its `--help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Measures servers, and so is built as they are: for speed.
pub(crate) fn bench(args: &Args) -> anyhow::Result<ExitCode> {
    hand_over(BENCH, true, args)
}

/// Keeps servers busy, and so is built as those are that it is to outrun.
pub(crate) fn load(args: &Args) -> anyhow::Result<ExitCode> {
    cargo::run(&build_arguments(&[LOAD], true))?;
    hand_over(LOAD, true, args)
}

/// Judges programs; without a command, those of the course, which have to be there.
pub(crate) fn check(args: &Args) -> anyhow::Result<ExitCode> {
    cargo::run(&build_stages())?;
    hand_over(CHECKER, false, args)
}

/// Goes through the exercises, by the checker's word.
pub(crate) fn exercise(args: &Args) -> anyhow::Result<ExitCode> {
    cargo::run(&build_arguments(&[CHECKER], false))?;
    hand_over(EXERCISES, false, args)
}

/// Shows socket calls; without commands, those of the course's programs, which have to be
/// there. The tool has the same subcommands.
pub(crate) fn socktrace() -> anyhow::Result<ExitCode> {
    cargo::run(&build_stages())?;
    // As they were typed: clap keeps a `--` that comes first for itself.
    let arguments = std::env::args_os().skip(1).collect();
    hand_over(SOCKTRACE, false, &Args { arguments })
}

/// Shows what the books tell.
pub(crate) fn lab(args: &Args) -> anyhow::Result<ExitCode> {
    // One of the experiments has app servers behind a balancer.
    let needs_stage = |argument: &OsString| argument == "balancer" || argument == "all";
    if args.arguments.iter().any(needs_stage) {
        cargo::run(&build_arguments(&APP_PROTOCOL.programs(), false))?;
    }
    hand_over(LAB, false, args)
}

/// What cargo is told before one of the tools starts: `prepare` tells it the same.
pub(crate) fn builds() -> [Vec<&'static str>; 8] {
    let codec = ["bench", "--package", "app-protocol", "--bench", "codec"];
    [
        build_stages(),
        build_arguments(&[CHECKER], false),
        build_arguments(&[EXERCISES], false),
        build_arguments(&[BENCH], true),
        build_arguments(&[LOAD], true),
        build_arguments(&[SOCKTRACE], false),
        build_arguments(&[LAB], false),
        // What `bench codec` runs.
        [&codec[..], &["--no-run"]].concat(),
    ]
}

fn build_stages() -> Vec<&'static str> {
    let programs = STAGES.map(|stage| [stage.server, stage.client]);
    build_arguments(programs.as_flattened(), false)
}

/// Builds a tool and goes on as it. Each is built by itself: together with others, it
/// would be another variant, since what they share has the features that any of them
/// wants, and would be built once more.
fn hand_over(tool: Program, release: bool, args: &Args) -> anyhow::Result<ExitCode> {
    cargo::run(&build_arguments(&[tool], release))?;
    let mut command = command(tool, release)?;
    command.args(&args.arguments);
    replace(&mut command)
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// A command that starts a tool, once it is built, on this course.
pub(crate) fn command(tool: Program, release: bool) -> anyhow::Result<Command> {
    let mut command = Command::new(tool.path(release)?);
    places::tell(&mut command)?;
    Ok(command)
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
