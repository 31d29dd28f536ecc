//! Programs under watch: starts them, handles what happens to them one thing after
//! another, and ends them. All of it on one thread, as ptrace wants it.

mod signalling;

use std::collections::{HashSet, VecDeque};
use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use libc::{c_int, pid_t};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;

use super::launch::Complaints;
use super::outlets::Outlets;
use super::permission;
use super::process::{self, Activity};
use super::program::{Launched, Running, Streams};
use super::recorder::{Detail, Recorder};
use super::sent::Sent;
use super::signals::{self, Arrival};
use super::tracer::{Stop, Tracer};
use crate::play::Held;
use crate::record::{Micros, Record, Side};

/// Stops handled before somebody else has a turn.
const MAX_STOPS: usize = 64;
/// What a call gets to come back from the kernel that has done its work already. It does
/// at once, but for the time in which others have all processors.
const CAUSE_TIME: Duration = Duration::from_millis(200);
/// How programs are watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) detail: Detail,
    /// The kernel stops them at the calls that are of interest, and not at each.
    pub(crate) has_filter: bool,
    /// They are held before each call.
    pub(crate) holds: bool,
}

/// Programs under watch.
pub(crate) struct Session {
    tracer: Tracer,
    recorder: Recorder,
    programs: Vec<Running>,
    outlets: Outlets,
    signals: SignalFd,
    settings: Settings,
    held: VecDeque<(pid_t, Held)>,
    /// Stopped by a signal (Ctrl-Z), until SIGCONT.
    asleep: HashSet<pid_t>,
    /// Signals to ourselves that nobody has asked for yet.
    arrivals: Vec<Arrival>,
    sent: Sent,
}

/// What a turn has brought.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Something happened to a program.
    pub(crate) has_moved: bool,
    /// `keys` can be read.
    pub(crate) has_keys: bool,
}

impl Session {
    pub(crate) fn new(settings: Settings) -> anyhow::Result<Self> {
        Ok(Self {
            tracer: Tracer::new(settings.has_filter),
            recorder: Recorder::new(settings.detail),
            programs: Vec::new(),
            outlets: Outlets::default(),
            signals: signals::listen().context("cannot wait for signals")?,
            settings,
            held: VecDeque::new(),
            asleep: HashSet::new(),
            arrivals: Vec::new(),
            sent: Sent::default(),
        })
    }

    /// Starts a program; it is watched before its first instruction.
    pub(crate) fn start(
        &mut self,
        side: Side,
        command: &[OsString],
        streams: Streams,
    ) -> anyhow::Result<()> {
        let settings = self.settings;
        let launched = Launched::start(command, settings.has_filter, streams, settings.holds)?;
        let process = launched.process();
        let explain = |error| permission::explain(error, process);
        self.tracer.seize(process).map_err(explain)?;
        permission::check(process)?;
        self.recorder.start(process, side);
        self.programs.push(launched.go(side, &mut self.outlets)?);
        Ok(())
    }

    /// Handles what has happened, or waits for something to happen. `keys` is what else
    /// ends the waiting.
    pub(crate) fn turn(
        &mut self,
        timeout: Option<Duration>,
        keys: Option<BorrowedFd<'_>>,
    ) -> anyhow::Result<Turn> {
        let mut turn = Turn::default();
        for _ in 0..MAX_STOPS {
            let Some((thread, stop)) = self.next(None)? else {
                break;
            };
            turn.has_moved = true;
            self.drain();
            self.recorder.notice_waits_but_of(Some(thread));
            if let Stop::Exit(_) = stop {
                self.let_causes_end(thread)?;
            }
            self.handle(thread, stop)?;
        }
        // Keys and signals have their turn, too, while programs are busy.
        let timeout = if turn.has_moved {
            Some(Duration::ZERO)
        } else {
            timeout
        };
        let mut ready = vec![self.signals.as_fd()];
        ready.extend(self.outlets.descriptors());
        ready.extend(keys);
        let mut ready: Vec<PollFd<'_>> = ready
            .into_iter()
            .map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN))
            .collect();
        let timeout = timeout.map_or(PollTimeout::NONE, |timeout| {
            // Rounded up: less than a millisecond would be asking without end.
            let rounding = Duration::from_micros(if timeout.is_zero() { 0 } else { 999 });
            PollTimeout::try_from(timeout + rounding).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut ready, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => bail!("cannot wait for the programs: {error}"),
        }
        let last = ready.last().and_then(PollFd::any).unwrap_or(false);
        turn.has_keys = keys.is_some() && last;
        let arrivals = signals::take(&self.signals).into_iter();
        self.arrivals
            .extend(arrivals.filter(|it| it.signal != Signal::SIGCHLD));
        self.drain();
        Ok(turn)
    }

    fn next(&mut self, thread: Option<pid_t>) -> anyhow::Result<Option<(pid_t, Stop)>> {
        (self.tracer.next(thread)).context("cannot wait for the programs")
    }

    /// Handles the end of a send before that of the receive that got its bytes, although
    /// the kernel may tell of them in the other order.
    fn let_causes_end(&mut self, thread: pid_t) -> anyhow::Result<()> {
        let deadline = Instant::now() + CAUSE_TIME;
        for cause in self.recorder.causes_under_way(thread) {
            while Instant::now() < deadline {
                if let Some((thread, stop)) = self.next(Some(cause))? {
                    self.handle(thread, stop)?;
                    break;
                }
                let activity = process::activity(cause);
                let is_asleep = self.asleep.contains(&cause);
                if is_asleep || matches!(activity, Activity::Sleeps | Activity::Gone) {
                    break;
                }
                std::thread::yield_now();
            }
        }
        Ok(())
    }

    /// Takes what the programs have printed by now.
    pub(crate) fn drain(&mut self) {
        let recorder = &mut self.recorder;
        self.outlets
            .drain(|side, stream, bytes| recorder.output(side, stream, bytes));
    }

    fn handle(&mut self, thread: pid_t, stop: Stop) -> anyhow::Result<()> {
        self.asleep.remove(&thread);
        match stop {
            Stop::Entry(entry) => {
                let has_filter = self.settings.has_filter;
                self.recorder.look_for_filter(has_filter, thread, entry);
                let held = self.recorder.entry(thread, entry);
                match held {
                    Some(held) if self.settings.holds => {
                        self.held.push_back((thread, held));
                        return Ok(());
                    }
                    Some(_) => return self.let_go(thread),
                    None => {}
                }
            }
            Stop::Exit(result) => self.recorder.exit(thread, result),
            Stop::Signal(signal) => self.signalled(thread, signal),
            Stop::Stopped(signal) => {
                self.asleep.insert(thread);
                self.recorder.signal(thread, signal, true);
            }
            Stop::Born { child } => self.recorder.born(thread, child),
            Stop::Exec { former } => self.exec(thread, former),
            Stop::Gone(status) => return self.gone(thread, status),
            Stop::Nothing => {}
        }
        self.tracer.go(thread, false);
        Ok(())
    }

    /// Lets a thread make the call that it was stopped at.
    fn let_go(&mut self, thread: pid_t) -> anyhow::Result<()> {
        self.recorder.begin(thread);
        self.tracer.go(thread, true);
        Ok(())
    }

    fn exec(&mut self, process: pid_t, former: pid_t) {
        let mut programs = self.programs.iter_mut();
        let program = programs.find(|program| program.process() == process);
        // The first time it is our own that becomes the program.
        if program.is_some_and(|program| program.complaints.take().is_some()) {
            self.recorder.begin_program(process);
            return;
        }
        self.recorder.exec(process, former);
        let recorder = &self.recorder;
        self.held
            .retain(|(thread, _)| recorder.side(*thread).is_some());
    }

    fn gone(&mut self, thread: pid_t, status: c_int) -> anyhow::Result<()> {
        self.held.retain(|(held, _)| *held != thread);
        let mut programs = self.programs.iter_mut();
        if let Some(program) = programs.find(|program| program.process() == thread) {
            program.status = Some(status);
            if let Some(complaint) = program.complaints.take().and_then(Complaints::read) {
                self.recorder.never_began(thread);
                bail!(complaint);
            }
        }
        self.recorder.gone(thread, status);
        Ok(())
    }

    /// Takes the signals to ourselves that have arrived.
    pub(crate) fn take_arrivals(&mut self) -> Vec<Arrival> {
        std::mem::take(&mut self.arrivals)
    }

    /// Takes the records that are ready.
    pub(crate) fn take(&mut self) -> Vec<Record> {
        self.recorder.take()
    }

    pub(crate) fn recorder(&mut self) -> &mut Recorder {
        &mut self.recorder
    }

    pub(crate) fn now(&self) -> Micros {
        self.recorder.now()
    }

    /// The calls that are held, in the order in which they were reached.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Held> {
        self.held.iter().map(|(_, held)| held)
    }

    /// From now on no call is held; those that are held go on.
    pub(crate) fn release_all(&mut self) -> anyhow::Result<()> {
        self.settings.holds = false;
        while let Some((thread, _)) = self.held.pop_front() {
            self.let_go(thread)?;
        }
        Ok(())
    }

    /// Lets the held call of `thread` go.
    pub(crate) fn release(&mut self, thread: u32) -> anyhow::Result<()> {
        let thread = thread.cast_signed();
        let Some(index) = self.held.iter().position(|(held, _)| *held == thread) else {
            return Ok(());
        };
        self.held.remove(index);
        self.let_go(thread)
    }

    /// True as long as a side has a thread.
    pub(crate) fn is_alive(&self, side: Side) -> bool {
        self.recorder.threads_of(side).next().is_some()
    }

    /// True as long as anybody is watched.
    pub(crate) fn has_threads(&self) -> bool {
        self.tracer.has_threads()
    }

    /// The status of the process that a side began with, as `waitpid` has it.
    pub(crate) fn status(&self, side: Side) -> Option<c_int> {
        let mut programs = self.programs.iter();
        programs.find(|program| program.side == side)?.status
    }

    /// True if no thread runs: each sleeps in the kernel or is held. Looks for calls that
    /// wait, too.
    pub(crate) fn is_still(&mut self) -> bool {
        self.recorder.notice_waits();
        let held: Vec<pid_t> = self.held.iter().map(|(thread, _)| *thread).collect();
        self.tracer.threads().all(|thread| {
            held.contains(&thread)
                || matches!(
                    process::activity(thread),
                    Activity::Sleeps | Activity::SleepsDeeply | Activity::Gone
                )
                || self.asleep.contains(&thread)
        })
    }

    /// True if no thread runs and one of them waits in a call: as a server does that has
    /// nothing to do.
    pub(crate) fn awaits_clients(&mut self) -> bool {
        self.is_still() && self.recorder.has_call_that_waits(Side::Server)
    }
}
