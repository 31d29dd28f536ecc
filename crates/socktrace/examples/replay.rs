//! Steps through a recorded trace: `replay FILE [--ask]`.
#![forbid(unsafe_code)]

use std::env;
use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use anyhow::Context;
use socktrace::replay::Replay;
use socktrace::step::{self, StepOptions};
use socktrace::trace_file::{Reader, TraceFileError};

fn main() -> ExitCode {
    common::exit_code(replay())
}

fn replay() -> anyhow::Result<()> {
    let path = env::args().nth(1).context("expected a file")?;
    let file = File::open(&path).with_context(|| format!("cannot open {path}"))?;
    let reader = Reader::new(BufReader::new(file))?;
    let header = reader.header().clone();
    let mut records = Vec::new();
    for record in reader {
        match record {
            Ok(record) => records.push(record),
            // What came before is good, and the screen says that it was cut short.
            Err(TraceFileError::CutShort { .. }) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let options = StepOptions {
        title: path,
        ask: env::args().any(|argument| argument == "--ask"),
        is_recorded: true,
    };
    step::run(&mut Replay::new(records), &header, &options)?;
    Ok(())
}
