//! Sockets that connect, or have: an `accept` is owed to one of them.

use std::collections::{BTreeSet, HashMap};

use super::Begun;
use super::causes::destination;
use crate::record::{Outcome, SocketId, Step};

#[derive(Debug, Default)]
pub(super) struct Connecting {
    /// The call by which each socket connected.
    steps: HashMap<SocketId, Step>,
    /// Those whose call has not come back.
    under_way: BTreeSet<SocketId>,
    /// Unix sockets that nobody has accepted yet, in order, with the path.
    unaccepted: Vec<(SocketId, String)>,
}

impl Connecting {
    pub(super) fn begin(&mut self, socket: SocketId, step: Step, begun: &Begun) {
        self.steps.insert(socket, step);
        self.under_way.insert(socket);
        if let Some(path) = destination(begun).filter(|path| path.starts_with("unix:")) {
            self.unaccepted.push((socket, path));
        }
    }

    pub(super) fn end(&mut self, socket: SocketId, result: &Outcome) {
        self.under_way.remove(&socket);
        let has_failed = matches!(result, Outcome::Failed(errno) if errno.name != "EINPROGRESS");
        if has_failed {
            self.unaccepted.retain(|(waiting, _)| *waiting != socket);
        }
    }

    pub(super) fn under_way(&self) -> impl Iterator<Item = SocketId> {
        self.under_way.iter().copied()
    }

    /// The call by which `socket` connected.
    pub(super) fn step(&self, socket: SocketId) -> Option<Step> {
        self.steps.get(&socket).copied()
    }

    /// The first that connected to a Unix socket's path.
    pub(super) fn first_at(&mut self, path: &str) -> Option<SocketId> {
        let index = self.unaccepted.iter().position(|(_, at)| at == path)?;
        Some(self.unaccepted.remove(index).0)
    }
}
