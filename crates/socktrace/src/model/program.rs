//! A program: its processes and threads, and what they have done.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Call, Exit, Outcome, Thread, Wait};

/// One of the programs, with all its processes and threads.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Its first process, whose status is the program's.
    pub process: Option<u32>,
    /// The threads that run.
    pub threads: BTreeSet<u32>,
    /// How many threads were ever seen.
    pub n_threads: u64,
    /// How many processes.
    pub n_processes: u64,
    /// Calls that have ended.
    pub n_calls: u64,
    /// Those of them that have failed.
    pub n_failed: u64,
    /// The calls that wait now, by thread.
    pub waits: BTreeMap<u32, Wait>,
    /// How its first process ended.
    pub exit: Option<Exit>,
}

impl Program {
    /// It has run, and no thread of it is left.
    pub fn is_gone(&self) -> bool {
        self.threads.is_empty() && self.exit.is_some()
    }

    pub(super) fn begin(&mut self, thread: &Thread) {
        self.process.get_or_insert(thread.process);
        self.n_threads += 1;
        self.n_processes += u64::from(thread.thread == thread.process);
        self.threads.insert(thread.thread);
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
        if exit.thread == self.process.unwrap_or(exit.process) {
            self.exit = Some(exit.clone());
        }
    }
}
