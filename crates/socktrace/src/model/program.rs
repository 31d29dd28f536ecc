//! A program: its processes and threads, and what they have done.

use std::collections::BTreeMap;

use crate::record::{Call, Exit, Outcome, Thread, Wait};

/// One of the programs, with all its processes and threads.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Those that run.
    pub threads: BTreeMap<u32, ThreadLife>,
    /// How many threads were ever seen.
    pub n_threads: u64,
    /// How many processes.
    pub n_processes: u64,
    /// What it has become by `execve`.
    pub path: Option<String>,
    /// Calls that have ended.
    pub n_calls: u64,
    /// Those of them that have failed.
    pub n_failed: u64,
    /// Signals that have come.
    pub n_signals: u64,
    /// The calls that wait now, by thread.
    pub waits: BTreeMap<u32, Wait>,
    /// How the process ended that ended last.
    pub exit: Option<Exit>,
}

/// A thread that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadLife {
    /// Its process.
    pub process: u32,
    /// The thread that made it.
    pub parent: Option<u32>,
}

impl Program {
    /// It has run, and no thread of it is left.
    pub fn is_gone(&self) -> bool {
        self.threads.is_empty() && self.exit.is_some()
    }

    pub(super) fn begin(&mut self, thread: &Thread) {
        let Thread {
            process, parent, ..
        } = *thread;
        let life = ThreadLife { process, parent };
        self.n_threads += 1;
        self.n_processes += u64::from(thread.thread == process);
        self.threads.insert(thread.thread, life);
    }

    pub(super) fn wait(&mut self, wait: &Wait) {
        self.waits.insert(wait.thread, wait.clone());
    }

    pub(super) fn count(&mut self, call: &Call) {
        self.n_calls += 1;
        self.n_failed += u64::from(matches!(call.result, Outcome::Failed(_)));
        self.waits.remove(&call.thread);
    }

    pub(super) fn end(&mut self, exit: &Exit) {
        self.threads.remove(&exit.thread);
        self.waits.remove(&exit.thread);
        if exit.thread == exit.process {
            self.exit = Some(exit.clone());
        }
    }
}
