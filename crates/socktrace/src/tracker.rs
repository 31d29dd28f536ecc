//! From calls to their story: which socket a call is about, which sockets are joined, and
//! whose bytes a call received.
//!
//! It knows no ptrace: calls come in as they begin and end, records come out.

mod causes;
mod connecting;
mod datagrams;
mod frames;
mod seen;
mod sockets;
mod streams;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use self::connecting::Connecting;
use self::datagrams::Datagrams;
use self::frames::Frames;
pub(crate) use self::seen::{Begun, Ended, Ends, Holder, Seen, Sock, SocketKey};
use self::sockets::Sockets;
use self::streams::Streams;
use crate::kind::Kind;
use crate::record::{Call, Micros, Outcome, Record, Side, Socket, SocketId, State, Step, Wait};

/// The story so far.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    n_calls: Step,
    under_way: HashMap<u32, UnderWay>,
    sockets: Sockets,
    streams: Streams,
    datagrams: Datagrams,
    connecting: Connecting,
    frames: Frames,
    records: Vec<Record>,
}

#[derive(Debug)]
struct UnderWay {
    step: Step,
    begun: Begun,
    socket: Option<SocketId>,
    waited: bool,
}

impl Tracker {
    /// Takes the records that are ready.
    pub(crate) fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// How many calls have begun.
    pub(crate) fn n_calls(&self) -> u64 {
        self.n_calls
    }

    /// The number of a socket that was seen; `None` if it wasn't.
    pub(crate) fn socket(&self, key: SocketKey) -> Option<SocketId> {
        self.sockets.number(key)
    }

    /// True for a socket without connections, whose bytes come in datagrams.
    pub(crate) fn is_datagram(&self, key: SocketKey) -> bool {
        let socket = self.sockets.number(key);
        socket.is_some_and(|socket| self.sockets.is_datagram(socket))
    }

    /// True if the socket's own address is known.
    pub(crate) fn has_address(&self, key: SocketKey) -> bool {
        let socket = self.sockets.number(key);
        socket.is_some_and(|socket| self.sockets.ends(socket).local.is_some())
    }

    /// A call begins.
    pub(crate) fn begin(&mut self, begun: Begun) {
        self.n_calls += 1;
        let step = self.n_calls;
        let (at, side) = (begun.at, begun.side);
        let seen = begun.socket.as_ref();
        let socket = seen.map(|seen| self.meet(seen, at, side, None, None));
        if let Some(socket) = socket {
            if begun.kind != Kind::Close {
                self.streams.go_on(socket);
            }
            match begun.kind {
                Kind::Send if !self.sockets.is_datagram(socket) => {
                    self.streams.begin_send(socket, step, begun.offered);
                }
                Kind::Connect => self.connecting.begin(socket, step, &begun),
                Kind::Close => self.streams.close(socket, step),
                Kind::Shutdown {
                    sends_no_more: true,
                } => self.streams.shut_down(socket, step),
                _ => {}
            }
        }
        let under_way = UnderWay {
            step,
            begun,
            socket,
            waited: false,
        };
        self.under_way.insert(under_way.begun.thread, under_way);
    }

    /// The threads whose calls are under way and haven't been seen to wait.
    pub(crate) fn not_seen_waiting(&self) -> impl Iterator<Item = u32> {
        let calls = self.under_way.values();
        calls
            .filter(|call| !call.waited)
            .map(|call| call.begun.thread)
    }

    /// Who may be about to finish the very call that the call of `thread` owes its end to:
    /// the kernel wakes whoever receives before the send has come back.
    pub(crate) fn causes_under_way(&self, thread: u32) -> Vec<u32> {
        let Some(call) = self.under_way.get(&thread) else {
            return Vec::new();
        };
        let peer = call.socket.and_then(|socket| self.sockets.peer(socket));
        let is_on_peer = |other: &UnderWay| peer.is_none() || other.socket == peer;
        let ends_it = |other: &UnderWay| match (call.begun.kind, other.begun.kind) {
            (Kind::Accept | Kind::Readiness, Kind::Connect) => true,
            (Kind::Receive | Kind::Peek, Kind::Send | Kind::Close | Kind::Shutdown { .. }) => {
                is_on_peer(other)
            }
            (Kind::Readiness, Kind::Send | Kind::Close | Kind::Shutdown { .. }) => true,
            _ => false,
        };
        let others = self.under_way.values();
        others
            .filter(|other| !other.waited && ends_it(other))
            .map(|other| other.begun.thread)
            .collect()
    }

    /// True if the call of `thread` was seen to wait, and hasn't come back.
    pub(crate) fn waits(&self, thread: u32) -> bool {
        self.under_way.get(&thread).is_some_and(|call| call.waited)
    }

    /// The call of `thread` was seen to wait.
    pub(crate) fn wait(&mut self, thread: u32, at: Micros) {
        let Some(call) = self.under_way.get_mut(&thread) else {
            return;
        };
        call.waited = true;
        self.records.push(Record::Wait(Wait {
            at,
            side: call.begun.side,
            thread,
            step: call.step,
            name: call.begun.name.clone(),
            arguments: call.begun.arguments.clone(),
            socket: call.socket,
        }));
    }

    /// Where sockets are that are just being connected: their addresses may be known to
    /// the kernel before the call comes back.
    pub(crate) fn being_connected(&self) -> Vec<(SocketId, Holder)> {
        let sockets = self.connecting.under_way();
        sockets
            .map(|socket| (socket, self.sockets.holder(socket)))
            .collect()
    }

    /// The addresses of a socket have become known.
    pub(crate) fn learn(&mut self, socket: SocketId, ends: Ends, at: Micros) {
        if let Some(connection) = self.sockets.learn(socket, ends, at) {
            self.records.push(Record::Connection(connection));
        }
    }

    /// A call ends. `look` tells the state of a socket, where that is wanted.
    pub(crate) fn end(
        &mut self,
        thread: u32,
        ended: Ended,
        look: impl FnOnce(&[Sock]) -> Vec<State>,
    ) {
        let Some(call) = self.under_way.remove(&thread) else {
            return;
        };
        self.finish(call, ended, look);
    }

    /// A call will not come back, since its thread is gone.
    pub(crate) fn lose(&mut self, thread: u32, at: Micros, why: &str) {
        let result = Outcome::Unfinished(why.to_owned());
        self.end(thread, Ended::new(at, result), |_| Vec::new());
    }

    fn finish(&mut self, call: UnderWay, ended: Ended, look: impl FnOnce(&[Sock]) -> Vec<State>) {
        let UnderWay {
            step,
            begun,
            socket,
            waited,
        } = call;
        let (at, side) = (ended.at, begun.side);
        let result = ended.result;
        let listener = socket.filter(|_| begun.kind == Kind::Accept);
        let new = ended
            .made
            .iter()
            .map(|seen| self.meet(seen, at, side, Some(step), listener))
            .collect::<Vec<_>>();
        let subject = new.first().copied().or(socket);
        if let Some(subject) = subject {
            self.learn(subject, ended.ends, at);
        }
        if let [one, other] = new[..] {
            self.sockets.pair(one, other);
        }
        if let (Some(listener), Some(&accepted)) = (listener, new.first()) {
            self.join_unix(listener, accepted, at);
        }
        let data = ended.data.as_ref();
        let causes = self.causes(
            &begun,
            step,
            subject,
            data,
            ended.sender.as_deref(),
            &result,
        );
        let frames = match (subject, data) {
            (Some(socket), Some(data)) => self.frames.of(socket, data),
            _ => Vec::new(),
        };
        if let Some(socket) = subject.filter(|_| begun.kind == Kind::Close) {
            self.forget_unjoined(socket);
        }
        let states = look(&self.socks(subject));
        self.records.push(Record::Call(Call {
            step,
            side,
            process: begun.process,
            thread: begun.thread,
            began: begun.at,
            ended: at,
            waited,
            name: begun.name,
            arguments: begun.arguments,
            result,
            gave: ended.gave,
            socket: subject,
            data: ended.data,
            causes,
            frames,
            states,
        }));
    }

    /// What a socket sent whose other end isn't watched is received by nobody who is.
    fn forget_unjoined(&mut self, socket: SocketId) {
        if self.sockets.peer(socket).is_none() {
            self.streams.forget(socket);
            self.frames.forget(socket);
        }
    }

    /// A socket is met; for the first time, that is told.
    fn meet(
        &mut self,
        seen: &Seen,
        at: Micros,
        side: Side,
        step: Option<Step>,
        listener: Option<SocketId>,
    ) -> SocketId {
        let (socket, is_new) = self.sockets.meet(seen, listener.is_some());
        if is_new {
            self.records.push(Record::Socket(Socket {
                at,
                socket,
                side,
                family: seen.family.clone(),
                kind: seen.kind.clone(),
                step,
                listener,
            }));
        }
        socket
    }

    /// Unix sockets that connect have no address to be known by; they are accepted in the
    /// order in which they connected (unix(7): the backlog is a queue).
    fn join_unix(&mut self, listener: SocketId, accepted: SocketId, at: Micros) {
        let Some(path) = self.sockets.ends(listener).local else {
            return;
        };
        if !path.starts_with("unix:") {
            return;
        }
        if let Some(connected) = self.connecting.first_at(&path) {
            let connection = self.sockets.join(connected, accepted, at);
            self.records.push(Record::Connection(connection));
        }
    }

    /// The sockets whose states belong to a call on `socket`.
    fn socks(&self, socket: Option<SocketId>) -> Vec<Sock> {
        let both = socket
            .into_iter()
            .chain(socket.and_then(|it| self.sockets.peer(it)));
        both.map(|socket| Sock {
            socket,
            key: self.sockets.key(socket),
            holders: self.sockets.holders(socket),
            ends: self.sockets.ends(socket),
        })
        .collect()
    }
}
