//! `cargo xtask prepare`: everything that needs the network or takes long, done at
//! once, and what to expect of this machine.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::course::{ECHO, MULTICONN, STAGES, Step};
use crate::program::Program;
use crate::screen::print;
use crate::tool::{BENCH, EXERCISES};
use crate::{cargo, machine, tool};

/// Measured on two cores, with an empty target folder; most of it is the benchmark and
/// its servers, which are optimised.
const ANNOUNCEMENT: &str = "\
Fetching what the programs use and building what the commands run: 3 to 4 minutes
on two cores, and 1 GB in the target folder. What is there already is left out.
Ctrl-C stops it; the next time it goes on from there.

";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Fetch and build nothing, only tell what works on this machine
    #[arg(long)]
    check: bool,
}

pub(crate) fn prepare(args: &Args) -> anyhow::Result<ExitCode> {
    if args.check {
        machine::tell();
        return Ok(ExitCode::SUCCESS);
    }
    print(ANNOUNCEMENT);
    cargo::run(&["fetch", "--locked"])?;
    // With the very arguments that the commands give to cargo: with others, it would
    // build other variants of what they share, and the commands build theirs again.
    for stage in STAGES {
        cargo::run(&cargo::build_arguments(&stage.programs(), false))?;
    }
    for stage in [ECHO, MULTICONN] {
        // The packages are the same for each step, so that one call does for all.
        let steps = Step::value_variants().iter();
        let steps = steps.filter_map(|step| stage.at(*step));
        let programs: Vec<Program> = steps.flat_map(|step| step.programs()).collect();
        cargo::run(&cargo::build_arguments(&programs, false))?;
    }
    for arguments in tool::builds() {
        cargo::run(&arguments)?;
    }
    prepare_tool("the exercises", EXERCISES, false, "prepare")?;
    print("\n");
    machine::tell();
    print("\n");
    // What else is missing is told, and no reason to fail.
    prepare_tool("the benchmark", BENCH, true, "--prepare")?;
    print("\nAll that the commands run is built; from now on, they work offline.\n");
    Ok(ExitCode::SUCCESS)
}

fn prepare_tool(name: &str, tool: Program, release: bool, argument: &str) -> anyhow::Result<()> {
    let status = tool::command(tool, release)?
        .arg(argument)
        .status()
        .with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("cannot prepare {name} ({status}); its message stands above");
    }
    Ok(())
}
