//! One connection after another, and the messages under way on it.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use mio::event::Event;
use mio::{Registry, Token};
use multiconn::connection::READ_SIZE;

use crate::debts::Debts;
use crate::dialogue::{Dialogue, Received, Wrong};
use crate::failure::LaneFailure;
use crate::flags::Plan;
use crate::link::Link;
use crate::run_state::RunState;
use crate::under_way::UnderWay;

/// A place for one connection at a time.
#[derive(Debug)]
pub(crate) struct Lane<D> {
    key: usize,
    dialogue: D,
    link: Link,
    under_way: UnderWay,
    debts: Debts,
    /// When a message began to wait for the connection that it is to be sent on.
    wanted_since: Option<Instant>,
    /// When a byte last moved, or a message began to wait for an answer.
    last_progress: Instant,
    /// How many bytes of an answer have come that is not whole yet.
    n_unfinished: u64,
    /// This connection has brought an answer.
    has_answered: bool,
}

/// What the engine has to know of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// An event, or a message that is due, will tell when there is more to do.
    Wait,
    /// There is more to do at once.
    GoOn,
    /// A connection is to be opened for what there is to say.
    Connect,
}

impl<D: Dialogue> Lane<D> {
    pub(crate) fn new(key: usize, dialogue: D, plan: &Plan, now: Instant) -> Self {
        Self {
            key,
            dialogue,
            link: Link::new(!plan.never_read),
            under_way: UnderWay::new(plan.pace),
            debts: Debts::new(key),
            wanted_since: None,
            last_progress: now,
            n_unfinished: 0,
            has_answered: false,
        }
    }

    pub(crate) fn is_connecting(&self) -> bool {
        self.link.is_connecting()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.link.is_given_up()
    }

    /// True if an answer, or a connection, is waited for.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_connecting() || !self.under_way.is_empty()
    }

    /// True if the system has taken all that was to be sent.
    pub(crate) fn is_flushed(&self) -> bool {
        self.link.is_flushed()
    }

    /// How many bytes have come of an answer that is not whole yet.
    pub(crate) fn n_unfinished(&self) -> u64 {
        self.n_unfinished
    }

    pub(crate) fn last_progress(&self) -> Instant {
        self.last_progress
    }

    /// Since when a message has waited for a connection, if one does; from `now` on, if
    /// none did.
    pub(crate) fn wanted_since(&mut self, now: Instant) -> Instant {
        *self.wanted_since.get_or_insert(now)
    }

    /// True if a message waits for a connection.
    pub(crate) fn is_wanting(&self) -> bool {
        self.wanted_since.is_some()
    }

    /// A message more is due.
    pub(crate) fn owe(&mut self, run: &mut RunState<'_>) {
        self.debts.add(&mut run.tally);
    }

    /// Nothing more will be sent of what is due.
    pub(crate) fn write_off(&mut self, run: &mut RunState<'_>) {
        self.debts.write_off(run);
    }

    pub(crate) fn note_event(&mut self, event: &Event) {
        self.link.note_event(event);
    }

    /// Begins to connect.
    pub(crate) fn connect(
        &mut self,
        address: SocketAddr,
        registry: &Registry,
        run: &RunState<'_>,
    ) -> io::Result<()> {
        self.link.connect(address, registry, Token(self.key))?;
        self.n_unfinished = 0;
        self.has_answered = false;
        if run.schedule.has_started() {
            self.wanted_since.get_or_insert(run.now);
        }
        self.last_progress = run.now;
        Ok(())
    }

    /// Forgets what was counted.
    pub(crate) fn restart(&mut self) {
        self.debts.restart();
        self.wanted_since = None;
    }

    /// Drops a connection that was not established, perhaps for another one.
    pub(crate) fn abandon(&mut self) {
        self.link.close();
    }

    /// Closes the connection for good. What was under way is lost.
    pub(crate) fn give_up(&mut self, run: &mut RunState<'_>) {
        let has_turn = !self.debts.is_empty() || !self.under_way.is_empty();
        if has_turn {
            run.schedule.forfeit();
        }
        run.tally.give_up_requests(self.under_way.len());
        for due in self.under_way.take() {
            run.tally.count_latency(due, run.now);
        }
        self.write_off(run);
        self.link.give_up();
    }

    /// Reads once, counts the answers, sends what is due.
    pub(crate) fn turn(&mut self, run: &mut RunState<'_>) -> Result<Next, LaneFailure> {
        if self.link.establish().map_err(LaneFailure::Connect)? {
            run.tally.n_connections += 1;
        }
        self.flush(run)?;
        self.read(run)?;
        if self.link.is_closed() {
            return Ok(self.want_connection(run));
        }
        if !self.link.is_open() {
            return Ok(Next::Wait);
        }
        self.send(run)?;
        let can_send = self.link.is_flushed() && self.next_due(run).is_some();
        Ok(match self.link.is_readable() || can_send {
            true => Next::GoOn,
            false => Next::Wait,
        })
    }

    /// A connection is opened when there is something to say on it.
    fn want_connection(&mut self, run: &mut RunState<'_>) -> Next {
        if self.next_due(run).is_none() {
            return Next::Wait;
        }
        if self.debts.is_empty() {
            // The message is kept for the connection that is opened for it.
            self.owe(run);
        }
        Next::Connect
    }

    /// Sends what the system has not taken yet.
    fn flush(&mut self, run: &mut RunState<'_>) -> Result<(), LaneFailure> {
        let n_taken = self.link.flush().map_err(LaneFailure::Lost)?;
        run.tally.n_bytes_sent += n_taken as u64;
        // Who pushes has always more to send: a server that swallows it all and answers
        // nothing would never be silent.
        if n_taken > 0 && matches!(self.under_way, UnderWay::Timed(_)) {
            self.last_progress = run.now;
        }
        Ok(())
    }

    fn read(&mut self, run: &mut RunState<'_>) -> Result<(), LaneFailure> {
        let read = self.link.read(&mut run.input);
        let Some(n_read) = read.map_err(LaneFailure::Lost)? else {
            return Ok(());
        };
        run.now = Instant::now();
        self.last_progress = run.now;
        if n_read == 0 {
            return self.end_of_input(run);
        }
        run.tally.n_bytes_received += n_read as u64;
        let input = std::mem::take(&mut run.input);
        let result = self.take_answers(&input[..n_read], run);
        run.input = input;
        result
    }

    fn take_answers(
        &mut self,
        mut input: &[u8],
        run: &mut RunState<'_>,
    ) -> Result<(), LaneFailure> {
        while !input.is_empty() {
            if self.under_way.is_empty() {
                return Err(LaneFailure::Wrong(Wrong {
                    kind: "wrong bytes",
                    detail: "more came back than was sent".into(),
                }));
            }
            let received = self.dialogue.receive(input).map_err(LaneFailure::Wrong)?;
            let Received::Answer { n_taken, goes_on } = received else {
                self.n_unfinished += input.len() as u64;
                return Ok(());
            };
            input = &input[n_taken..];
            self.n_unfinished = 0;
            self.has_answered = true;
            let due = self.under_way.pop();
            run.tally.count_answer(due, run.now);
            run.schedule.queue(self.key);
            if !goes_on || run.plan.reconnect {
                self.close(run);
                return Ok(());
            }
        }
        Ok(())
    }

    fn end_of_input(&mut self, run: &mut RunState<'_>) -> Result<(), LaneFailure> {
        if !self.under_way.is_empty() {
            return Err(LaneFailure::ClosedEarly {
                has_answered: self.has_answered,
            });
        }
        self.close(run);
        Ok(())
    }

    /// Ends a connection that has served its purpose. What is still under way will be
    /// sent on the next one.
    fn close(&mut self, run: &mut RunState<'_>) {
        let n_unanswered = self.under_way.len();
        run.tally.take_back_requests(n_unanswered);
        self.under_way.take();
        if !run.schedule.needs_no_debts() {
            self.debts.take_back(n_unanswered, &mut run.tally);
        }
        self.dialogue.restart();
        self.link.close();
    }

    /// When the message was due that is to be sent now, if there is one.
    fn next_due(&self, run: &RunState<'_>) -> Option<Instant> {
        let depth = match self.dialogue.may_pipeline() {
            true => run.schedule.depth(),
            false => 1,
        };
        if self.under_way.len() >= depth {
            return None;
        }
        self.debts.oldest(run).or_else(|| {
            let n_promised = run.tally.n_requested + run.tally.n_owed;
            let is_free =
                run.schedule.needs_no_debts() && run.schedule.is_open(n_promised, run.now);
            is_free.then_some(run.now)
        })
    }

    fn send(&mut self, run: &mut RunState<'_>) -> Result<(), LaneFailure> {
        let was_idle = self.under_way.is_empty();
        run.output.clear();
        // Whole messages, as many as a server may read at once, and at least one.
        while self.link.is_flushed()
            && run.output.len() < READ_SIZE
            && let Some(due) = self.next_due(run)
        {
            self.dialogue.request(&mut run.output);
            if run.plan.never_read {
                run.tally.n_requested += 1;
                continue;
            }
            run.tally.count_request();
            let due = self.wanted_since.take().map_or(due, |since| since.min(due));
            self.under_way.push(due);
            self.debts.pay(&mut run.tally);
        }
        if run.output.is_empty() {
            return Ok(());
        }
        if was_idle {
            self.last_progress = run.now;
        }
        let n_taken = self.link.send(&run.output);
        run.tally.n_bytes_sent += n_taken.map_err(LaneFailure::Lost)? as u64;
        Ok(())
    }
}
