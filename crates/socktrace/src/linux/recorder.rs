//! From stops to records: what a stopped thread is about to do or has done, decoded, and
//! tied to its sockets.

mod calls;
mod concern;
mod restarts;
mod unseen;

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use libc::{c_int, pid_t};

use self::calls::Watched;
use super::decode;
use super::process::{self, Activity};
use crate::record::{Exec, Exit, Micros, Note, Output, Record, Side, Signal, Thread};
use crate::tracker::Tracker;

/// How a run is recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detail {
    /// How many bytes of each call are kept.
    pub(crate) bytes: usize,
    /// The state of the sockets is told after each call.
    pub(crate) states: bool,
    /// And looked for in the table of all sockets, once no program has them any more.
    pub(crate) orphans: bool,
}

/// Makes records.
pub(crate) struct Recorder {
    /// When the first program began.
    clock: Instant,
    programs: usize,
    detail: Detail,
    threads: HashMap<pid_t, Watched>,
    tracker: Tracker,
    records: Vec<Record>,
    /// What has been said, and need not be said again.
    said: HashSet<String>,
    /// Root looks into every process.
    may_see_all: bool,
    is_told_of_hidden: bool,
    /// Where each side listens, first.
    listening: HashMap<Side, String>,
    /// The first UDP socket that each side has bound. It may be its service, or have to do
    /// with something else.
    bound: HashMap<Side, String>,
}

impl Recorder {
    pub(crate) fn new(detail: Detail) -> Self {
        Self {
            clock: Instant::now(),
            programs: 0,
            detail,
            threads: HashMap::new(),
            tracker: Tracker::default(),
            records: Vec::new(),
            said: HashSet::new(),
            may_see_all: rustix::process::geteuid().is_root(),
            is_told_of_hidden: false,
            listening: HashMap::new(),
            bound: HashMap::new(),
        }
    }

    /// Takes the records that are ready.
    pub(crate) fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// True if there are such.
    pub(crate) fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    pub(crate) fn n_calls(&self) -> u64 {
        self.tracker.n_calls()
    }

    /// Microseconds since the beginning.
    pub(crate) fn now(&self) -> Micros {
        Micros::try_from(self.clock.elapsed().as_micros()).unwrap_or(Micros::MAX)
    }

    /// The address at which a side listens.
    pub(crate) fn listening(&self, side: Side) -> Option<&str> {
        self.listening.get(&side).map(String::as_str)
    }

    /// The address at which a side would get datagrams.
    pub(crate) fn bound(&self, side: Side) -> Option<&str> {
        self.bound.get(&side).map(String::as_str)
    }

    pub(crate) fn side(&self, thread: pid_t) -> Option<Side> {
        Some(self.threads.get(&thread)?.side)
    }

    pub(crate) fn process(&self, thread: pid_t) -> Option<pid_t> {
        Some(self.threads.get(&thread)?.process)
    }

    /// The threads of a side, with their processes.
    pub(crate) fn threads_of(&self, side: Side) -> impl Iterator<Item = (pid_t, pid_t)> {
        let threads = self.threads.iter();
        threads
            .filter(move |(_, watched)| watched.side == side)
            .map(|(&thread, watched)| (thread, watched.process))
    }

    /// The first thread of a side. It is told of when it has become its program.
    pub(crate) fn start(&mut self, process: pid_t, side: Side) {
        self.threads.insert(process, Watched::new(process, side));
    }

    /// A thread has made another.
    pub(crate) fn born(&mut self, parent: pid_t, child: pid_t) {
        let Some(side) = self.side(parent) else {
            return;
        };
        let process = process::process_and_parent(child).map_or(child, |(process, _)| process);
        self.threads.insert(child, Watched::new(process, side));
        self.tell_thread(child, Some(parent));
    }

    fn tell_thread(&mut self, thread: pid_t, parent: Option<pid_t>) {
        let watched = &self.threads[&thread];
        let record = Thread {
            at: self.now(),
            side: watched.side,
            process: watched.process.cast_unsigned(),
            thread: thread.cast_unsigned(),
            parent: parent.map(pid_t::cast_unsigned),
        };
        self.records.push(Record::Thread(record));
    }

    /// True once there is a program to tell of.
    pub(crate) fn has_begun(&self) -> bool {
        self.programs > 0
    }

    /// A side has become its program: its first thread begins.
    pub(crate) fn begin_program(&mut self, process: pid_t) {
        if self.programs == 0 {
            self.clock = Instant::now();
        }
        self.programs += 1;
        self.tell_thread(process, None);
        self.tell_peculiarity(process);
    }

    /// A process goes on as another program. Of its threads, only the first is left.
    pub(crate) fn exec(&mut self, process: pid_t, former: pid_t) {
        let Some(side) = self.side(former) else {
            return;
        };
        let mut others: Vec<pid_t> = self.threads_of(side).map(|(thread, _)| thread).collect();
        others.retain(|thread| self.process(*thread) == Some(process));
        for thread in others {
            let why = "its process went on as another program";
            self.lose_call(thread, why);
            self.threads.remove(&thread);
        }
        self.threads.insert(process, Watched::new(process, side));
        let path = process::program(process).unwrap_or_default();
        let record = Exec {
            at: self.now(),
            side,
            process: process.cast_unsigned(),
            path: path.to_string_lossy().into_owned(),
        };
        self.records.push(Record::Exec(record));
        self.tell_peculiarity(process);
    }

    fn tell_peculiarity(&mut self, process: pid_t) {
        if let Some(peculiarity) = process::peculiarity(process) {
            let path = process::program(process).unwrap_or_default();
            let text = format!("{} {peculiarity}", path.display());
            self.say_once(self.side(process), text);
        }
    }

    /// A signal has arrived, or has stopped the process.
    pub(crate) fn signal(&mut self, thread: pid_t, signal: c_int, stopped: bool) {
        let Some(side) = self.side(thread) else {
            return;
        };
        let record = Signal {
            at: self.now(),
            side,
            thread: thread.cast_unsigned(),
            name: decode::signal(signal),
            stopped,
        };
        self.records.push(Record::Signal(record));
    }

    /// A thread is gone, with the status that `waitpid` gives.
    pub(crate) fn gone(&mut self, thread: pid_t, status: c_int) {
        self.lose_call(thread, "the thread ended");
        let Some(watched) = self.threads.remove(&thread) else {
            return;
        };
        let is_killed = libc::WIFSIGNALED(status);
        let record = Exit {
            at: self.now(),
            side: watched.side,
            process: watched.process.cast_unsigned(),
            thread: thread.cast_unsigned(),
            status: exit_status(status),
            signal: is_killed.then(|| decode::signal(libc::WTERMSIG(status))),
        };
        self.records.push(Record::Exit(record));
    }

    /// A process ended before it became the program that it was to be.
    pub(crate) fn never_began(&mut self, process: pid_t) {
        self.threads.remove(&process);
    }

    /// A program has written `bytes`.
    pub(crate) fn output(&mut self, side: Side, stream: &str, bytes: &[u8]) {
        let record = Output {
            at: self.now(),
            side,
            stream: stream.to_owned(),
            text: String::from_utf8_lossy(bytes).into_owned(),
        };
        self.records.push(Record::Output(record));
    }

    /// Says something that the reader should know, once.
    pub(crate) fn say_once(&mut self, side: Option<Side>, text: String) {
        if self.said.insert(text.clone()) {
            let at = self.now();
            self.records.push(Record::Note(Note { at, side, text }));
        }
    }

    /// Threads whose calls, about to end, may be what ends the call of `thread`.
    pub(crate) fn causes_under_way(&self, thread: pid_t) -> Vec<pid_t> {
        let threads = self.tracker.causes_under_way(thread.cast_unsigned());
        threads.into_iter().map(u32::cast_signed).collect()
    }

    /// True if a thread of `side` was seen to wait in its call.
    pub(crate) fn has_call_that_waits(&self, side: Side) -> bool {
        let mut threads = self.threads_of(side);
        threads.any(|(thread, _)| self.tracker.waits(thread.cast_unsigned()))
    }

    /// Looks which calls wait by now. Returns false if one is under way that may yet wait.
    pub(crate) fn notice_waits(&mut self) -> bool {
        self.notice_waits_but_of(None)
    }

    /// The same, where it's known that `stopped` doesn't wait: to ask the kernel what a
    /// thread does is a fifth of what a call costs here.
    pub(crate) fn notice_waits_but_of(&mut self, stopped: Option<pid_t>) -> bool {
        let mut is_settled = true;
        let stopped = stopped.map(pid_t::cast_unsigned);
        let under_way: Vec<u32> = self
            .tracker
            .not_seen_waiting()
            .filter(|thread| Some(*thread) != stopped)
            .collect();
        for thread in under_way {
            match process::activity(thread.cast_signed()) {
                Activity::Sleeps | Activity::SleepsDeeply => {
                    let at = self.now();
                    self.tracker.wait(thread, at);
                    self.records.extend(self.tracker.take());
                }
                // Its stop, or its end, is about to be told.
                Activity::Runs | Activity::Stopped | Activity::Gone => is_settled = false,
            }
        }
        is_settled
    }
}

/// The status as a shell has it.
pub(crate) fn exit_status(status: c_int) -> i32 {
    if libc::WIFSIGNALED(status) {
        return 128 + libc::WTERMSIG(status);
    }
    libc::WEXITSTATUS(status)
}
