//! Errors that end this program in a way of their own.

use std::fmt::{self, Display};
use std::io;
use std::process::ExitCode;

/// As clap has it for the wrong usage that it finds itself.
const WRONG_USAGE: u8 = 2;

/// Tells the error, and says which exit status it gives.
pub(crate) fn exit_code(error: &anyhow::Error) -> ExitCode {
    // Who reads the output has seen enough (`| head`).
    if error.downcast_ref().is_some_and(Unwritten::is_closed) {
        return ExitCode::SUCCESS;
    }
    let is_usage = error.is::<Usage>();
    let told = anyhow::Error::msg(crate::hint::told(error));
    let code = common::exit_code(Err(told));
    match is_usage {
        true => ExitCode::from(WRONG_USAGE),
        false => code,
    }
}

/// The command line asks for something that isn't there: what, and what to try.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::error::Error for Usage {}

impl Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happened can't be told.
#[derive(Debug)]
pub(crate) struct Unwritten(pub(crate) io::Error);

impl Unwritten {
    fn is_closed(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

impl std::error::Error for Unwritten {}

impl Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write to standard output: {}", self.0)
    }
}
