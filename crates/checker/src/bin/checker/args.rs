//! The command line.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use checker::{Level, Row, Side, Stage, rows, running_server};
use clap::{Parser, ValueEnum};

/// Judges a server or client in any language, row by row.
///
/// Without a COMMAND it judges the course's own server and client.
///
/// In a COMMAND, {host} and {port} stand for where a server listens, or a client
/// connects; {connections}, {action} and {value} for what a client does.
///
/// Exit status: 0 all rows hold, 1 some don't, 2 it couldn't judge.
#[derive(Parser, Debug, Clone)]
#[command(
    name = "cargo xtask check",
    bin_name = "cargo xtask check",
    version,
    verbatim_doc_comment,
    next_line_help = true,
    after_help = "Examples:\n  cargo xtask check echo\n  \
                  cargo xtask check multiconn -- ./my-server {host} {port}\n  \
                  cargo xtask check app-protocol --client -- \\\n    \
                  python3 client.py {host} {port} {action} {value}\n  \
                  cargo xtask check echo --each submissions"
)]
pub(crate) struct Args {
    /// What it claims to be
    #[arg(value_enum)]
    pub(crate) stage: Stage,
    /// The program's command
    #[arg(last = true, conflicts_with_all = ["connect", "each"])]
    pub(crate) command: Vec<String>,
    /// Judge the COMMAND as a client
    #[arg(long)]
    pub(crate) client: bool,
    /// Judge a server that runs already
    #[arg(long, value_name = "HOST:PORT", value_parser = running_server, conflicts_with_all = ["client", "each", "port"])]
    pub(crate) connect: Option<SocketAddr>,
    /// Judge each folder in DIR by the command in its run.txt
    #[arg(long, value_name = "DIR")]
    pub(crate) each: Option<PathBuf>,
    /// Where --each writes its results
    ///
    /// They are in check.txt, check.json and check.xml.
    #[arg(
        long,
        value_name = "DIR",
        default_value = "check-results",
        requires = "each"
    )]
    pub(crate) output: PathBuf,
    /// Longest time for each program of --each
    #[arg(long, value_name = "SECONDS", default_value = "180", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) budget: Duration,
    /// These rows only
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Not these rows
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// Rows up to this level only
    #[arg(long, value_enum)]
    pub(crate) level: Option<Level>,
    /// Only what a certain kind of program promises
    #[arg(long, value_enum)]
    pub(crate) profile: Option<Profile>,
    /// List the rows, and judge nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// Longest silence of the program while something is due
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Duration,
    /// How long a program may take to give up (A-12, M-24)
    #[arg(long, value_name = "SECONDS", default_value = "90", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) patience: Duration,
    /// How the program gets deadlines of a second or less (A-12, M-24)
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(crate) short_deadline: Option<String>,
    /// How the client is told to send its standard input (E-15)
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(crate) stdin: Option<String>,
    /// How long the server waits when it stops (M-13)
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) drain_deadline: Duration,
    /// The address to listen on
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    /// The port, of a program that can't be told one
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Report format
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

/// A kind of program with promises of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// The guide's own programs
    Guide,
}

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    Junit,
}

impl Args {
    /// The chosen rows of one side.
    pub(crate) fn rows(&self, side: Side) -> Vec<&'static Row> {
        let is_named = |names: &[String], row: &Row| {
            names.iter().any(|name| name.eq_ignore_ascii_case(row.id))
        };
        let mut rows = rows(self.stage, side);
        rows.retain(|row| {
            (self.only.is_empty() || is_named(&self.only, row))
                && !is_named(&self.skip, row)
                && self.level.is_none_or(|level| row.level <= level)
                && (self.profile.is_none() || row.is_guide)
        });
        rows
    }

    /// The first name of a row that the stage doesn't have.
    pub(crate) fn unknown_row(&self) -> Option<&str> {
        let known = [Side::Server, Side::Client]
            .map(|side| rows(self.stage, side))
            .concat();
        let is_known = |name: &&String| known.iter().any(|row| name.eq_ignore_ascii_case(row.id));
        let mut names = self.only.iter().chain(&self.skip);
        names.find(|name| !is_known(name)).map(String::as_str)
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected seconds above 0, such as 5 or 0.5, got {text:?}");
    let seconds: f64 = text.parse().map_err(|_| expected())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err(expected()),
    }
}
