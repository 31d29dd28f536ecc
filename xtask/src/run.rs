//! `cargo xtask run`: a stage's server and client, side by side.

use std::fmt;
use std::process::ExitCode;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::build::{Kind, Program};
use crate::course::{APP_PROTOCOL, ECHO, MULTICONN, STAGES, Stage};
use crate::interrupt;
use crate::pair::Pair;
use crate::watch::{Event, Watch};

/// Lines that may wait to be shown; beyond it, the programs wait.
const MAX_WAITING_EVENTS: usize = 256;

#[derive(clap::Args)]
#[command(
    next_line_help = true,
    after_help = "Examples:\n  cargo xtask run echo -- --message 'Hi there'\n  \
                        cargo xtask run multiconn --as blocking\n  \
                        cargo xtask run multiconn -- 10\n  \
                        cargo xtask run app-protocol -- search ring"
)]
pub(crate) struct Args {
    /// The stage: echo, multiconn, app-protocol, or all of them
    #[arg(hide_possible_values = true)]
    stage: StageName,
    /// Arguments for the client, after its HOST and PORT
    #[arg(last = true, value_name = "CLIENT ARGS")]
    pub(crate) client_arguments: Vec<String>,
    /// Smaller server: blocking, threads, nonblocking or readiness
    #[arg(long = "as", value_name = "STEP", hide_possible_values = true)]
    pub(crate) step: Option<Step>,
    /// Address or name for the server to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Port for the server; 0 lets the system choose
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Build with optimisations
    #[arg(long)]
    pub(crate) release: bool,
    /// Let the client tell more, too
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// End a client that runs longer; 0 lets it run for ever
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_timeout)]
    pub(crate) timeout: Timeout,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StageName {
    Echo,
    Multiconn,
    AppProtocol,
    All,
}

/// `None` for none. (clap would take an `Option` for an optional argument.)
type Timeout = std::option::Option<Duration>;

fn parse_timeout(seconds: &str) -> Result<Timeout, &'static str> {
    let expected = "expected seconds, as in 2.5";
    let seconds = seconds.parse().map_err(|_| expected)?;
    let limit = Duration::try_from_secs_f64(seconds).map_err(|_| expected)?;
    Ok((!limit.is_zero()).then_some(limit))
}

/// The way to the event loop, in small steps.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Stage 1's server, one client after another
    Blocking,
    /// A thread for each client
    Threads,
    /// One thread that asks each client again and again
    Nonblocking,
    /// One thread that sleeps until a client is ready
    Readiness,
}

impl Step {
    pub(crate) fn server(self) -> Program {
        let example = |name| Program {
            package: MULTICONN.server.package,
            name,
            kind: Kind::Example,
        };
        match self {
            Self::Blocking => ECHO.server,
            Self::Threads => example("threads"),
            Self::Nonblocking => example("nonblocking"),
            Self::Readiness => example("readiness"),
        }
    }

    pub(crate) fn next(self) -> &'static str {
        match self {
            Self::Blocking => "cargo xtask run multiconn --as threads",
            Self::Threads => "cargo xtask run multiconn --as nonblocking",
            Self::Nonblocking => "cargo xtask run multiconn --as readiness",
            Self::Readiness => "cargo xtask run multiconn",
        }
    }
}

/// Arguments that are right each by itself, but not together.
#[derive(Debug)]
pub(crate) struct Usage(&'static str);

impl Usage {
    /// What clap gives for wrong arguments, too.
    pub(crate) const EXIT_STATUS: u8 = 2;
}

impl std::error::Error for Usage {}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
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

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.step.is_some() && args.stage != StageName::Multiconn {
        bail!(Usage(
            "--as goes with multiconn; try `cargo xtask run multiconn --as threads`"
        ));
    }
    let stages: &[&Stage] = match args.stage {
        StageName::Echo => &[&ECHO],
        StageName::Multiconn => &[&MULTICONN],
        StageName::AppProtocol => &[&APP_PROTOCOL],
        StageName::All => &STAGES,
    };
    if stages.len() > 1 && !args.client_arguments.is_empty() {
        bail!(Usage(
            "CLIENT ARGS go with one stage, since each client takes others; \
             try `cargo xtask run echo -- --message 'Hi there'`"
        ));
    }
    // Before the first program starts, so that none is ever left behind.
    let (events, inbox) = sync_channel(MAX_WAITING_EVENTS);
    let interrupts = events.clone();
    interrupt::on_interrupt(move || {
        let _ = interrupts.send(Event::Interrupted);
    })
    .context("cannot listen for Ctrl-C")?;

    for stage in stages {
        let pair = Pair::build(args, stage, &inbox)?;
        let status = pair.play(&events, &mut Watch::new(&inbox))?;
        if status != 0 {
            return Ok(ExitCode::from(status));
        }
    }
    Ok(ExitCode::SUCCESS)
}
