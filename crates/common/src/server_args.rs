//! The command line of a server that has no flags of its own.

use clap::Parser;
use log::LevelFilter;

use crate::{ServerEndpoint, Verbosity};

/// Where to listen, and how much to tell.
#[derive(Debug, Parser)]
#[command(
    about = "Sends back whatever each client sends, in one of several ways",
    after_help = "Example: 127.0.0.1 65432 -v"
)]
pub struct ServerArgs {
    /// Where to listen.
    #[command(flatten)]
    pub endpoint: ServerEndpoint,
    #[command(flatten)]
    verbosity: Verbosity,
}

impl ServerArgs {
    /// The arguments that the program was started with; from then on, `log`
    /// tells what they let through.
    pub fn parse_and_start_logging() -> Self {
        let args = Self::parse();
        args.verbosity.start_logging(LevelFilter::Warn);
        args
    }
}
