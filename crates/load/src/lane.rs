//! One connection after another, and the messages under way on it.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::dialogue::{Dialogue, Received, Wrong};
use super::flags::Plan;
use super::schedule::Schedule;
use super::tally::{Failure, Tally};
use crate::incoming::Incoming;
use crate::outgoing::Outgoing;
use crate::shared::READ_SIZE;
use crate::stream::Stream;

/// What messages are counted under that were due, and could not be sent.
pub(super) const NEVER_SENT: &str = "never sent";

/// What all lanes share, since only one has its turn at a time.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) plan: &'a Plan,
    pub(super) schedule: Schedule,
    pub(super) tally: Tally,
    /// The time, as of the last answer or of this turn of the loop.
    pub(super) now: Instant,
    pub(super) input: Box<[u8]>,
    pub(super) output: Vec<u8>,
}

/// A place for one connection at a time.
#[derive(Debug)]
pub(super) struct Lane<D> {
    key: usize,
    dialogue: D,
    state: State,
    incoming: Incoming,
    outgoing: Outgoing,
    /// When each message under way was due.
    under_way: VecDeque<Instant>,
    /// Messages that are due, and not sent yet.
    n_owed: u64,
    /// Messages that are no longer owed.
    n_paid: u64,
    /// When a message began to wait for the connection that it is to be sent on.
    wanted_since: Option<Instant>,
    /// When a byte last moved, or a message began to wait for an answer.
    last_progress: Instant,
    /// What comes is read.
    reads: bool,
    /// The engine has it in its queue.
    pub(super) is_queued: bool,
}

#[derive(Debug)]
enum State {
    /// There is no connection, for there is nothing to say.
    Closed,
    Connecting(TcpStream),
    Open(TcpStream),
    /// Given up.
    Failed,
}

/// What the engine has to know of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// An event, or an owed message, will tell when there is more to do.
    Wait,
    /// There is more to do at once.
    GoOn,
    /// A connection is to be opened for what there is to say.
    Connect,
}

impl<D: Dialogue> Lane<D> {
    pub(super) fn new(key: usize, dialogue: D, plan: &Plan, now: Instant) -> Self {
        Self {
            key,
            dialogue,
            state: State::Closed,
            incoming: Incoming::default(),
            outgoing: Outgoing::new(false),
            under_way: VecDeque::new(),
            n_owed: 0,
            n_paid: 0,
            wanted_since: None,
            last_progress: now,
            reads: !plan.never_read,
            is_queued: false,
        }
    }

    pub(super) fn is_connecting(&self) -> bool {
        matches!(self.state, State::Connecting(_))
    }

    pub(super) fn has_failed(&self) -> bool {
        matches!(self.state, State::Failed)
    }

    /// True if an answer, or a connection, is waited for.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_connecting() || !self.under_way.is_empty()
    }

    /// True if the system has taken all that was to be sent.
    pub(super) fn is_flushed(&self) -> bool {
        self.outgoing.is_empty()
    }

    pub(super) fn last_progress(&self) -> Instant {
        self.last_progress
    }

    /// A message more is due.
    pub(super) fn owe(&mut self, tally: &mut Tally) {
        self.n_owed += 1;
        tally.n_owed += 1;
    }

    pub(super) fn note_event(&mut self, event: &mio::event::Event) {
        let is_special = event.is_read_closed() || event.is_error();
        let tells_of_input = event.is_readable() || is_special;
        if tells_of_input && self.reads {
            self.incoming.note_readable(is_special);
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            self.outgoing.set_writable(true);
        }
    }

    /// Begins to connect.
    pub(super) fn connect(
        &mut self,
        address: SocketAddr,
        registry: &Registry,
        shared: &Shared<'_>,
    ) -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        // It fails if the server is gone, which the first write tells, too.
        let _ = common::set_no_delay(&stream);
        let interest = match self.reads {
            true => Interest::READABLE | Interest::WRITABLE,
            false => Interest::WRITABLE,
        };
        registry.register(&mut stream, Token(self.key), interest)?;
        self.incoming = Incoming::default();
        self.outgoing = Outgoing::new(false);
        if shared.schedule.has_started() {
            self.wanted_since.get_or_insert(shared.now);
        }
        self.last_progress = shared.now;
        self.state = State::Connecting(stream);
        Ok(())
    }

    /// Forgets what was counted.
    pub(super) fn restart(&mut self) {
        self.n_paid = 0;
    }

    /// Drops a connection that was not established, perhaps for another one.
    pub(super) fn abandon(&mut self) {
        self.state = State::Closed;
        self.incoming = Incoming::default();
    }

    /// Closes the connection for good. What was under way is lost.
    pub(super) fn give_up(&mut self, shared: &mut Shared<'_>) {
        let has_turn = self.n_owed > 0 || !self.under_way.is_empty();
        if has_turn {
            shared.schedule.forfeit();
        }
        shared.tally.give_up_requests(self.under_way.len());
        for due in self.under_way.drain(..) {
            shared.tally.count_latency(due, shared.now);
        }
        self.stop_owing(shared);
        self.state = State::Failed;
    }

    /// Nothing more will be sent. What was due and isn't sent is counted, with the time
    /// that it has waited for so far: leaving it out would flatter the latencies.
    pub(super) fn stop_owing(&mut self, shared: &mut Shared<'_>) {
        if !shared.schedule.is_on_answer() && self.n_owed > 0 {
            shared.tally.n_requested += self.n_owed;
            shared.tally.count_errors(NEVER_SENT, self.n_owed);
        }
        for nth in self.n_paid..self.n_paid + self.n_owed {
            if let Some(due) = shared.schedule.due(self.key, nth) {
                shared.tally.count_latency(due, shared.now);
            }
        }
        shared.tally.n_owed -= self.n_owed;
        // The next one that it owes is a later one.
        self.n_paid += self.n_owed;
        self.n_owed = 0;
    }

    /// Reads once, counts the answers, sends what is due.
    pub(super) fn turn(&mut self, shared: &mut Shared<'_>) -> Result<Next, Failure> {
        if self.outgoing.is_writable() {
            self.establish(shared)?;
        }
        self.flush(shared)?;
        if self.incoming.is_readable() {
            self.read(shared)?;
        }
        match &self.state {
            State::Failed | State::Connecting(_) => return Ok(Next::Wait),
            State::Closed if self.next_due(shared).is_some() => {
                if self.n_owed == 0 {
                    // The message is kept for the connection that is opened for it.
                    self.owe(&mut shared.tally);
                }
                return Ok(Next::Connect);
            }
            State::Closed => return Ok(Next::Wait),
            State::Open(_) => self.send(shared)?,
        }
        let can_send = self.outgoing.is_empty() && self.next_due(shared).is_some();
        Ok(match self.incoming.is_readable() || can_send {
            true => Next::GoOn,
            false => Next::Wait,
        })
    }

    fn establish(&mut self, shared: &mut Shared<'_>) -> Result<(), Failure> {
        let State::Connecting(stream) = &self.state else {
            return Ok(());
        };
        match stream.is_established() {
            Ok(true) => {}
            Ok(false) => {
                self.outgoing.set_writable(false);
                return Ok(());
            }
            Err(error) => return Err(Failure::Connect(error)),
        }
        if let State::Connecting(stream) = std::mem::replace(&mut self.state, State::Closed) {
            self.state = State::Open(stream);
        }
        shared.tally.n_connections += 1;
        Ok(())
    }

    /// Sends what the system has not taken yet.
    fn flush(&mut self, shared: &mut Shared<'_>) -> Result<(), Failure> {
        if let State::Open(stream) = &mut self.state
            && !self.outgoing.is_empty()
        {
            let n_taken = self.outgoing.flush(stream).map_err(Failure::Lost)?;
            shared.tally.n_bytes_sent += n_taken as u64;
            if n_taken > 0 {
                self.last_progress = shared.now;
            }
        }
        Ok(())
    }

    fn read(&mut self, shared: &mut Shared<'_>) -> Result<(), Failure> {
        let State::Open(stream) = &mut self.state else {
            return Ok(());
        };
        let read = self.incoming.read(stream, &mut shared.input);
        let Some(n_read) = read.map_err(Failure::Lost)? else {
            return Ok(());
        };
        shared.now = Instant::now();
        self.last_progress = shared.now;
        if n_read == 0 {
            return self.end_of_input(shared);
        }
        shared.tally.n_bytes_received += n_read as u64;
        let input = std::mem::take(&mut shared.input);
        let result = self.take_answers(&input[..n_read], shared);
        shared.input = input;
        result
    }

    fn take_answers(&mut self, mut input: &[u8], shared: &mut Shared<'_>) -> Result<(), Failure> {
        while !input.is_empty() {
            let Some(&due) = self.under_way.front() else {
                return Err(Failure::Wrong(Wrong {
                    kind: "wrong bytes",
                    detail: "more came back than was sent".into(),
                }));
            };
            let received = self.dialogue.receive(input).map_err(Failure::Wrong)?;
            let Received::Answer { n_taken, goes_on } = received else {
                return Ok(());
            };
            input = &input[n_taken..];
            self.under_way.pop_front();
            shared.tally.count_answer(due, shared.now);
            shared.schedule.queue(self.key);
            if !goes_on || shared.plan.reconnect {
                self.close(shared);
                return Ok(());
            }
        }
        Ok(())
    }

    fn end_of_input(&mut self, shared: &mut Shared<'_>) -> Result<(), Failure> {
        if !self.under_way.is_empty() {
            return Err(Failure::ClosedEarly);
        }
        self.close(shared);
        Ok(())
    }

    /// Ends a connection that has served its purpose. What is still under way will be
    /// sent on the next one.
    fn close(&mut self, shared: &mut Shared<'_>) {
        let n_unanswered = self.under_way.len();
        shared.tally.take_back_requests(n_unanswered);
        self.under_way.clear();
        if !shared.schedule.is_on_answer() {
            self.n_owed += n_unanswered as u64;
            shared.tally.n_owed += n_unanswered as u64;
            self.n_paid -= n_unanswered as u64;
        }
        self.dialogue.restart();
        self.state = State::Closed;
    }

    /// When the message was due that is to be sent now, if there is one.
    fn next_due(&self, shared: &Shared<'_>) -> Option<Instant> {
        let depth = match self.dialogue.may_pipeline() {
            true => shared.schedule.depth(),
            false => 1,
        };
        if self.under_way.len() >= depth {
            return None;
        }
        if self.n_owed == 0 {
            let n_promised = shared.tally.n_requested + shared.tally.n_owed;
            let is_free =
                shared.schedule.is_on_answer() && shared.schedule.is_open(n_promised, shared.now);
            return is_free.then_some(shared.now);
        }
        let due = shared.schedule.due(self.key, self.n_paid);
        Some(due.unwrap_or(shared.now))
    }

    fn send(&mut self, shared: &mut Shared<'_>) -> Result<(), Failure> {
        let was_idle = self.under_way.is_empty();
        shared.output.clear();
        // Whole messages, as many as one write may take, and at least one.
        while self.outgoing.is_empty()
            && shared.output.len() < READ_SIZE
            && let Some(due) = self.next_due(shared)
        {
            self.dialogue.request(&mut shared.output);
            if shared.plan.never_read {
                shared.tally.n_requested += 1;
                continue;
            }
            shared.tally.count_request();
            let due = self.wanted_since.take().map_or(due, |since| since.min(due));
            self.under_way.push_back(due);
            if self.n_owed > 0 {
                self.n_owed -= 1;
                shared.tally.n_owed -= 1;
                self.n_paid += 1;
            }
        }
        if shared.output.is_empty() {
            return Ok(());
        }
        if was_idle {
            self.last_progress = shared.now;
        }
        if let State::Open(stream) = &mut self.state {
            let n_taken = self.outgoing.send(stream, &shared.output);
            shared.tally.n_bytes_sent += n_taken.map_err(Failure::Lost)? as u64;
        }
        Ok(())
    }
}
