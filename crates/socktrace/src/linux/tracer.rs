//! Stops: what ptrace tells of many threads, put in order. Knows threads and calls as
//! numbers, and neither sockets nor names.
//!
//! Whether a stop is before or after a call, the kernel says at each stop; nothing is
//! toggled, since a call that is restarted comes back twice (ptrace(2)).

use std::collections::{HashMap, VecDeque};
use std::io;

use libc::{c_int, pid_t};
use nix::sys::ptrace::{self, Options};
use nix::unistd::Pid;

use super::process::{self, Activity};
use super::sys::{self, Entry, Restart, SyscallStop};

/// Calls that the filter stops for the tracer's own sake: they can make children that
/// nobody watches.
pub(crate) const ESCAPES: [i64; 2] = [libc::SYS_clone, libc::SYS_clone3];

/// The call by which the kernel takes up another one that was broken off.
pub(crate) const RESTART: i64 = libc::SYS_restart_syscall;
/// Calls that can put another filter beside ours, stopped for the same reason.
pub(crate) const FILTERING: [i64; 2] = [libc::SYS_seccomp, libc::SYS_prctl];

/// A system call's stop has this bit in its signal (`PTRACE_O_TRACESYSGOOD`).
const SYSCALL_BIT: c_int = 0x80;

/// What happened. A thread that it names is stopped, and has to be let go by
/// [`Tracer::go`], unless it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is about to make a call.
    Entry(Entry),
    /// Its call has come back: a result, or a negative error.
    Exit(i64),
    /// A signal has arrived, and is delivered when the thread goes on.
    Signal(c_int),
    /// A signal has stopped the whole process; it sleeps until SIGCONT.
    Stopped(c_int),
    /// It has made another thread or process, which has not run yet.
    Born { child: pid_t },
    /// Its process goes on as another program; the thread had the id `former`.
    Exec { former: pid_t },
    /// It is gone: the status that `waitpid` gives.
    Gone(c_int),
    /// Nothing that anybody has to know.
    Nothing,
}

/// All watched threads.
#[derive(Debug)]
pub(crate) struct Tracer {
    threads: HashMap<pid_t, Thread>,
    /// The first stops of threads whose parents haven't told of them yet.
    early: HashMap<pid_t, c_int>,
    /// What follows from a change that was told, and is told next.
    following: VecDeque<(pid_t, Stop)>,
    has_filter: bool,
}

#[derive(Debug)]
struct Thread {
    /// Wants to be stopped at the end of the call that it is in.
    awaits_exit: bool,
    /// A filter stops only programs; before its first exec it's our own.
    is_program: bool,
    /// Delivered when the thread goes on.
    signal: c_int,
    restart: Restart,
}

impl Tracer {
    pub(crate) fn new(has_filter: bool) -> Self {
        Self {
            threads: HashMap::new(),
            early: HashMap::new(),
            following: VecDeque::new(),
            has_filter,
        }
    }

    /// Watches a child that waits at its gate.
    pub(crate) fn seize(&mut self, child: pid_t) -> nix::Result<()> {
        let mut options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            // A filtered call fails if nobody watches: so nobody is left unwatched.
            | Options::PTRACE_O_EXITKILL;
        // Only for our own: calls that a filter of the program's leaves to a tracer fail
        // where there is none.
        options.set(Options::PTRACE_O_TRACESECCOMP, self.has_filter);
        ptrace::seize(Pid::from_raw(child), options)?;
        self.threads.insert(child, Thread::new(false));
        Ok(())
    }

    /// True as long as somebody is watched.
    pub(crate) fn has_threads(&self) -> bool {
        !self.threads.is_empty()
    }

    /// Every thread that is watched, or will be.
    pub(crate) fn threads(&self) -> impl Iterator<Item = pid_t> {
        self.threads.keys().chain(self.early.keys()).copied()
    }

    /// The next thing that has happened, to anybody or to a certain thread, if there is one.
    pub(crate) fn next(&mut self, thread: Option<pid_t>) -> io::Result<Option<(pid_t, Stop)>> {
        if thread.is_none() && !self.following.is_empty() {
            return Ok(self.following.pop_front());
        }
        let (thread, status) = match sys::wait(thread) {
            Ok(Some(change)) => change,
            Ok(None) => return Ok(None),
            Err(error) if error.raw_os_error() == Some(libc::ECHILD) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some((thread, self.interpret(thread, status)?)))
    }

    fn interpret(&mut self, thread: pid_t, status: c_int) -> io::Result<Stop> {
        if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
            return self.death(thread, status);
        }
        let Some(state) = self.threads.get_mut(&thread) else {
            // A child may stop before the event that tells of its birth: it stays so.
            self.early.insert(thread, status);
            return Ok(Stop::Nothing);
        };
        state.restart = Restart::Continue;
        let signal = libc::WSTOPSIG(status);
        Ok(match status >> 16 {
            libc::PTRACE_EVENT_SECCOMP => self.at_call(thread)?,
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
                self.birth(thread)?
            }
            libc::PTRACE_EVENT_EXEC => self.exec(thread),
            libc::PTRACE_EVENT_STOP => match signal {
                libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU => {
                    state.restart = Restart::Listen;
                    Stop::Stopped(signal)
                }
                _ => Stop::Nothing,
            },
            0 if signal == libc::SIGTRAP | SYSCALL_BIT => self.at_call(thread)?,
            0 => {
                state.signal = signal;
                Stop::Signal(signal)
            }
            _ => Stop::Nothing,
        })
    }

    fn death(&mut self, thread: pid_t, status: c_int) -> io::Result<Stop> {
        self.early.remove(&thread);
        if self.threads.remove(&thread).is_none() {
            return Ok(Stop::Nothing);
        }
        let orphans = self.orphans();
        if orphans.is_empty() {
            return Ok(Stop::Gone(status));
        }
        for child in orphans {
            self.following.push_back((thread, Stop::Born { child }));
            self.admit(child, true)?;
        }
        self.following.push_back((thread, Stop::Gone(status)));
        Ok(Stop::Nothing)
    }

    /// Who is killed tells of no child any more: these wait for word in vain. (Others wait
    /// for somebody who is still there.)
    fn orphans(&self) -> Vec<pid_t> {
        let is_orphan = |child: &pid_t| match process::process_and_parent(*child) {
            Some(family) => ![family.0, family.1]
                .iter()
                .any(|it| self.threads.contains_key(it)),
            None => true,
        };
        self.early.keys().copied().filter(is_orphan).collect()
    }

    /// Watches a child; if it has stopped already, that is told next.
    fn admit(&mut self, child: pid_t, is_program: bool) -> io::Result<()> {
        self.threads
            .entry(child)
            .or_insert_with(|| Thread::new(is_program));
        if let Some(status) = self.early.remove(&child) {
            let stop = self.interpret(child, status)?;
            self.following.push_back((child, stop));
        }
        Ok(())
    }

    fn at_call(&mut self, thread: pid_t) -> io::Result<Stop> {
        Ok(match sys::syscall_stop(thread) {
            Ok(SyscallStop::Entry(entry)) => Stop::Entry(entry),
            Ok(SyscallStop::Exit(result)) => {
                if let Some(state) = self.threads.get_mut(&thread) {
                    state.awaits_exit = false;
                }
                Stop::Exit(result)
            }
            Ok(SyscallStop::None) => Stop::Nothing,
            // Killed in the meantime: its end is yet to come.
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Stop::Nothing,
            Err(error) => return Err(error),
        })
    }

    /// A thread has made another, which may have stopped before this.
    fn birth(&mut self, parent: pid_t) -> io::Result<Stop> {
        let Some(child) = event_message(parent) else {
            return Ok(Stop::Nothing);
        };
        // Killed before its first step: its end may have been told already.
        if process::activity(child) == Activity::Gone {
            return Ok(Stop::Nothing);
        }
        let is_program = self.threads.get(&parent).is_some_and(|it| it.is_program);
        self.admit(child, is_program)?;
        Ok(Stop::Born { child })
    }

    /// Whichever thread called `exec`, it now has the id of its process, and all others
    /// of the process are gone without a word.
    fn exec(&mut self, process: pid_t) -> Stop {
        let former = event_message(process).unwrap_or(process);
        self.threads.insert(process, Thread::new(true));
        self.threads.retain(|&thread, _| process::exists(thread));
        Stop::Exec { former }
    }

    /// Lets a stopped thread go on; with `awaits_exit` to the end of the call that it is
    /// about to make.
    pub(crate) fn go(&mut self, thread: pid_t, awaits_exit: bool) {
        let Some(state) = self.threads.get_mut(&thread) else {
            return;
        };
        state.awaits_exit |= awaits_exit;
        let how = match state.restart {
            Restart::Listen => Restart::Listen,
            // Only PTRACE_SYSCALL stops at the exit, also past a signal in between.
            _ if state.awaits_exit || (state.is_program && !self.has_filter) => Restart::ToSyscall,
            _ => Restart::Continue,
        };
        let signal = std::mem::take(&mut state.signal);
        // Should it be gone (ESRCH), its end is yet to be told.
        let _ = sys::restart(thread, how, signal);
    }
}

impl Thread {
    fn new(is_program: bool) -> Self {
        Self {
            awaits_exit: false,
            is_program,
            signal: 0,
            restart: Restart::Continue,
        }
    }
}

/// The id that goes with an event; `None` if the thread is gone.
fn event_message(thread: pid_t) -> Option<pid_t> {
    let message = ptrace::getevent(Pid::from_raw(thread)).ok()?;
    pid_t::try_from(message).ok()
}
