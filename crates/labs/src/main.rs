//! `cargo xtask lab`: troubleshooting and reference, as experiments.
//!
//! Each is a file by itself, which shows one thing; how it tells it is `lab`'s
//! affair. No result is written down anywhere: each comes from the call just
//! made.
#![forbid(unsafe_code)]

mod args;
mod catalogue;
mod child;
mod error;
mod lab;
#[cfg(target_os = "linux")]
mod linux;
mod tcp;
mod wait;

mod backlog;
mod balancer;
mod blocking;
mod closing;
mod datagram;
mod endianness;
mod errors;
mod families;
mod hint;
mod hostnames;
mod ping;
mod socket_state;
mod stream;
mod threads;
mod two_hosts;

use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Parser;

use crate::args::{Args, Hidden, Name};
use crate::catalogue::{EXPERIMENTS, Experiment, Run};
use crate::error::{Unwritten, Usage};
use crate::lab::Lab;

fn main() -> ExitCode {
    run(&Args::parse()).unwrap_or_else(|error| error::exit_code(&error))
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match (&args.command, args.name) {
        (Some(Hidden::Bound(args)), _) => return child::become_bound(args),
        (Some(Hidden::ProbeNamespaces), _) => probe_namespaces()?,
        (None, None) => print(&catalogue::list())?,
        (None, Some(Name::One(experiment))) => one(experiment, args)?,
        (None, Some(Name::All)) => all(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(common::write_stdout(text.as_bytes()).map_err(Unwritten)?)
}

fn one(experiment: &Experiment, args: &Args) -> anyhow::Result<()> {
    if let Run::Plain(_) = experiment.run {
        takes_no_operand(experiment.name, args)?;
    }
    let mut lab = match args.json {
        true => Lab::for_programs(),
        false => Lab::for_people(args.ask),
    };
    // Whoever is asked what will come isn't told before.
    let title = match args.ask {
        true => "what will the kernel do?",
        false => experiment.title,
    };
    lab.title(experiment.name, title, experiment.chapter);
    let result = match experiment.run {
        Run::Plain(run) => run(&mut lab),
        Run::With { run, .. } => run(&mut lab, args.operand.as_deref()),
    };
    if let Err(error) = result {
        if !error.is::<Usage>() {
            lab.fail(hint::told(&error));
        }
        // The system's word alone doesn't say about what.
        return Err(match error.chain().count() {
            1 if error.is::<std::io::Error>() => {
                error.context(format!("cannot go on with {}", experiment.name))
            }
            _ => error,
        });
    }
    let was_interrupted = lab.was_interrupted();
    let all_hold = lab.end(&experiment.ending()).map_err(Unwritten)?;
    ensure!(
        all_hold || !was_interrupted,
        "something came otherwise here, and a call was interrupted (EINTR); if \
         this program was stopped meanwhile (Ctrl-Z), start it again"
    );
    ensure!(all_hold, "something came otherwise here; it stands above");
    Ok(())
}

fn takes_no_operand(name: &str, args: &Args) -> Result<(), Usage> {
    let Some(operand) = &args.operand else {
        return Ok(());
    };
    Err(Usage(format!(
        "{operand:?} is a word too many; try `cargo xtask lab {name}`"
    )))
}

/// Each in a process of its own: some of them go into a network from which
/// there is no way back.
fn all(args: &Args) -> anyhow::Result<()> {
    takes_no_operand("all", args)?;
    let this = child::this().context("cannot find my own program")?;
    let mut failed = Vec::new();
    for (index, Experiment { name, .. }) in EXPERIMENTS.iter().enumerate() {
        if index > 0 && !args.json {
            print("\n")?;
        }
        let mut command = child::command(&this)?;
        command.arg(name);
        command.args(args.ask.then_some("--ask"));
        command.args(args.json.then_some("--json"));
        let status = command
            .status()
            .with_context(|| format!("cannot start {name}"))?;
        if !status.success() {
            failed.push(*name);
        }
    }
    ensure!(
        failed.is_empty(),
        "not done here: {}; why stands above",
        failed.join(", ")
    );
    Ok(())
}

#[cfg(target_os = "linux")]
fn probe_namespaces() -> anyhow::Result<()> {
    linux::probe::probe()
}

#[cfg(not(target_os = "linux"))]
fn probe_namespaces() -> anyhow::Result<()> {
    anyhow::bail!("there are none here; use Linux")
}
