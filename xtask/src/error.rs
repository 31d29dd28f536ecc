//! Ends that have an exit status of their own.

use std::fmt;

/// Arguments that are right each by itself, but not together.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl Usage {
    /// What clap gives for wrong arguments, too.
    pub(crate) const EXIT_STATUS: u8 = 2;
}

impl std::error::Error for Usage {}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody pressed Ctrl-C, or asked this program to end.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl Interrupted {
    /// What a shell gives for a program that Ctrl-C ended: 128 + SIGINT.
    pub(crate) const EXIT_STATUS: u8 = 130;
}

impl std::error::Error for Interrupted {}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted; every program that was started has ended")
    }
}
