//! The loop of the load generator, and its end.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{io, mem};

use common::EndpointError;
use mio::{Events, Poll, Token};

use super::dialogue::Dialogue;
use super::error::LoadError;
use super::flags::Plan;
use super::lane::{Lane, Next, Shared};
use super::progress::Progress;
use super::report::Report;
use super::schedule::Schedule;
use super::tally::{Failure, Tally};
use crate::shared::READ_SIZE;

/// How many events one wait may bring: more only wait for the next one.
const MAX_EVENTS: usize = 1024;
/// How many connections are begun at once: a storm of them would overflow the backlog of
/// a server that is slow to accept, and be sent again only a second later.
const MAX_CONNECTING: usize = 64;
/// How often to look for answers that don't come, and for Ctrl-C.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// The system's own alarm is a millisecond late or so. The last of it is spent looking,
/// so that a message leaves when it is due.
const ALARM_MARGIN: Duration = Duration::from_millis(2);
/// What messages get that were due before the end, and could not be sent by then.
const GRACE: Duration = Duration::from_secs(1);

/// Asks a load to end early.
#[derive(Debug, Clone, Default)]
pub struct StopRequests(Arc<AtomicUsize>);

impl StopRequests {
    /// The first request ends the sending, and answers are still waited for; the second
    /// ends that, too.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// All connections of a load, open, and what is sent on them.
pub struct Load<'a, D> {
    /// The one that answered, or is being tried.
    address: SocketAddr,
    /// Why those that were tried before did not.
    unreachable: Vec<(SocketAddr, io::Error)>,
    poll: Poll,
    events: Events,
    /// Their places are their events' tokens.
    lanes: Vec<Lane<D>>,
    n_connecting: usize,
    n_failed: usize,
    /// Those that have something to do, each once, in the order in which they have it.
    queue: VecDeque<usize>,
    /// Those that wait for a port of this end.
    starved: Vec<usize>,
    next_look: Instant,
    shared: Shared<'a>,
    progress: Option<Progress>,
    stop_requests: &'a StopRequests,
}

impl<'a, D: Dialogue> Load<'a, D> {
    /// Opens the connections to the first of `addresses` that answers, each with a
    /// dialogue of its own, by its number.
    ///
    /// # Errors
    ///
    /// [`LoadError`], if not even one could be established. All other errors are
    /// counted.
    pub fn open(
        addresses: &[SocketAddr],
        plan: &'a Plan,
        new_dialogue: impl FnMut(usize) -> D,
        stop_requests: &'a StopRequests,
    ) -> Result<Self, LoadError> {
        let Some(&address) = addresses.first() else {
            return Err(LoadError::Unreachable(EndpointError::Connect(Vec::new())));
        };
        let now = Instant::now();
        let mut load = Self {
            address,
            unreachable: Vec::new(),
            poll: Poll::new().map_err(LoadError::Loop)?,
            events: Events::with_capacity(MAX_EVENTS),
            lanes: (0..plan.n_connections)
                .map(new_dialogue)
                .enumerate()
                .map(|(key, dialogue)| Lane::new(key, dialogue, plan, now))
                .collect(),
            n_connecting: 0,
            n_failed: 0,
            queue: VecDeque::new(),
            starved: Vec::new(),
            next_look: now + LOOK_INTERVAL,
            shared: Shared {
                plan,
                schedule: Schedule::new(plan, plan.max_messages, plan.duration),
                tally: Tally::new(),
                now,
                input: vec![0; READ_SIZE].into_boxed_slice(),
                output: Vec::with_capacity(2 * READ_SIZE),
            },
            progress: None,
            stop_requests,
        };
        load.reach(addresses)?;
        load.open_lanes().map_err(LoadError::Loop)?;
        Ok(load)
    }

    /// How many connections have been established so far.
    pub fn n_connections(&self) -> usize {
        self.shared.tally.n_connections
    }

    /// Sends for a while, as the plan says, and forgets all that came of it but errors.
    ///
    /// # Errors
    ///
    /// [`LoadError::Loop`].
    pub fn warm_up(&mut self, duration: Duration) -> Result<(), LoadError> {
        let plan = self.shared.plan;
        self.shared.schedule = Schedule::new(plan, None, Some(duration));
        self.send_all().map_err(LoadError::Loop)?;
        self.shared.schedule = Schedule::new(plan, plan.max_messages, plan.duration);
        self.shared.tally.restart();
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
        self.progress = shows_progress.then(|| Progress::new(self.shared.plan));
        self.send_all().map_err(LoadError::Loop)?;
        self.progress = None;
        let Tally { n_under_way, .. } = self.shared.tally;
        if n_under_way > 0 {
            // Somebody did not want to wait for them.
            self.shared.tally.count_errors("given up", n_under_way);
        }
        Ok(self.shared.tally.report(Instant::now()))
    }

    fn send_all(&mut self) -> io::Result<()> {
        let now = Instant::now();
        self.shared.now = now;
        self.shared.tally.start_at(now);
        self.shared.schedule.start_at(now);
        self.look();
        for key in 0..self.lanes.len() {
            self.enqueue(key);
        }
        while !self.is_done() {
            self.turn()?;
        }
        Ok(())
    }

    /// Opens the first lane, to the first address that can be reached.
    fn reach(&mut self, addresses: &[SocketAddr]) -> Result<(), LoadError> {
        for &address in addresses {
            self.address = address;
            self.connect(0);
            while self.n_connecting > 0 && self.stop_requests.count() == 0 {
                self.turn().map_err(LoadError::Loop)?;
            }
            if self
                .unreachable
                .last()
                .is_none_or(|(last, _)| *last != address)
            {
                return Ok(());
            }
        }
        let unreachable = mem::take(&mut self.unreachable);
        Err(LoadError::Unreachable(EndpointError::Connect(unreachable)))
    }

    fn open_lanes(&mut self) -> io::Result<()> {
        let mut keys = 1..self.lanes.len();
        loop {
            while self.n_connecting < MAX_CONNECTING
                && self.stop_requests.count() == 0
                && let Some(key) = keys.next()
            {
                self.connect(key);
            }
            if self.n_connecting == 0 || self.stop_requests.count() > 0 {
                return Ok(());
            }
            self.turn()?;
        }
    }

    fn is_done(&self) -> bool {
        let Shared {
            plan,
            schedule,
            tally,
            now,
            ..
        } = &self.shared;
        if self.n_failed == self.lanes.len() || self.stop_requests.count() > 1 {
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

    fn turn(&mut self) -> io::Result<()> {
        self.wait()?;
        for event in &self.events {
            let Token(key) = event.token();
            self.lanes[key].note_event(event);
            enqueue(key, &mut self.lanes, &mut self.queue);
        }
        for _ in 0..self.queue.len() {
            if let Some(key) = self.queue.pop_front() {
                self.lanes[key].is_queued = false;
                self.serve(key);
            }
        }
        while let Some(key) = self.shared.schedule.next_debtor(self.shared.now) {
            self.lanes[key].owe(&mut self.shared.tally);
            if self.lanes[key].has_failed() {
                // Its messages are due all the same.
                self.lanes[key].stop_owing(&mut self.shared);
                self.shared.schedule.forfeit();
            } else {
                self.serve(key);
            }
        }
        if self.shared.now >= self.next_look {
            self.look();
        }
        Ok(())
    }

    fn wait(&mut self) -> io::Result<()> {
        let Shared { plan, schedule, .. } = &self.shared;
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
            // By Ctrl-Z, or a debugger (signal(7)): a turn without events.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            result => result?,
        }
        self.shared.now = Instant::now();
        Ok(())
    }

    fn serve(&mut self, key: usize) {
        let lane = &mut self.lanes[key];
        let was_connecting = lane.is_connecting();
        let next = lane.turn(&mut self.shared);
        if was_connecting && !lane.is_connecting() {
            self.n_connecting -= 1;
        }
        match next {
            Ok(Next::Wait) => {}
            Ok(Next::GoOn) => self.enqueue(key),
            Ok(Next::Connect) => self.connect(key),
            Err(failure) => self.fail(key, failure),
        }
    }

    fn connect(&mut self, key: usize) {
        let registry = self.poll.registry();
        match self.lanes[key].connect(self.address, registry, &self.shared) {
            Ok(()) => self.n_connecting += 1,
            // All ports of this end are in use or resting (RFC 9293, 3.6.1): one will
            // be free again soon.
            Err(error) if is_out_of_ports(&error) && self.shared.schedule.has_started() => {
                self.starved.push(key);
            }
            Err(error) => self.fail(key, Failure::Connect(error)),
        }
    }

    fn fail(&mut self, key: usize, failure: Failure) {
        let lane = &mut self.lanes[key];
        if lane.is_connecting() {
            self.n_connecting -= 1;
        }
        match failure {
            // Perhaps another address can be reached.
            Failure::Connect(error) if self.shared.tally.n_connections == 0 => {
                lane.abandon();
                self.unreachable.push((self.address, error));
            }
            failure => {
                lane.give_up(&mut self.shared);
                self.n_failed += 1;
                self.shared.tally.count_failure(key, &failure);
                // What it had promised to send, others may.
                for other in 0..self.lanes.len() {
                    self.enqueue(other);
                }
            }
        }
    }

    /// What has no event: Ctrl-C, an answer that doesn't come, the end of time.
    fn look(&mut self) {
        let now = self.shared.now;
        self.next_look = now + LOOK_INTERVAL;
        if self.stop_requests.count() > 0 {
            self.shared.schedule.end_at(now);
        }
        if let Some(limit) = self.shared.plan.timeout.limit() {
            for key in 0..self.lanes.len() {
                let lane = &self.lanes[key];
                if lane.is_waiting() && lane.last_progress() + limit <= now {
                    let failure = match lane.is_connecting() {
                        true => Failure::Connect(io::ErrorKind::TimedOut.into()),
                        false => Failure::Silent(limit),
                    };
                    self.fail(key, failure);
                }
            }
        }
        if self
            .shared
            .schedule
            .end()
            .is_some_and(|end| end + GRACE <= now)
        {
            for lane in &mut self.lanes {
                lane.stop_owing(&mut self.shared);
            }
        }
        for key in mem::take(&mut self.starved) {
            self.enqueue(key);
        }
        if let Some(progress) = &mut self.progress {
            progress.show(&self.shared.tally, now);
        }
    }

    fn enqueue(&mut self, key: usize) {
        enqueue(key, &mut self.lanes, &mut self.queue);
    }
}

fn is_out_of_ports(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable
}

fn enqueue<D>(key: usize, lanes: &mut [Lane<D>], queue: &mut VecDeque<usize>) {
    if !lanes[key].is_queued {
        lanes[key].is_queued = true;
        queue.push_back(key);
    }
}
