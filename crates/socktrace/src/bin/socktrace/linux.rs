//! Live runs.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use socktrace::linux::{self, Ending, Live, OnePlan, Plan};
use socktrace::record::Record;
use socktrace::show::Show;
use socktrace::step;

use crate::args::{StartWatchedArgs, StepArgs, TraceArgs, WatchArgs};
use crate::replay;
use crate::show::Shown;

/// How long programs may take where nobody steps through them.
const UNATTENDED: Duration = Duration::from_secs(60);

/// Watches a server and a client.
pub(crate) fn trace_pair(
    args: &TraceArgs,
    server: Vec<OsString>,
    client: Vec<OsString>,
) -> anyhow::Result<ExitCode> {
    let mut plan = plan(&args.watch, server, client);
    plan.timeout = args.timeout;
    trace(plan, Shown::new(args)?)
}

fn trace(plan: Plan, mut shown: Shown) -> anyhow::Result<ExitCode> {
    let result = linux::trace_pair(plan, &mut shown);
    // What was seen says more than the error.
    let finished = shown.finish();
    let ending = result?;
    finished?;
    Ok(match ending {
        Ending::Done(status) => ExitCode::from(status),
        Ending::Killed(signal) => ExitCode::from(128 + signal),
    })
}

/// Watches one program, and ends as it does.
pub(crate) fn trace_one(args: &TraceArgs, command: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let mut shown = Shown::beside_a_program(args)?;
    let plan = OnePlan {
        command,
        has_filter: !args.watch.no_filter,
        bytes: args.watch.bytes,
        states: args.json.is_none(),
    };
    let ending = linux::trace_one(&plan, &mut shown)?;
    // Nobody needs to see it for the program to have run.
    let _ = shown.finish();
    Ok(match ending {
        Ending::Done(status) => ExitCode::from(status),
        Ending::Killed(signal) => die_of(signal),
    })
}

/// Whoever waits for the program is to see what it died of.
fn die_of(number: u8) -> ExitCode {
    linux::die_of(number);
    // A signal that doesn't end us: then as a shell tells it.
    ExitCode::from(128 + number)
}

/// Holds a server and a client before each call.
pub(crate) fn step(
    args: &StepArgs,
    server: Vec<OsString>,
    client: Vec<OsString>,
) -> anyhow::Result<ExitCode> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        // Nothing is left to do if standard error is closed too.
        let _ = writeln!(io::stderr(), "stepping needs a terminal; here is the trace");
        let mut plan = plan(&args.watch, server, client);
        plan.timeout = Some(UNATTENDED);
        return trace(plan, Shown::plain()?);
    }
    let plan = plan(&args.watch, server, client);
    let title = title(&plan);
    let header = Live::header(&plan);
    let mut live = Live::start(plan)?;
    let result = step::run(&mut live, &header, &replay::options(args, title));
    let status = live.finish()?;
    result?;
    Ok(ExitCode::from(status))
}

fn plan(watch: &WatchArgs, server: Vec<OsString>, client: Vec<OsString>) -> Plan {
    Plan {
        server,
        client,
        timeout: None,
        has_filter: !watch.no_filter,
        bytes: watch.bytes,
    }
}

fn title(plan: &Plan) -> String {
    let name = |command: &[OsString]| {
        let path = std::path::Path::new(&command[0]);
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    format!("{} and {}", name(&plan.server), name(&plan.client))
}

/// Becomes a program, once it is watched.
pub(crate) fn start_watched(args: &StartWatchedArgs) -> anyhow::Result<ExitCode> {
    let has_filter = args.filter == "filter";
    linux::start_watched(
        &args.hold,
        &args.complain,
        has_filter,
        args.inherited,
        &args.command,
    );
    // It has said why, to whom it concerns.
    Ok(ExitCode::FAILURE)
}

/// Does what a trace does, on the smallest program.
pub(crate) fn probe() -> anyhow::Result<ExitCode> {
    let myself = std::env::current_exe()?;
    let plan = OnePlan {
        command: vec![myself.into(), "--version".into()],
        has_filter: true,
        bytes: 0,
        states: false,
    };
    match linux::trace_one(&plan, &mut Nowhere)? {
        Ending::Done(0) => Ok(ExitCode::SUCCESS),
        _ => bail!("a watched program did not end well"),
    }
}

struct Nowhere;

impl Show for Nowhere {
    fn record(&mut self, _: &Record) -> anyhow::Result<()> {
        Ok(())
    }
}
