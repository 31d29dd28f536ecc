//! How a load begins: all its connections are opened before anything is sent.

use std::net::SocketAddr;
use std::time::Instant;
use std::{io, mem};

use common::EndpointError;
use mio::{Events, Poll};

use crate::dialogue::Dialogue;
use crate::engine::{LOOK_INTERVAL, Load};
use crate::error::LoadError;
use crate::failure::LaneFailure;
use crate::flags::Plan;
use crate::lane::Lane;
use crate::ready_queue::ReadyQueue;
use crate::run_state::RunState;
use crate::shortage::Shortage;
use crate::stop_requests::StopRequests;

/// How many events one wait may bring: more only wait for the next one.
const MAX_EVENTS: usize = 1024;
/// How many connections are begun at once: a storm of them would overflow the backlog of
/// a server that is slow to accept, and be sent again only a second later.
const MAX_CONNECTING: usize = 64;

impl<'a, D: Dialogue> Load<'a, D> {
    /// Opens the connections to the first of `addresses` that answers, each with a
    /// dialogue of its own, by its number.
    ///
    /// # Errors
    ///
    /// [`LoadError`], if not even one could be established, or this machine can't have
    /// all of them. All other errors are counted.
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
            queue: ReadyQueue::new(plan.n_connections),
            starved: Vec::new(),
            next_look: now + LOOK_INTERVAL,
            run: RunState::new(plan, now),
            progress: None,
            stop_requests,
        };
        load.reach(addresses)?;
        load.open_others()?;
        Ok(load)
    }

    /// Opens the first lane, to the first address that can be reached.
    fn reach(&mut self, addresses: &[SocketAddr]) -> Result<(), LoadError> {
        for &address in addresses {
            self.address = address;
            match self.connect(0) {
                Ok(()) => {}
                Err(error) if Shortage::of(&error) == Some(Shortage::Descriptors) => {
                    return Err(self.too_many(Shortage::Descriptors));
                }
                Err(error) => self.fail(0, LaneFailure::Connect(error)),
            }
            while self.n_connecting > 0 && self.stop_requests.count() == 0 {
                self.round().map_err(LoadError::Loop)?;
            }
            let last_tried = self.unreachable.last().map(|(address, _)| *address);
            if last_tried != Some(address) {
                return Ok(());
            }
        }
        let unreachable = mem::take(&mut self.unreachable);
        Err(LoadError::Unreachable(EndpointError::Connect(unreachable)))
    }

    fn open_others(&mut self) -> Result<(), LoadError> {
        let mut keys = 1..self.lanes.len();
        loop {
            while self.n_connecting < MAX_CONNECTING
                && self.stop_requests.count() == 0
                && let Some(key) = keys.next()
            {
                self.connect(key)
                    .or_else(|error| self.explain(key, error))?;
            }
            if self.n_connecting == 0 || self.stop_requests.count() > 0 {
                return Ok(());
            }
            self.round().map_err(LoadError::Loop)?;
        }
    }

    /// What came in the way of a connection is counted, unless it will come in the way
    /// of all that follow.
    fn explain(&mut self, key: usize, error: io::Error) -> Result<(), LoadError> {
        if let Some(shortage) = Shortage::of(&error) {
            return Err(self.too_many(shortage));
        }
        self.fail(key, LaneFailure::Connect(error));
        Ok(())
    }

    fn too_many(&self, shortage: Shortage) -> LoadError {
        LoadError::TooMany {
            n_wanted: self.lanes.len(),
            n_possible: self.run.tally.n_connections + self.n_connecting,
            shortage,
        }
    }
}
