//! Recorded traces, on any system.

use std::fs::File;
use std::io::{BufReader, IsTerminal, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use socktrace::record::{Header, Record};
use socktrace::replay::Replay;
use socktrace::show::Show;
use socktrace::step::{self, StepOptions};
use socktrace::trace_file::{Reader, TraceFileError};

use crate::args::{StepArgs, TraceArgs};
use crate::show::Shown;

/// Draws a recorded trace.
pub(crate) fn trace(args: &TraceArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let mut shown = Shown::new(args)?;
    let mut end = Ok(());
    for record in open(file)? {
        match record {
            Ok(record) => shown.record(&record)?,
            // What came before is shown, and then why it isn't more.
            Err(error) => end = Err(error),
        }
    }
    shown.finish()?;
    end.with_context(|| file.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Steps through a recorded trace.
pub(crate) fn step(args: &StepArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let reader = open(file)?;
    let header: Header = reader.header().clone();
    let mut records: Vec<Record> = Vec::new();
    for record in reader {
        match record {
            Ok(record) => records.push(record),
            Err(TraceFileError::CutShort { .. }) => break,
            Err(error) => bail!(anyhow::Error::new(error).context(file.display().to_string())),
        }
    }
    if !stdout().is_terminal() {
        bail!(
            "stepping needs a terminal; try `cargo xtask trace --from {}`",
            file.display()
        );
    }
    let mut replay = Replay::new(records);
    let title = file.display().to_string();
    step::run(&mut replay, &header, &options(args, title))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn options(args: &StepArgs, title: String) -> StepOptions {
    StepOptions {
        title,
        ask: args.ask,
        is_recorded: args.replay.is_some(),
    }
}

fn open(file: &Path) -> anyhow::Result<Reader<BufReader<File>>> {
    let name = || file.display().to_string();
    let opened = File::open(file).with_context(|| format!("cannot open {}", name()))?;
    Reader::new(BufReader::new(opened)).with_context(name)
}
