//! One program under watch, with its standard input, output and error as they would be:
//! to whoever started us, we are that program.

use std::ffi::OsString;
use std::time::Duration;

use libc::c_int;

use super::pair::Ending;
use super::passing::PassedOn;
use super::program::Streams;
use super::recorder::{Detail, exit_status};
use super::session::{Session, Settings};
use crate::record::{End, Header, Program, Record, Side, VERSION};
use crate::show::Show;

/// How often to look whether a call waits by now, while one may.
const LOOK: Duration = Duration::from_millis(5);

/// One program, and how it is to be watched.
#[derive(Debug, Clone)]
pub struct OnePlan {
    /// Its command.
    pub command: Vec<OsString>,
    /// The kernel stops it at the calls that are of interest, and not at each.
    pub has_filter: bool,
    /// How many bytes of each call are kept.
    pub bytes: usize,
    /// The state of the sockets is recorded after each call.
    pub states: bool,
}

/// Watches a program until it and all its children have ended. A signal to us is passed
/// on to it.
///
/// # Errors
///
/// If it can't be started or watched; what `show` says.
pub fn trace_one(plan: &OnePlan, show: &mut dyn Show) -> anyhow::Result<Ending> {
    let mut session = Session::new(Settings {
        detail: Detail {
            bytes: plan.bytes,
            states: plan.states,
            orphans: false,
        },
        has_filter: plan.has_filter,
        holds: false,
    })?;
    show.record(&Record::Trace(Header {
        version: VERSION,
        architecture: std::env::consts::ARCH.to_owned(),
        programs: vec![Program {
            side: Side::Server,
            command: plan
                .command
                .iter()
                .map(|it| it.to_string_lossy().into())
                .collect(),
        }],
        bytes_kept: plan.bytes,
    }))?;
    session.start(Side::Server, &plan.command, Streams::Inherited)?;
    let result = watch(&mut session, show);
    if result.is_err() {
        session.kill_all()?;
    }
    session.drain();
    let end = Record::End(End {
        at: session.now(),
        calls: session.recorder().n_calls(),
    });
    for record in session.take().iter().chain([&end]) {
        show.record(record)?;
    }
    result
}

fn watch(session: &mut Session, show: &mut dyn Show) -> anyhow::Result<Ending> {
    let mut passed_on = PassedOn::default();
    while session.has_threads() {
        let is_settled = session.recorder().notice_waits();
        for record in session.take() {
            show.record(&record)?;
        }
        let looks = !is_settled || !passed_on.is_empty();
        let turn = session.turn(looks.then_some(LOOK), None)?;
        if !turn.has_moved {
            show.pause()?;
        }
        for arrival in session.take_arrivals() {
            passed_on.add(arrival);
        }
        passed_on.advance(session)?;
    }
    let status = session.status(Side::Server).unwrap_or(0);
    Ok(ending(status))
}

fn ending(status: c_int) -> Ending {
    if libc::WIFSIGNALED(status) {
        let signal = libc::WTERMSIG(status);
        return Ending::Killed(u8::try_from(signal).unwrap_or(0));
    }
    Ending::Done(u8::try_from(exit_status(status)).unwrap_or(1))
}
