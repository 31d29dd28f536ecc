//! Steps through a recorded trace: `replay FILE [--ask]`.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, bail};
use socktrace::record::Record;
use socktrace::replay::Replay;
use socktrace::step::{self, StepOptions};

fn main() -> ExitCode {
    common::exit_code(replay())
}

fn replay() -> anyhow::Result<()> {
    let path = env::args().nth(1).context("expected a file")?;
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let records: Vec<Record> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .with_context(|| format!("{path} is not a trace"))?;
    let Some(Record::Trace(header)) = records.first().cloned() else {
        bail!("{path} has no first line of a trace");
    };
    let options = StepOptions {
        title: path,
        ask: env::args().any(|argument| argument == "--ask"),
        is_recorded: true,
    };
    step::run(&mut Replay::new(records), &header, &options)?;
    Ok(())
}
