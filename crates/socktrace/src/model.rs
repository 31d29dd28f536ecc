//! What is known of the programs and their sockets: made from the records, one after the
//! other.
//!
//! Records may be odd: a file can be cut, edited or made up. So a socket may first be
//! heard of in the middle of its life, and a number may come twice; then the later word
//! holds.

mod program;
mod socket;

use std::collections::{BTreeMap, HashMap};

use crate::record::{Call, Connection, Header, Micros, Outcome, Record, Side, SocketId, Wait, Way};

pub use program::Program;
pub use socket::{Closed, SocketLife};

/// The state of a run after some of its records.
#[derive(Debug, Clone, Default)]
pub struct Model {
    header: Option<Header>,
    server: Program,
    client: Program,
    sockets: BTreeMap<SocketId, SocketLife>,
    connections: Vec<Connection>,
    /// Where each socket stands in `connections`.
    joined: HashMap<SocketId, usize>,
    now: Micros,
    is_over: bool,
}

impl Model {
    /// Before the first record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next record.
    pub fn apply(&mut self, record: &Record) {
        self.now = self.now.max(record.at());
        match record {
            Record::Trace(header) => self.header = Some(header.clone()),
            Record::Thread(thread) => self.program_mut(thread.side).begin(thread),
            Record::Socket(socket) => {
                let life = self.socket_mut(socket.socket, socket.side);
                life.introduce(socket);
            }
            Record::Connection(connection) => self.join(connection),
            Record::Wait(wait) => self.program_mut(wait.side).wait(wait),
            Record::Call(call) => self.call(call),
            Record::Exit(exit) => {
                let program = self.program_mut(exit.side);
                program.end(exit);
                if program.is_gone() {
                    self.close_all(exit.side);
                }
            }
            Record::End(_) => self.is_over = true,
            Record::Exec(_) | Record::Output(_) | Record::Signal(_) | Record::Note(_) => {}
        }
    }

    /// The first line of the trace.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// One of the programs; empty, if there isn't one on that side.
    pub fn program(&self, side: Side) -> &Program {
        match side {
            Side::Server => &self.server,
            Side::Client => &self.client,
        }
    }

    /// All sockets that were ever seen, by number.
    pub fn sockets(&self) -> impl ExactSizeIterator<Item = &SocketLife> {
        self.sockets.values()
    }

    /// One of them.
    pub fn socket(&self, socket: SocketId) -> Option<&SocketLife> {
        self.sockets.get(&socket)
    }

    /// All connections that have both ends in the trace, in the order of their
    /// beginnings.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// The calls that wait, by thread.
    pub fn waits(&self) -> impl Iterator<Item = &Wait> {
        self.server.waits.values().chain(self.client.waits.values())
    }

    /// The latest time of any record.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// The last record has come.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Descriptors name sockets only while a program runs; after it, the kernel closes
    /// what is left.
    fn close_all(&mut self, side: Side) {
        for life in self.sockets.values_mut() {
            if life.side == side && life.closed.is_none() {
                life.closed = Some(Closed::WithProgram);
            }
        }
    }

    fn program_mut(&mut self, side: Side) -> &mut Program {
        match side {
            Side::Server => &mut self.server,
            Side::Client => &mut self.client,
        }
    }

    fn socket_mut(&mut self, socket: SocketId, side: Side) -> &mut SocketLife {
        let life = self.sockets.entry(socket);
        life.or_insert_with(|| SocketLife::new(socket, side))
    }

    fn join(&mut self, connection: &Connection) {
        let known = self.joined.get(&connection.connected);
        if known.is_some_and(|index| self.connections[*index].accepted == connection.accepted) {
            return;
        }
        for (socket, local, peer, side) in [
            (
                connection.connected,
                &connection.from,
                &connection.to,
                Side::Client,
            ),
            (
                connection.accepted,
                &connection.to,
                &connection.from,
                Side::Server,
            ),
        ] {
            let life = self.socket_mut(socket, side);
            life.learn_local(local);
            life.learn_peer(peer);
            self.joined.insert(socket, self.connections.len());
        }
        self.connections.push(connection.clone());
        let accepted = self.sockets.get(&connection.accepted);
        let listener = accepted.and_then(|life| life.listener);
        if let Some(listener) = listener.and_then(|listener| self.sockets.get_mut(&listener)) {
            listener.learn_port(&connection.to);
        }
    }

    fn call(&mut self, call: &Call) {
        self.program_mut(call.side).count(call);
        if let Some(socket) = call.socket {
            self.socket_mut(socket, call.side).apply(call);
        }
        for state in &call.states {
            if let Some(life) = self.sockets.get_mut(&state.socket) {
                life.learn_from(state);
            }
        }
    }
}

/// The bytes that a call really moved.
pub(crate) fn moved(call: &Call) -> Option<(Way, u64)> {
    let data = call.data.as_ref()?;
    let Outcome::Returned(_) = call.result else {
        return None;
    };
    Some((data.way, data.length))
}

#[cfg(test)]
mod tests;
