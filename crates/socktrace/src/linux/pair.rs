//! A server and a client under watch: the client starts when the server listens, and the
//! server is ended when the client is done.

use std::ffi::OsString;
use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use anyhow::ensure;
use nix::sys::signal::Signal;

use super::program::Streams;
use super::recorder::{Detail, exit_status};
use super::session::{Session, Settings, Turn};
use crate::record::{End, Header, Program, Record, Side, VERSION};
use crate::show::Show;

/// What a server gets to deal with the end of its client, before it is asked to end.
const SETTLE_TIME: Duration = Duration::from_secs(2);
/// What it then gets to end.
const GRACE: Duration = Duration::from_secs(5);
/// What a program that was interrupted gets to end: a person waits.
const INTERRUPT_GRACE: Duration = Duration::from_millis(500);
/// How often to look whether a call waits by now, at first and at most. The kernel tells
/// when a call ends, but not when it begins to wait.
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LAST_LOOK: Duration = Duration::from_millis(64);

/// Two programs, and how they are to be watched.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server's command.
    pub server: Vec<OsString>,
    /// The client's, with `{host}` and `{port}` where the server's address belongs.
    pub client: Vec<OsString>,
    /// How long the server may take until it listens, and then the client until it ends.
    pub timeout: Option<Duration>,
    /// The kernel stops them at the calls that are of interest, and not at each.
    pub has_filter: bool,
    /// How many bytes of each call are kept.
    pub bytes: usize,
}

/// Two programs under watch.
pub(crate) struct Pair {
    pub(crate) session: Session,
    plan: Plan,
    phase: Phase,
    look: Duration,
    /// Something happened to a program in the last turn.
    has_moved: bool,
    /// They are held before each call, so that no time is too long.
    holds: bool,
}

/// How far it has come, with the time at which that has lasted too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The server has yet to listen.
    Starting(Option<Instant>),
    /// The client runs.
    Talking(Option<Instant>),
    /// The client is gone, and the server may still have something to do.
    Settling(Instant),
    /// The server was asked to end.
    Ending(Instant),
    /// Nobody is left.
    Over,
}

impl Pair {
    /// Starts the server.
    pub(crate) fn start(plan: Plan, holds: bool) -> anyhow::Result<Self> {
        let settings = Settings {
            detail: Detail {
                bytes: plan.bytes,
                states: true,
                orphans: true,
            },
            has_filter: plan.has_filter,
            holds,
        };
        let mut session = Session::new(settings)?;
        session.start(Side::Server, &plan.server, Streams::Silent)?;
        let deadline = plan.timeout.map(|timeout| Instant::now() + timeout);
        Ok(Self {
            session,
            plan,
            phase: Phase::Starting(deadline.filter(|_| !holds)),
            look: FIRST_LOOK,
            has_moved: false,
            holds,
        })
    }

    /// The first line of the trace.
    pub(crate) fn header(plan: &Plan) -> Header {
        let program = |side, command: &[OsString]| Program {
            side,
            command: command
                .iter()
                .map(|it| it.to_string_lossy().into())
                .collect(),
        };
        Header {
            version: VERSION,
            architecture: std::env::consts::ARCH.to_owned(),
            programs: vec![
                program(Side::Server, &plan.server),
                program(Side::Client, &plan.client),
            ],
            bytes_kept: plan.bytes,
        }
    }

    /// The last line.
    pub(crate) fn end(&mut self) -> Record {
        self.session.drain();
        Record::End(End {
            at: self.session.now(),
            calls: self.session.recorder().n_calls(),
        })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Waits for the next thing to happen, at most for `limit`, and does what follows from it.
    pub(crate) fn turn(
        &mut self,
        limit: Option<Duration>,
        keys: Option<BorrowedFd<'_>>,
    ) -> anyhow::Result<Turn> {
        let timeout = limit.or_else(|| self.timeout());
        let turn = self.session.turn(timeout, keys)?;
        self.has_moved = turn.has_moved;
        if turn.has_moved {
            self.look = FIRST_LOOK;
        }
        self.advance()?;
        Ok(turn)
    }

    /// How long to wait for something to happen.
    fn timeout(&mut self) -> Option<Duration> {
        let deadline = match self.phase {
            Phase::Starting(deadline) | Phase::Talking(deadline) => deadline,
            Phase::Settling(deadline) | Phase::Ending(deadline) => Some(deadline),
            Phase::Over => return Some(Duration::ZERO),
        };
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // To look at each of many threads takes long: not while they move anyway.
        let is_still = !self.has_moved && self.session.is_still();
        if self.has_moved {
            self.session.recorder().notice_waits();
        }
        if self.session.recorder().has_records() {
            // A call was seen to wait, which is told at once: what comes next may take long.
            return Some(Duration::ZERO);
        }
        let is_ready = matches!(self.phase, Phase::Starting(_)) && self.service().is_some();
        if is_ready {
            return Some(Duration::ZERO);
        }
        if is_still && !matches!(self.phase, Phase::Settling(_)) {
            return left;
        }
        let look = self.look;
        self.look = (look * 2).min(LAST_LOOK);
        Some(left.map_or(look, |left| left.min(look)))
    }

    /// Goes over to the next phase, if it is time for that.
    fn advance(&mut self) -> anyhow::Result<()> {
        let now = Instant::now();
        let is_late = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        let seconds = self.plan.timeout.unwrap_or_default().as_secs_f64();
        match self.phase {
            Phase::Starting(deadline) => {
                if let Some(address) = self.service() {
                    return self.start_client(&address);
                }
                ensure!(
                    self.session.is_alive(Side::Server),
                    "the server ended before it listened, so the client was not started; try it \
                     by itself"
                );
                ensure!(
                    !is_late(deadline),
                    "the server has not listened within {seconds} s; see --timeout"
                );
            }
            Phase::Talking(deadline) => {
                if !self.session.is_alive(Side::Client) {
                    self.phase = Phase::Settling(now + SETTLE_TIME);
                    self.look = FIRST_LOOK;
                }
                ensure!(
                    !is_late(deadline),
                    "the client has not ended within {seconds} s, and was stopped; see --timeout"
                );
            }
            Phase::Settling(deadline) => {
                let is_alive = self.session.is_alive(Side::Server);
                let is_done = self.session.held().next().is_none()
                    && (self.session.awaits_clients() || deadline <= now);
                if !is_alive {
                    self.phase = Phase::Over;
                } else if is_done {
                    self.session.signal(Side::Server, Signal::SIGTERM);
                    self.phase = Phase::Ending(now + GRACE);
                }
            }
            Phase::Ending(deadline) => {
                if !self.session.has_threads() {
                    self.phase = Phase::Over;
                } else if deadline <= now && self.session.held().next().is_none() {
                    let text = "did not end when it was asked to, and was killed";
                    let recorder = self.session.recorder();
                    recorder.say_once(Some(Side::Server), text.to_owned());
                    self.session.kill_all()?;
                    self.phase = Phase::Over;
                }
            }
            Phase::Over => {}
        }
        Ok(())
    }

    /// Where the server serves: where it listens, or where it waits for datagrams. A UDP
    /// socket that is only bound may be for something else, and a listener come yet.
    fn service(&mut self) -> Option<String> {
        if let Some(address) = self.session.recorder().listening(Side::Server) {
            return Some(address.to_owned());
        }
        let bound = self.session.recorder().bound(Side::Server)?.to_owned();
        self.session.awaits_clients().then_some(bound)
    }

    fn start_client(&mut self, address: &str) -> anyhow::Result<()> {
        let command: Vec<OsString> = self
            .plan
            .client
            .iter()
            .map(|word| filled(word, address))
            .collect();
        let streams = if self.holds {
            Streams::Silent
        } else {
            Streams::Recorded
        };
        self.session.start(Side::Client, &command, streams)?;
        let deadline = self.plan.timeout.map(|timeout| Instant::now() + timeout);
        self.phase = Phase::Talking(deadline.filter(|_| !self.holds));
        Ok(())
    }

    /// Ends all of it at once, as a person wants who presses Ctrl-C: the programs get a
    /// moment to say their last words.
    pub(crate) fn interrupt(&mut self, why: &str) -> anyhow::Result<()> {
        if self.session.recorder().has_begun() {
            self.session.recorder().say_once(None, why.to_owned());
        }
        self.session.release_all()?;
        let deadline = Instant::now() + INTERRUPT_GRACE;
        for side in [Side::Client, Side::Server] {
            self.session.signal(side, Signal::SIGTERM);
        }
        while self.session.has_threads() && Instant::now() < deadline {
            self.session.turn(Some(FIRST_LOOK), None)?;
        }
        self.session.kill_all()?;
        self.phase = Phase::Over;
        Ok(())
    }

    /// The exit status for both: the client's, or 1 if only the server failed.
    pub(crate) fn status(&self) -> u8 {
        let of = |side| self.session.status(side).map_or(1, exit_status);
        let (client, server) = (of(Side::Client), of(Side::Server));
        let was_asked = 128 + Signal::SIGTERM as i32;
        let status = match client {
            0 if server != 0 && server != was_asked => 1,
            client => client,
        };
        u8::try_from(status).unwrap_or(1)
    }
}

/// A word of the client's command, with the server's address filled in. Nobody can connect
/// to "all addresses"; loopback is one of them.
fn filled(word: &OsString, address: &str) -> OsString {
    let Some(text) = word.to_str() else {
        return word.clone();
    };
    let (host, port) = match address.parse::<std::net::SocketAddr>() {
        Ok(address) => {
            let ip = match address.ip() {
                IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
                IpAddr::V6(ip) if ip.is_unspecified() => "::1".to_owned(),
                ip => ip.to_string(),
            };
            (ip, address.port().to_string())
        }
        Err(_) => (
            address.trim_start_matches("unix:").to_owned(),
            String::new(),
        ),
    };
    text.replace("{host}", &host)
        .replace("{port}", &port)
        .into()
}

/// Watches both from the beginning to the end.
///
/// # Errors
///
/// If they can't be started or watched, if the server never listens, if the client doesn't
/// end in time; what `show` says. Nothing is left running.
pub fn trace_pair(plan: Plan, show: &mut dyn Show) -> anyhow::Result<Ending> {
    show.record(&Record::Trace(Pair::header(&plan)))?;
    let mut pair = Pair::start(plan, false)?;
    let result = watch(&mut pair, show);
    let cleanup = match &result {
        Ok(Ending::Done(_)) => Ok(()),
        Ok(Ending::Killed(_)) => pair.interrupt("the watching was broken off by a signal"),
        Err(error) => pair.interrupt(&format!("the watching was broken off: {error:#}")),
    };
    let last = pair.end();
    let shown = pair
        .session
        .take()
        .iter()
        .chain([&last])
        .try_for_each(|it| show.record(it));
    // The first error says most.
    let ending = result?;
    cleanup?;
    shown?;
    Ok(ending)
}

fn watch(pair: &mut Pair, show: &mut dyn Show) -> anyhow::Result<Ending> {
    while !pair.is_over() {
        let turn = pair.turn(None, None)?;
        let records = pair.session.take();
        for record in &records {
            show.record(record)?;
        }
        if !turn.has_moved {
            show.pause()?;
        }
        for arrival in pair.session.take_arrivals() {
            match arrival.signal {
                Signal::SIGTSTP => pair.session.sleep()?,
                Signal::SIGWINCH => {}
                signal => return Ok(Ending::Killed(signal as u8)),
            }
        }
    }
    Ok(Ending::Done(pair.status()))
}

/// How a trace ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The programs ended; the exit status that tells how.
    Done(u8),
    /// By a signal: to the watcher, or to the one program. Its number.
    Killed(u8),
}
