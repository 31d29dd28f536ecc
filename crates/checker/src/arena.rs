//! Where a row meets the program under test.

use std::cell::{Cell, RefCell};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitStatus;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::fixed_port::{wait_until_free, who_listens_on};
use crate::outcome::{Miss, Outcome, ensure, limit_of};
use crate::peer::{Manner, Peer};
use crate::span::span;
use crate::subject::{Subject, Wanted};
use crate::system::{Listening, Order, Process, Signal, Usage, choose_port, is_free, said};
use crate::trial::{STOPPED, Trial};

/// How long a program may take until it listens: interpreters and virtual machines
/// are slow to start on a machine that does other things too.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(20);

/// How long a program may listen elsewhere only: some have several ports, one by one.
const ELSEWHERE: Duration = Duration::from_secs(2);

/// How often the table of sockets is looked at while a program starts: the longer it takes,
/// the less often.
const LOOK_INTERVALS: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(20)];

const NO_PROCESS: &str = "needs the server's process, and --connect gives none";

/// One row's access to the program.
#[derive(Debug)]
pub(crate) struct Arena<'a> {
    pub(crate) trial: &'a Trial,
    /// When the row has to be over.
    end: Cell<Instant>,
    /// When no time is left for the program, if there is such a time.
    budget_end: Option<Instant>,
    /// What servers said that didn't end well by themselves.
    last_words: RefCell<Vec<String>>,
    /// What a reader of a failure has to know of the program as well.
    notes: RefCell<Vec<String>>,
}

/// The server under test, running.
#[derive(Debug)]
pub(crate) struct Server<'a> {
    pub(crate) arena: &'a Arena<'a>,
    process: Option<Process>,
    pub(crate) address: SocketAddr,
    /// All that its processes listen on, as far as the system tells.
    pub(crate) listens_on: Vec<SocketAddr>,
    /// The sockets on which it listens there.
    listeners: Vec<u64>,
    /// Without a table of sockets, the connection by which it was found; it is used.
    first: RefCell<Option<TcpStream>>,
    /// True once a client has come.
    is_met: Cell<bool>,
}

impl<'a> Arena<'a> {
    /// For a row that may take that `long`, as far as there is time until `budget_end`.
    pub(crate) fn new(trial: &'a Trial, long: Duration, budget_end: Option<Instant>) -> Self {
        Self {
            trial,
            end: Cell::new(Instant::now() + long),
            budget_end,
            last_words: RefCell::default(),
            notes: RefCell::default(),
        }
    }

    /// An end of all waiting: by the person who asked for the verdict, or by the budget.
    pub(crate) fn check_time(&self) -> Outcome {
        if self.trial.is_interrupted() {
            return Err(Miss::not_judged(STOPPED));
        }
        let Manner { end, why_over, .. } = self.manner();
        ensure(Instant::now() <= end, || Miss::not_judged(why_over))
    }

    /// How this row talks to the program.
    pub(crate) fn manner(&self) -> Manner {
        let end = self.end.get();
        let budget_end = self.budget_end.filter(|budget_end| *budget_end < end);
        Manner {
            speech: self.trial.speech(),
            patience: self.trial.patience,
            end: budget_end.unwrap_or(end),
            why_over: match budget_end {
                Some(_) => "the time budget is used up",
                None => "it wasn't over in the time that a row has",
            },
        }
    }

    /// What is to be told beside a failure.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.take()
    }

    /// What the servers of this row had to say.
    pub(crate) fn last_words(&self) -> Vec<String> {
        self.last_words.take()
    }

    /// Ends a row that looks into the server's process, or ends it, where there is none.
    pub(crate) fn needs_process(&self) -> Outcome {
        let has_process = matches!(self.trial.subject, Subject::Command(_));
        ensure(has_process, || Miss::not_judged(NO_PROCESS))
    }

    /// A server, started fresh.
    pub(crate) fn serve(&self) -> Outcome<Server<'_>> {
        self.serve_as(|_| ())
    }

    /// A server, started fresh by a command that is changed first.
    pub(crate) fn serve_as(&self, change: impl Fn(&mut Order)) -> Outcome<Server<'_>> {
        let port = self.port()?;
        let result = self.serve_at(port, &change);
        if result.is_err() && self.has_waited_for_port(port)? {
            return self.serve_at(port, change);
        }
        result
    }

    /// True if the program couldn't listen on its fixed port, since the system held it.
    fn has_waited_for_port(&self, port: u16) -> Outcome<bool> {
        match self.trial.fixed_port {
            Some(_) => {
                let begin = Instant::now();
                let check_time = || self.check_time();
                let has_waited = wait_until_free(self.address(port), self.trial.tell, check_time);
                // That was the machine's time, and not the program's.
                self.end.set(self.end.get() + begin.elapsed());
                has_waited
            }
            None => Ok(false),
        }
    }

    fn address(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.trial.host, port)
    }

    /// A server, started fresh on `port`.
    pub(crate) fn serve_at(&self, port: u16, change: impl Fn(&mut Order)) -> Outcome<Server<'_>> {
        let trial = self.trial;
        let mut order = match &trial.subject {
            Subject::Running(address) => return Ok(Server::new(self, None, *address)),
            Subject::Command(template) => template.order(
                &trial.host.to_string(),
                &port.to_string(),
                Wanted::default(),
            ),
        };
        change(&mut order);
        let address = self.address(port);
        // The table tells who, and is long to read.
        let before = match is_free(address) {
            true => Vec::new(),
            false => Listening::now().in_the_way_of(address),
        };
        let begin = Instant::now();
        let process = Process::start(&order)?;
        let mut server = Server::new(self, Some(process), address);
        server.wait_until_it_listens(&before)?;
        let took = u64::try_from(begin.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        trial.slowest_start.fetch_max(took, Ordering::Relaxed);
        trial.foreign.learn(server.process()?);
        Ok(server)
    }

    /// A port for a server.
    pub(crate) fn port(&self) -> Outcome<u16> {
        match self.trial.fixed_port {
            Some(port) => match who_listens_on(self.address(port)) {
                Some(owner) => Err(Miss::not_judged(owner)),
                None => Ok(port),
            },
            None => choose_port(self.trial.host),
        }
    }

    /// Starts the server once if that hasn't been done: what it says and how long it takes
    /// then, a good start says and takes.
    pub(crate) fn know_start(&self) -> Outcome {
        match self.trial.slowest_start.load(Ordering::Relaxed) {
            0 => self.serve()?.connect().map(|_| ()),
            _ => Ok(()),
        }
    }

    /// `limit`, and as long again as this program takes to start: a virtual machine
    /// isn't slow to answer because it is slow to come up.
    pub(crate) fn with_start(&self, limit: Duration) -> Duration {
        limit + Duration::from_millis(self.trial.slowest_start.load(Ordering::Relaxed))
    }
}

impl<'a> Server<'a> {
    fn new(arena: &'a Arena<'a>, process: Option<Process>, address: SocketAddr) -> Self {
        Self {
            arena,
            process,
            address,
            listens_on: Vec::new(),
            listeners: Vec::new(),
            first: RefCell::default(),
            is_met: Cell::default(),
        }
    }

    /// Waits for a listener on its port other than those that were there `before`.
    fn wait_until_it_listens(&mut self, before: &[u64]) -> Outcome {
        let begin = Instant::now();
        let [shortest, longest] = LOOK_INTERVALS;
        let mut last_elsewhere = begin;
        loop {
            if self.is_listening(before)? {
                return Ok(());
            }
            match self.listens_on.first() {
                None => last_elsewhere = Instant::now(),
                Some(elsewhere) if last_elsewhere.elapsed() > ELSEWHERE => {
                    return Err(Miss::not_judged(format!(
                        "it listens on {elsewhere}, and not on {}: a port that is written in \
                         it has to be told by --port",
                        self.address
                    )));
                }
                Some(_) => {}
            }
            let process = self.process()?;
            let port = self.address.port();
            if let Some(reason) = process.tree().why_ended() {
                return Err(Miss::not_judged(format!(
                    "the checker ended it before it listened: {reason}"
                )));
            }
            // One that goes on in the background is waited for as well.
            let goes_on = |status: &ExitStatus| status.success() && process.tree().usage().is_ok();
            if let Some(status) = process.ended().filter(|status| !goes_on(status)) {
                process.status(Duration::from_millis(200));
                return Err(Miss::not_judged(format!(
                    "it ended ({status}) before it listened on port {port}{}",
                    said(&process.stderr(), &process.stdout_text())
                )));
            }
            self.arena.check_time()?;
            if begin.elapsed() > START_LIMIT {
                return Err(Miss::not_judged(format!(
                    "after {} it didn't listen on port {port}{}",
                    span(START_LIMIT),
                    said(&process.stderr(), &process.stdout_text())
                )));
            }
            thread::park_timeout((begin.elapsed() / 8).clamp(shortest, longest));
        }
    }

    fn is_listening(&mut self, before: &[u64]) -> Outcome<bool> {
        let Some(process) = &self.process else {
            return Ok(true);
        };
        let seen = process.tree().sockets();
        self.listeners.clear();
        self.listens_on.clear();
        if seen.is_all && seen.inodes.is_empty() {
            return Ok(false);
        }
        match Listening::now() {
            Listening::On(everybody) => {
                let port = self.address.port();
                // Of sockets that can't be seen it is told by the port, and by the time:
                // on how many other ports it listens, nobody can say.
                let is_new = |inode: &u64| !seen.is_all && !before.contains(inode);
                let is_own = |inode: &u64| seen.inodes.contains(inode);
                for (address, inode) in everybody {
                    if address.port() == port && (is_own(&inode) || is_new(&inode)) {
                        self.listeners.push(inode);
                    }
                    if seen.is_all && is_own(&inode) {
                        self.listens_on.push(address);
                    }
                }
                Ok(!self.listeners.is_empty())
            }
            Listening::Unknown => {
                let first = TcpStream::connect(self.address);
                if let Some(limit) = first.as_ref().err().and_then(limit_of) {
                    return Err(Miss::not_judged(limit));
                }
                self.first = RefCell::new(first.ok());
                Ok(self.first.borrow().is_some())
            }
        }
    }

    /// A new connection to it.
    pub(crate) fn connect(&self) -> Outcome<Peer> {
        self.arena.check_time()?;
        // What it said at its start may have been on its way yet.
        if let Some(process) = &self.process
            && !self.is_met.replace(true)
        {
            self.arena.trial.foreign.learn(process);
        }
        match self.first.take() {
            Some(stream) => Peer::new(stream, self.address, self.arena.manner()),
            None => Peer::connect(self.address, self.arena.manner()),
        }
    }

    /// A new connection with a small receive buffer.
    pub(crate) fn connect_narrow(&self) -> Outcome<Peer> {
        self.arena.check_time()?;
        match self.first.take() {
            Some(stream) => Peer::narrowed(stream, self.address, self.arena.manner()),
            None => Peer::connect_narrow(self.address, self.arena.manner()),
        }
    }

    /// A new connection, if it is made within `limit`.
    pub(crate) fn connect_within(&self, limit: Duration) -> Outcome<Peer> {
        let manner = self.arena.manner();
        let patience = limit;
        let mut peer = Peer::connect(self.address, Manner { patience, ..manner })?;
        peer.be_patient_for(manner.patience);
        Ok(peer)
    }

    /// `n` new connections.
    pub(crate) fn connect_many(&self, n: usize) -> Outcome<Vec<Peer>> {
        (0..n).map(|_| self.connect()).collect()
    }

    /// The server's process.
    pub(crate) fn process(&self) -> Outcome<&Process> {
        let process = self.process.as_ref();
        process.ok_or_else(|| Miss::not_judged(NO_PROCESS))
    }

    /// What the server's processes use now.
    pub(crate) fn usage(&self) -> Outcome<Usage> {
        let process = self.process()?;
        process
            .tree()
            .usage()
            .map_err(|miss| match process.ended() {
                Some(status) => Miss::fails(
                    "what this row sends",
                    "a server that goes on",
                    format!("it has ended ({status})"),
                ),
                None => miss,
            })
    }

    /// Sends a signal to the process that listens, which a wrapper may have started.
    pub(crate) fn signal(&self, signal: Signal) -> Outcome {
        let tree = self.process()?.tree();
        let Some([owner, root]) = tree.behind_a_wrapper(&self.listeners) else {
            return tree.signal(signal, None);
        };
        let note = format!(
            "signals went to {owner}, which listens, and not to {root}, which started it: a \
             wrapper that ends by `exec` would be one process with it"
        );
        let mut notes = self.arena.notes.borrow_mut();
        if notes.is_empty() {
            notes.push(note);
        }
        tree.signal(signal, Some(&owner))
    }

    /// Waits for its end.
    pub(crate) fn status(&self, within: Duration) -> Outcome<Option<ExitStatus>> {
        Ok(self.process()?.status(within))
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let Some(process) = &self.process else {
            return;
        };
        let ended_well = process.ended().is_none_or(|status| status.success());
        if (!ended_well || process.tree().why_ended().is_some())
            && let Some(words) = process.last_words(|| self.arena.trial.foreign.own_words(process))
        {
            self.arena.last_words.borrow_mut().push(words);
        }
    }
}
