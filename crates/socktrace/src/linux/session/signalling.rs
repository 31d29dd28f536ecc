//! Signals to the programs, and those that they get.

use std::time::{Duration, Instant};

use libc::{c_int, pid_t};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Session;
use crate::linux::program::Running;
use crate::linux::signals::Sender;
use crate::linux::sys;
use crate::record::Side;

/// What all that is left gets to die of SIGKILL, or to stop.
const DEATH_TIME: Duration = Duration::from_secs(1);

impl Session {
    /// Stops like the programs, which the terminal has sent the same Ctrl-Z, until `fg`.
    pub(crate) fn sleep(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + DEATH_TIME;
        while Instant::now() < deadline {
            let mut threads = self.tracer.threads();
            if threads.all(|thread| self.asleep.contains(&thread)) {
                break;
            }
            drop(threads);
            self.turn(Some(Duration::from_millis(5)), None)?;
        }
        Ok(kill(Pid::this(), Signal::SIGSTOP)?)
    }

    /// A thread is stopped by a signal, and gets it when it goes on.
    pub(super) fn signalled(&mut self, thread: pid_t, signal: c_int) {
        self.recorder.signal(thread, signal, false);
        let process = self.recorder.process(thread);
        let is_it = |program: &Running| Some(program.process()) == process;
        if self.programs.iter().any(is_it)
            && let Some(sender) = sys::sender(thread)
        {
            self.sent.add(signal, sender);
        }
    }

    /// True if a program itself was sent this signal just now.
    pub(crate) fn was_sent(&mut self, signal: Signal, sender: Sender) -> bool {
        self.sent.take(signal, sender)
    }

    /// True if a program gets what is sent to our whole process group.
    pub(crate) fn shares_group(&self) -> bool {
        self.programs.iter().any(Running::shares_our_group)
    }

    /// Sends a signal to the process that a side began with; if only children of that are
    /// left, to all of them.
    pub(crate) fn signal_program(&self, side: Side, signal: Signal) {
        let mut programs = self.programs.iter();
        match programs.find(|it| it.side == side && it.status.is_none()) {
            // Whoever is gone needs none.
            Some(program) => drop(kill(Pid::from_raw(program.process()), signal)),
            None => self.signal(side, signal),
        }
    }

    /// Sends a signal to all processes of a side.
    pub(crate) fn signal(&self, side: Side, signal: Signal) {
        let mut processes: Vec<pid_t> = self
            .recorder
            .threads_of(side)
            .map(|(_, process)| process)
            .collect();
        processes.sort_unstable();
        processes.dedup();
        for process in processes {
            // Whoever is gone needs none.
            let _ = kill(Pid::from_raw(process), signal);
        }
    }

    /// Kills all that is left.
    pub(crate) fn kill_all(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + DEATH_TIME;
        self.held.clear();
        self.settings.holds = false;
        while self.tracer.has_threads() && Instant::now() < deadline {
            // Again and again: a child may be made while others die.
            for thread in self.tracer.threads().collect::<Vec<_>>() {
                let _ = kill(Pid::from_raw(thread), Signal::SIGKILL);
            }
            self.turn(Some(Duration::from_millis(5)), None)?;
        }
        Ok(())
    }
}
