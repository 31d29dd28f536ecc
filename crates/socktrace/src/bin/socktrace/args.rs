//! The command line.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::Parser;
use socktrace::only::Only;

use crate::stages::Stage;

/// What stands between the server's command and the client's.
const SEPARATOR: &str = "::";

/// See every socket call of any two programs.
#[derive(Parser, Debug)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Subcommand,
}

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Subcommand {
    /// Show the socket calls of two programs, as they happen
    Trace(TraceArgs),
    /// The same, one call at each key
    Step(StepArgs),
    /// Become a program, once it is watched
    #[command(name = "start-watched", hide = true)]
    StartWatched(StartWatchedArgs),
    /// Say whether programs can be watched here
    #[command(hide = true)]
    Probe,
}

/// Shows the socket calls of a server and a client, as they happen.
///
/// The client starts when the server listens; in its ARGS, {host} and {port} stand
/// for where that is. The server is ended when the client is done.
///
/// The programs don't know that they are watched. Python's output is unbuffered, so
/// that it has its place (PYTHONUNBUFFERED=1). Times include the watching.
///
/// Exit status: the client's; 1 if something failed, 2 for wrong usage.
#[derive(Parser, Debug)]
#[command(
    next_line_help = true,
    verbatim_doc_comment,
    after_help = "Examples:\n  cargo xtask trace echo\n  \
                  cargo xtask trace echo --only client --json echo.jsonl\n  \
                  cargo xtask trace -- python3 -m http.server 0 :: \\\n    \
                  curl -s http://{host}:{port}/\n  \
                  cargo xtask trace --one --json run.jsonl -- ./my-server 8080\n  \
                  cargo xtask trace --from echo.jsonl --only recv,send"
)]
pub(crate) struct TraceArgs {
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    /// Watch one program, which keeps its input and output
    #[arg(long, conflicts_with_all = ["stage", "from"])]
    pub(crate) one: bool,
    /// Show a recorded trace, on any system
    #[arg(long, value_name = "FILE", conflicts_with_all = ["stage", "command"])]
    pub(crate) from: Option<PathBuf>,
    /// Write the trace to a file as well, as it grows; - writes only that
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(crate) json: Option<PathBuf>,
    /// Show only these programs, calls or sockets: client,recv,s2
    #[arg(long, value_name = "WORDS")]
    pub(crate) only: Option<Only>,
    /// Show each call, however often it is repeated
    #[arg(long)]
    pub(crate) all: bool,
    /// Show all bytes that were kept, and not only the first
    #[arg(short, long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
    /// End programs that take longer; 0 lets them take their time
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Timeout,
}

/// Holds a server and a client before each socket call, and goes on by your keys.
///
/// Enter lets the natural next call go. With --ask, say first what will come of it.
#[derive(Parser, Debug)]
#[command(
    next_line_help = true,
    after_help = "Examples:\n  cargo xtask step echo\n  cargo xtask step multiconn --ask\n  \
                  cargo xtask step -- ./my-server 0 :: nc {host} {port}\n  \
                  cargo xtask step --replay echo.jsonl"
)]
pub(crate) struct StepArgs {
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    /// Ask before each notable call what will come of it
    #[arg(long)]
    pub(crate) ask: bool,
    /// Step through a recorded trace, on any system
    #[arg(long, value_name = "FILE", conflicts_with_all = ["stage", "command"])]
    pub(crate) replay: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
}

/// Which programs.
#[derive(clap::Args, Debug)]
pub(crate) struct SubjectArgs {
    /// A stage of the course: its server and its client
    #[arg(value_enum)]
    pub(crate) stage: Option<Stage>,
    /// Any other programs: SERVER ARGS :: CLIENT ARGS
    #[arg(last = true, value_name = "COMMANDS", conflicts_with = "stage")]
    pub(crate) command: Vec<OsString>,
    /// Address for a stage's server to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
}

/// How they are watched.
#[derive(clap::Args, Debug)]
pub(crate) struct WatchArgs {
    /// Keep at most so many bytes of each call
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 4096,
        allow_negative_numbers = true
    )]
    pub(crate) bytes: usize,
    /// Stop at each call of any kind: slower, but needs no seccomp filter
    #[arg(long)]
    pub(crate) no_filter: bool,
}

/// What the hidden child is told.
#[derive(clap::Args, Debug)]
pub(crate) struct StartWatchedArgs {
    pub(crate) hold: PathBuf,
    pub(crate) complain: PathBuf,
    pub(crate) filter: String,
    #[cfg(target_os = "linux")]
    pub(crate) inherited: socktrace::linux::Inherited,
    #[arg(last = true)]
    pub(crate) command: Vec<OsString>,
}

/// What is to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// One program.
    One(Vec<OsString>),
    /// What can be stepped through, too.
    Run(Run),
}

/// A run of two programs, or of any that were recorded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// A trace in a file.
    Recorded(PathBuf),
    /// A server and a client.
    Pair(Vec<OsString>, Vec<OsString>),
}

impl TraceArgs {
    pub(crate) fn subject(&self) -> anyhow::Result<Subject> {
        if let Some(file) = &self.from {
            return Ok(Subject::Run(Run::Recorded(file.clone())));
        }
        if !self.one {
            return self.subject.pair("trace", false).map(Subject::Run);
        }
        let command = self.subject.command.clone();
        if command.is_empty() {
            bail!(Usage::new(
                "--one wants a command; try `cargo xtask trace --one -- COMMAND`"
            ));
        }
        Ok(Subject::One(command))
    }
}

impl StepArgs {
    pub(crate) fn subject(&self) -> anyhow::Result<Run> {
        match &self.replay {
            Some(file) => Ok(Run::Recorded(file.clone())),
            None => self.subject.pair("step", true),
        }
    }
}

impl SubjectArgs {
    /// A stage's programs are held as long as somebody wants, where they `step`: then they
    /// have no deadlines.
    fn pair(&self, tool: &str, steps: bool) -> anyhow::Result<Run> {
        if let Some(stage) = self.stage {
            let (server, client) = stage.programs(&self.host, steps)?;
            return Ok(Run::Pair(server, client));
        }
        let usage = |text: &str| {
            let example = format!("`cargo xtask {tool} -- SERVER ARGS {SEPARATOR} CLIENT ARGS`");
            Usage::new(&format!("{text}; try {example}"))
        };
        ensure!(
            !self.command.is_empty(),
            usage("expected a stage (echo, multiconn, app-protocol) or two commands")
        );
        let mut parts = self.command.split(|word| word == SEPARATOR);
        let (Some(server), Some(client), None) = (parts.next(), parts.next(), parts.next()) else {
            bail!(usage(&format!(
                "expected one `{SEPARATOR}` between the server's command and the client's"
            )));
        };
        ensure!(
            !server.is_empty() && !client.is_empty(),
            usage(&format!(
                "expected a command on either side of `{SEPARATOR}`"
            ))
        );
        Ok(Run::Pair(server.to_vec(), client.to_vec()))
    }
}

/// The command line is wrong in a way that clap can't tell.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl Usage {
    pub(crate) const EXIT_STATUS: u8 = 2;

    fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// `None` for none. (clap would take an `Option` for an optional argument.)
type Timeout = std::option::Option<Duration>;

fn seconds(text: &str) -> Result<Timeout, &'static str> {
    let expected = "expected seconds, as in 2.5";
    let seconds = text.parse().map_err(|_| expected)?;
    let limit = Duration::try_from_secs_f64(seconds).map_err(|_| expected)?;
    Ok((!limit.is_zero()).then_some(limit))
}
