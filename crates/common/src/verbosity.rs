//! `-v` and `-q`: how much a program tells of itself.

use std::io::Write;

use log::{Level, LevelFilter};

/// The flags. What they let through goes to standard error, a line at a time.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Verbosity {
    /// Tell more of what happens
    #[arg(short, long, overrides_with = "verbose")]
    verbose: bool,
    /// Tell only results and errors
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
}

impl Verbosity {
    /// Starts the logger: `default` without a flag, one level more with `-v`.
    ///
    /// # Panics
    ///
    /// If the program has started a logger before.
    pub fn start_logging(self, default: LevelFilter) {
        let level = match self {
            Self { quiet: true, .. } => LevelFilter::Error,
            Self { verbose: true, .. } => default.increment_severity(),
            _ => default,
        };
        env_logger::Builder::new()
            .filter_level(level)
            .format(|line, record| match record.level() {
                Level::Error => writeln!(line, "error: {}", record.args()),
                Level::Warn => writeln!(line, "warning: {}", record.args()),
                _ => writeln!(line, "{}", record.args()),
            })
            .init();
    }
}
