//! `cargo xtask run`: a stage's server and client, side by side.

use std::process::ExitCode;
use std::sync::mpsc::sync_channel;

use anyhow::{Context, bail};

use crate::args::{Args, StageName};
use crate::course::{APP_PROTOCOL, ECHO, MULTICONN, STAGES, Stage};
use crate::error::Usage;
use crate::event::Event;
use crate::interrupt::on_interrupt;
use crate::pair::Pair;
use crate::screen::{print, quoted};
use crate::watch::Watch;

/// Lines that may wait to be shown; beyond it, the programs wait.
const MAX_WAITING_EVENTS: usize = 256;

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let stages: Vec<Stage> = match args.stage {
        StageName::Echo => vec![ECHO],
        StageName::Multiconn => vec![MULTICONN],
        StageName::AppProtocol => vec![APP_PROTOCOL],
        StageName::All => STAGES.map(|stage| *stage).into(),
    };
    let stages = match (args.step, &stages[..]) {
        (None, _) => stages,
        (Some(step), [stage]) if let Some(stage) = stage.at(step) => vec![stage],
        (Some(step), _) => {
            let (stage, step) = (step.stage().name, step.name());
            bail!(Usage(format!(
                "--as {step} goes with {stage}; try `cargo xtask run {stage} --as {step}`"
            )))
        }
    };
    if stages.len() > 1 && !args.client_arguments.is_empty() {
        bail!(Usage(
            "CLIENT ARGS go with one stage, since each client takes others; \
             try `cargo xtask run echo -- --message 'Hi there'`"
                .to_owned()
        ));
    }
    // Before the first program starts, so that none is ever left behind.
    let (events, inbox) = sync_channel(MAX_WAITING_EVENTS);
    let interrupts = events.clone();
    on_interrupt(move || {
        let _ = interrupts.send(Event::Interrupted);
    })
    .context("cannot listen for Ctrl-C")?;

    let mut next: &[&str] = &[];
    for stage in &stages {
        let pair = Pair::build(args, stage, &inbox)?;
        let status = pair.play(&events, &mut Watch::new(&inbox, stage.remark))?;
        if status != 0 {
            return Ok(ExitCode::from(status));
        }
        next = stage.next;
    }
    show_next(next);
    Ok(ExitCode::SUCCESS)
}

/// Shows what is worth a try now, without the command that was just run.
fn show_next(commands: &[&str]) {
    let arguments = quoted(std::env::args().skip(1));
    for command in commands {
        if *command != format!("cargo xtask {arguments}") {
            print(&format!("next: {command}\n"));
        }
    }
}
