//! `cargo xtask trace` and `cargo xtask step`: see every socket call of two programs.
#![forbid(unsafe_code)]

mod args;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod linux;
mod replay;
mod screen;
mod show;
mod stages;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Run, Subcommand, Subject, Usage};

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(code) => code,
        // Who reads the output has seen enough (`| head`).
        Err(error) if is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

fn run(command: Subcommand) -> anyhow::Result<ExitCode> {
    match command {
        Subcommand::Trace(args) => match args.subject()? {
            Subject::One(command) => linux::trace_one(&args, command),
            Subject::Run(Run::Recorded(file)) => replay::trace(&args, &file),
            Subject::Run(Run::Pair(server, client)) => linux::trace_pair(&args, server, client),
        },
        Subcommand::Step(args) => match args.subject()? {
            Run::Recorded(file) => replay::step(&args, &file),
            Run::Pair(server, client) => linux::step(&args, server, client),
        },
        Subcommand::StartWatched(args) => linux::start_watched(&args),
        Subcommand::Probe => linux::probe(),
    }
}

fn complain(error: &anyhow::Error) -> ExitCode {
    let text = common::Printable::whole(format!("{error:#}").as_bytes())
        .without_quotes()
        .to_string();
    // Nothing is left to do if standard error is closed too.
    let _ = writeln!(io::stderr(), "error: {text}");
    if error.is::<Usage>() {
        return ExitCode::from(Usage::EXIT_STATUS);
    }
    ExitCode::FAILURE
}

fn is_closed(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref());
    causes.any(|cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Args;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
