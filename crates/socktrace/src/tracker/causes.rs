//! What the result of a call is owed to: calls of the other side.

use super::{Begun, Tracker};
use crate::kind::Kind;
use crate::record::{Cause, Data, Outcome, SocketId, Step};

impl Tracker {
    /// What a result is owed to.
    pub(super) fn causes(
        &mut self,
        begun: &Begun,
        step: Step,
        socket: Option<SocketId>,
        data: Option<&Data>,
        sender: Option<&str>,
        result: &Outcome,
    ) -> Vec<Cause> {
        let Some(socket) = socket else {
            return Vec::new();
        };
        let peer = self.sockets.peer(socket);
        let length = data.map_or(0, |data| data.length);
        let is_datagram = self.sockets.is_datagram(socket);
        let local = self.sockets.ends(socket).local;
        let takes = begun.kind == Kind::Receive;
        match (begun.kind, result) {
            (Kind::Send, Outcome::Returned(_)) if is_datagram => {
                let to = destination(begun).or(self.sockets.ends(socket).peer);
                let (local, to) = (local.as_deref(), to.as_deref());
                self.datagrams.send(step, socket, local, to, length);
                Vec::new()
            }
            (Kind::Send, _) => {
                self.streams.end_send(socket, step, length);
                reset_by(result, peer.and_then(|peer| self.streams.ended_by(peer)))
            }
            (Kind::Receive | Kind::Peek, Outcome::Returned(_)) if is_datagram => {
                let connected = self.sockets.ends(socket).peer;
                let from = sender.or(connected.as_deref());
                let to = local.as_deref();
                self.datagrams.receive(peer, from, to, length, takes)
            }
            (Kind::Receive | Kind::Peek, Outcome::Returned(_)) if length > 0 => peer
                .map_or_else(Vec::new, |peer| {
                    self.streams.receive(peer, socket, length, takes)
                }),
            // The end of input, of a receive that had room for more.
            (Kind::Receive, Outcome::Returned(0)) if data.is_some_and(|data| data.room > 0) => {
                caused_by(peer.and_then(|peer| self.streams.ended_by(peer)))
            }
            (Kind::Receive, _) => {
                reset_by(result, peer.and_then(|peer| self.streams.ended_by(peer)))
            }
            (Kind::Connect, result) => {
                self.connecting.end(socket, result);
                Vec::new()
            }
            (Kind::Accept, Outcome::Returned(_)) => {
                caused_by(peer.and_then(|peer| self.connecting.step(peer)))
            }
            _ => Vec::new(),
        }
    }
}

/// Where a datagram is sent.
pub(super) fn destination(begun: &Begun) -> Option<String> {
    let mut arguments = begun.arguments.iter();
    let address = arguments.find(|argument| argument.name == "addr")?;
    Some(address.value.to_string())
}

fn caused_by(step: Option<Step>) -> Vec<Cause> {
    step.map(|step| Cause { step, bytes: None })
        .into_iter()
        .collect()
}

/// Only a reset, or the pipe that it leaves broken, comes from the other side.
fn reset_by(result: &Outcome, step: Option<Step>) -> Vec<Cause> {
    match result {
        Outcome::Failed(errno) if matches!(&*errno.name, "ECONNRESET" | "EPIPE") => caused_by(step),
        _ => Vec::new(),
    }
}
