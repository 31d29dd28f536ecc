//! `cargo xtask`, the front door of the course. It links no stage: it builds
//! programs, starts them and shows what they say.
#![forbid(unsafe_code)]

mod args;
mod cargo;
mod course;
mod error;
mod event;
mod interrupt;
mod machine;
mod pair;
mod places;
mod prepare;
mod process;
mod program;
mod run;
mod screen;
mod tool;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{Interrupted, Usage};

/// The socket programming course: run a stage, and see two programs talk.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Start a stage's server and its client, and show what both say
    Run(args::Args),
    /// Fetch and build all that is run, and tell what works on this machine
    #[command(after_help = "Example: cargo xtask prepare --check")]
    Prepare(prepare::Args),
    /// Show the socket calls of two programs, as they happen
    #[command(disable_help_flag = true)]
    Trace(tool::Args),
    /// The same, one call at each key
    #[command(disable_help_flag = true)]
    Step(tool::Args),
    /// Show what books only tell: one experiment for each subject
    #[command(disable_help_flag = true)]
    Lab(tool::Args),
    /// Measure our servers and others, side by side
    #[command(disable_help_flag = true)]
    Bench(tool::Args),
    /// Send any server as much as it can answer
    #[command(disable_help_flag = true)]
    Load(tool::Args),
    /// Judge a server or client, ours or any other
    #[command(disable_help_flag = true)]
    Check(tool::Args),
    /// Repair a broken program, one after another
    #[command(disable_help_flag = true)]
    Exercise(tool::Args),
}

fn main() -> ExitCode {
    let result = match Args::parse().command {
        None => course::show().map(|()| ExitCode::SUCCESS),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Prepare(args)) => prepare::prepare(&args),
        Some(Command::Trace(_) | Command::Step(_)) => tool::socktrace(),
        Some(Command::Lab(args)) => tool::lab(&args),
        Some(Command::Bench(args)) => tool::bench(&args),
        Some(Command::Load(args)) => tool::load(&args),
        Some(Command::Check(args)) => tool::check(&args),
        Some(Command::Exercise(args)) => tool::exercise(&args),
    };
    result.unwrap_or_else(|error| {
        // Nothing is left to do if standard error is closed too.
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        if error.is::<Interrupted>() {
            ExitCode::from(Interrupted::EXIT_STATUS)
        } else if error.is::<Usage>() {
            ExitCode::from(Usage::EXIT_STATUS)
        } else {
            ExitCode::FAILURE
        }
    })
}
