//! The loop of the load generator, and its end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use std::{io, mem};

use mio::{Events, Poll, Token};

use crate::dialogue::Dialogue;
use crate::error::LoadError;
use crate::failure::LaneFailure;
use crate::flags::Pace;
use crate::lane::{Lane, Next};
use crate::progress::Progress;
use crate::ready_queue::ReadyQueue;
use crate::report::Report;
use crate::run_state::RunState;
use crate::schedule::Schedule;
use crate::shortage::Shortage;
use crate::stop_requests::StopRequests;
use crate::tally::{GIVEN_UP, Tally};

/// How often to look for answers that don't come, and for Ctrl-C.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// The system's own alarm is a millisecond late or so. The last of it is spent looking,
/// so that a message leaves when it is due.
const ALARM_MARGIN: Duration = Duration::from_millis(2);
/// What messages get that were due before the end, and could not be sent by then.
const GRACE: Duration = Duration::from_secs(1);
/// How many messages may fall due in one round: at a rate that nobody can keep, there is
/// always another one, and answers and Ctrl-C would never be looked at.
const MAX_DEBTS: usize = 1024;

/// All connections of a load, open, and what is sent on them.
pub struct Load<'a, D> {
    /// The one that answered, or is being tried.
    pub(crate) address: SocketAddr,
    /// Why those that were tried before did not.
    pub(crate) unreachable: Vec<(SocketAddr, io::Error)>,
    pub(crate) poll: Poll,
    pub(crate) events: Events,
    /// Their places are their events' tokens.
    pub(crate) lanes: Vec<Lane<D>>,
    pub(crate) n_connecting: usize,
    pub(crate) n_failed: usize,
    pub(crate) queue: ReadyQueue,
    /// Those that wait for what this machine has run out of.
    pub(crate) starved: Vec<(usize, Shortage)>,
    pub(crate) next_look: Instant,
    pub(crate) run: RunState<'a>,
    pub(crate) progress: Option<Progress>,
    pub(crate) stop_requests: &'a StopRequests,
}

impl<D: Dialogue> Load<'_, D> {
    /// How many connections have been established so far.
    pub fn n_connections(&self) -> usize {
        self.run.tally.n_connections
    }

    /// Sends for a while, as the plan says, and forgets all that came of it but errors.
    ///
    /// # Errors
    ///
    /// [`LoadError::Loop`].
    pub fn warm_up(&mut self, duration: Duration) -> Result<(), LoadError> {
        let plan = self.run.plan;
        self.run.schedule = Schedule::new(plan, None, Some(duration));
        self.send_all().map_err(LoadError::Loop)?;
        self.run.schedule = Schedule::new(plan, plan.max_messages, plan.duration);
        self.run.tally.restart();
        for lane in &mut self.lanes {
            lane.restart();
        }
        Ok(())
    }

    /// Sends as the plan says, waits for the answers, and tells what came of it.
    /// Connections stay open until this is dropped.
    ///
    /// A connection that fails is given up. Messages that the server need not answer,
    /// since it closed the connection in order, are sent on another one.
    ///
    /// # Errors
    ///
    /// [`LoadError::Loop`]. All other errors are counted in the report.
    pub fn run(&mut self, shows_progress: bool) -> Result<Report, LoadError> {
        self.progress = shows_progress.then(|| Progress::new(self.run.plan));
        self.send_all().map_err(LoadError::Loop)?;
        self.progress = None;
        let Tally { n_under_way, .. } = self.run.tally;
        if n_under_way > 0 {
            // Somebody, or the time for it, did not want to wait for them.
            self.run.tally.count_errors(GIVEN_UP, n_under_way);
        }
        Ok(self.run.tally.report(Instant::now()))
    }

    fn send_all(&mut self) -> io::Result<()> {
        let now = Instant::now();
        self.run.now = now;
        self.run.tally.start_at(now);
        self.run.schedule.start_at(now);
        self.look();
        for key in 0..self.lanes.len() {
            self.queue.push(key);
        }
        while !self.is_done() {
            self.round()?;
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        let RunState {
            plan,
            schedule,
            tally,
            now,
            ..
        } = &self.run;
        if self.n_failed == self.lanes.len() || self.stop_requests.count() > 1 {
            return true;
        }
        // How much is under way, whoever pushes can't know: it may be minutes of a slow
        // server's work, and is then not waited for.
        if plan.pace == Pace::Push
            && let (Some(end), Some(limit)) = (schedule.end(), plan.timeout.limit())
            && end + limit <= *now
        {
            return true;
        }
        // Time has to pass, and nothing is waited for.
        if plan.never_read || schedule.is_idle() {
            let is_late = schedule.end().is_some_and(|end| end <= *now);
            let is_sent = !schedule.is_idle() && schedule.is_complete(tally.n_requested);
            return is_late || is_sent && self.lanes.iter().all(Lane::is_flushed);
        }
        let is_open = schedule.is_open(tally.n_requested, *now) || schedule.next_due().is_some();
        !is_open && tally.n_under_way == 0 && tally.n_owed == 0
    }

    /// One wait, and a turn for each lane that has something to do.
    pub(crate) fn round(&mut self) -> io::Result<()> {
        self.wait()?;
        for event in &self.events {
            let Token(key) = event.token();
            self.lanes[key].note_event(event);
            self.queue.push(key);
        }
        for _ in 0..self.queue.len() {
            if let Some(key) = self.queue.pop() {
                self.serve(key);
            }
        }
        for _ in 0..MAX_DEBTS {
            let Some(key) = self.run.schedule.next_debtor(self.run.now) else {
                break;
            };
            self.lanes[key].owe(&mut self.run);
            if self.lanes[key].has_failed() {
                // Its messages are due all the same.
                self.lanes[key].write_off(&mut self.run);
                self.run.schedule.forfeit();
            } else {
                self.serve(key);
            }
        }
        if self.run.now >= self.next_look {
            self.look();
        }
        Ok(())
    }

    fn wait(&mut self) -> io::Result<()> {
        let RunState { plan, schedule, .. } = &self.run;
        let timeout = if plan.busy_poll || !self.queue.is_empty() {
            Duration::ZERO
        } else {
            let now = Instant::now();
            let next_due = schedule.next_due().map(|due| due - ALARM_MARGIN);
            let end = schedule.end().filter(|end| *end > now);
            [Some(self.next_look), next_due, end]
                .into_iter()
                .flatten()
                .min()
                .map_or(LOOK_INTERVAL, |until| until.saturating_duration_since(now))
        };
        match self.poll.poll(&mut self.events, Some(timeout)) {
            // By Ctrl-Z, or a debugger (signal(7)): a round without events.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            result => result?,
        }
        self.run.now = Instant::now();
        Ok(())
    }

    fn serve(&mut self, key: usize) {
        let lane = &mut self.lanes[key];
        let was_connecting = lane.is_connecting();
        let next = lane.turn(&mut self.run);
        if was_connecting && !lane.is_connecting() {
            self.n_connecting -= 1;
        }
        match next {
            Ok(Next::Wait) => {}
            Ok(Next::GoOn) => self.queue.push(key),
            // One that starves already tries again when it is looked after.
            Ok(Next::Connect) if self.is_starving(key) => {}
            Ok(Next::Connect) => self.reconnect(key),
            Err(failure) => self.fail(key, failure),
        }
    }

    fn is_starving(&self, key: usize) -> bool {
        self.starved.iter().any(|(starving, _)| *starving == key)
    }

    /// Opens a connection for a message that waits for one, now or later.
    fn reconnect(&mut self, key: usize) {
        let Err(error) = self.connect(key) else {
            return;
        };
        match Shortage::of(&error) {
            // All ports of this end are in use or resting (RFC 9293, 3.6.1): one will
            // be free again soon.
            Some(shortage) => {
                let lane = &mut self.lanes[key];
                if !lane.is_wanting() {
                    self.run.tally.count_shortage(shortage);
                }
                lane.wanted_since(self.run.now);
                self.starved.push((key, shortage));
            }
            None => self.fail(key, LaneFailure::Connect(error)),
        }
    }

    /// Begins to connect a lane.
    pub(crate) fn connect(&mut self, key: usize) -> io::Result<()> {
        let registry = self.poll.registry();
        self.lanes[key].connect(self.address, registry, &self.run)?;
        self.n_connecting += 1;
        Ok(())
    }

    pub(crate) fn fail(&mut self, key: usize, failure: LaneFailure) {
        let lane = &mut self.lanes[key];
        if lane.is_connecting() {
            self.n_connecting -= 1;
        }
        match failure {
            // Perhaps another address can be reached.
            LaneFailure::Connect(error) if self.run.tally.n_connections == 0 => {
                lane.abandon();
                self.unreachable.push((self.address, error));
            }
            failure => {
                lane.give_up(&mut self.run);
                self.n_failed += 1;
                self.run.tally.count_failure(key, &failure);
                // What it had promised to send, others may.
                for other in 0..self.lanes.len() {
                    self.queue.push(other);
                }
            }
        }
    }

    /// What has no event: Ctrl-C, an answer that doesn't come, the end of time.
    fn look(&mut self) {
        let now = self.run.now;
        self.next_look = now + LOOK_INTERVAL;
        if self.stop_requests.count() > 0 {
            self.run.schedule.end_at(now);
        }
        self.look_for_silence();
        if self
            .run
            .schedule
            .end()
            .is_some_and(|end| end + GRACE <= now)
        {
            self.write_off();
        }
        if let Some(progress) = &mut self.progress {
            progress.show(&self.run.tally, now);
        }
    }

    /// Nothing more is sent of what was due.
    fn write_off(&mut self) {
        for lane in &mut self.lanes {
            lane.write_off(&mut self.run);
        }
        let RunState {
            schedule,
            tally,
            now,
            ..
        } = &mut self.run;
        let missed = schedule.skip_to_end();
        let dues = schedule.time_of(missed.start);
        let dues = dues.zip(schedule.time_of(missed.end.saturating_sub(1)));
        if let Some((first, last)) = dues
            && !missed.is_empty()
        {
            tally.count_never_sent(missed.end - missed.start, first, last, *now);
        }
    }

    /// Gives up those that have waited for too long; the others that starve try again.
    fn look_for_silence(&mut self) {
        let now = self.run.now;
        let starved = mem::take(&mut self.starved);
        for &(key, _) in &starved {
            self.queue.push(key);
        }
        let Some(limit) = self.run.plan.timeout.limit() else {
            return;
        };
        for (key, shortage) in starved {
            let lane = &mut self.lanes[key];
            if !lane.has_failed() && lane.wanted_since(now) + limit <= now {
                self.fail(key, LaneFailure::Starved(shortage, limit));
            }
        }
        for key in 0..self.lanes.len() {
            let lane = &self.lanes[key];
            if lane.is_waiting() && lane.last_progress() + limit <= now {
                let failure = match lane.is_connecting() {
                    true => LaneFailure::Connect(io::ErrorKind::TimedOut.into()),
                    false => LaneFailure::Silent {
                        limit,
                        n_received: lane.n_unfinished(),
                    },
                };
                self.fail(key, failure);
            }
        }
    }
}
