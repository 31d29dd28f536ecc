//! From calls to their story: which socket a call is about, which sockets are joined, and
//! whose bytes a call received.
//!
//! It knows no ptrace: calls come in as they begin and end, records come out.

mod connecting;
mod frames;
mod sockets;
mod streams;

use std::collections::HashMap;

use self::connecting::Connecting;
use self::frames::Frames;
use self::sockets::Sockets;
use self::streams::Streams;
use crate::kind::Kind;
use crate::record::{
    Argument, Call, Cause, Data, Micros, Outcome, Record, Side, Socket, SocketId, State, Step,
    Wait, Way,
};

/// What tells a socket from all others, whoever has it: its inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketKey(pub u64);

/// Both addresses of a socket, as far as it has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ends {
    /// Its own.
    pub local: Option<String>,
    /// The other end's.
    pub peer: Option<String>,
}

/// Which descriptor of which process names a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub process: u32,
    /// Its descriptor.
    pub descriptor: i32,
}

/// A socket that was seen, with the little that it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which one.
    pub key: SocketKey,
    /// Who has it.
    pub holder: Holder,
    /// `AF_INET`, ...
    pub family: String,
    /// `SOCK_STREAM`, ...
    pub kind: String,
}

/// A call, as it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// When.
    pub at: Micros,
    /// Whose.
    pub side: Side,
    /// The process.
    pub process: u32,
    /// The thread.
    pub thread: u32,
    /// The call's name.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// What it is given.
    pub arguments: Vec<Argument>,
    /// The socket that it is about.
    pub socket: Option<Seen>,
    /// How many bytes a send offers.
    pub offered: u64,
}

/// A call, as it ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ended {
    /// When.
    pub at: Micros,
    /// What came back.
    pub result: Option<Outcome>,
    /// What the kernel wrote.
    pub gave: Vec<Argument>,
    /// The bytes that went.
    pub data: Option<Data>,
    /// Where the bytes came from, of a datagram.
    pub sender: Option<String>,
    /// The sockets that it made.
    pub made: Vec<Seen>,
    /// The addresses that the socket has now: the new one, if it made one.
    pub ends: Ends,
}

/// The story so far.
#[derive(Debug, Default)]
pub struct Tracker {
    n_calls: Step,
    under_way: HashMap<u32, UnderWay>,
    sockets: Sockets,
    streams: Streams,
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
    pub fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// How many calls have begun.
    pub fn n_calls(&self) -> u64 {
        self.n_calls
    }

    /// The number of a socket that was seen; `None` if it wasn't.
    pub fn socket(&self, key: SocketKey) -> Option<SocketId> {
        self.sockets.number(key)
    }

    /// True for a socket without connections, whose bytes come in datagrams.
    pub fn is_datagram(&self, key: SocketKey) -> bool {
        let socket = self.sockets.number(key);
        socket.is_some_and(|socket| self.sockets.is_datagram(socket))
    }

    /// True if the socket's own address is known.
    pub fn has_address(&self, key: SocketKey) -> bool {
        let socket = self.sockets.number(key);
        socket.is_some_and(|socket| self.sockets.ends(socket).local.is_some())
    }

    /// A call begins.
    pub fn begin(&mut self, begun: Begun) {
        self.n_calls += 1;
        let step = self.n_calls;
        let (at, side) = (begun.at, begun.side);
        let seen = begun.socket.as_ref();
        let socket = seen.map(|seen| self.meet(seen, at, side, None, None));
        if let Some(socket) = socket {
            match begun.kind {
                Kind::Send => self.streams.begin_send(socket, step, begun.offered),
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
    pub fn not_seen_waiting(&self) -> impl Iterator<Item = u32> {
        let calls = self.under_way.values();
        calls
            .filter(|call| !call.waited)
            .map(|call| call.begun.thread)
    }

    /// Who may be about to finish the very call that the call of `thread` owes its end to:
    /// the kernel wakes whoever receives before the send has come back.
    pub fn causes_under_way(&self, thread: u32) -> Vec<u32> {
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
    pub fn waits(&self, thread: u32) -> bool {
        self.under_way.get(&thread).is_some_and(|call| call.waited)
    }

    /// The call of `thread` was seen to wait.
    pub fn wait(&mut self, thread: u32, at: Micros) {
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
    pub fn being_connected(&self) -> Vec<(SocketId, Holder)> {
        let sockets = self.connecting.under_way();
        sockets
            .filter_map(|socket| Some((socket, self.sockets.holder(socket)?)))
            .collect()
    }

    /// The addresses of a socket have become known.
    pub fn learn(&mut self, socket: SocketId, ends: Ends, at: Micros) {
        if let Some(connection) = self.sockets.learn(socket, ends, at) {
            self.records.push(Record::Connection(connection));
        }
    }

    /// A call ends. `look` tells the state of a socket, where that is wanted.
    pub fn end(&mut self, thread: u32, ended: Ended, look: impl FnMut(&Socks) -> Vec<State>) {
        let Some(call) = self.under_way.remove(&thread) else {
            return;
        };
        self.finish(call, ended, look);
    }

    /// A call will not come back, since its thread is gone.
    pub fn lose(&mut self, thread: u32, at: Micros, why: &str) {
        let ended = Ended {
            at,
            result: Some(Outcome::Unfinished(why.to_owned())),
            ..Ended::default()
        };
        self.end(thread, ended, |_| Vec::new());
    }

    fn finish(&mut self, call: UnderWay, ended: Ended, mut look: impl FnMut(&Socks) -> Vec<State>) {
        let UnderWay {
            step,
            begun,
            socket,
            waited,
        } = call;
        let (at, side) = (ended.at, begun.side);
        let result = ended
            .result
            .unwrap_or_else(|| Outcome::Unfinished(String::new()));
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

    /// What a result is owed to.
    fn causes(
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
        match (begun.kind, result) {
            (Kind::Send, _) if is_datagram && peer.is_none() => {
                let to = destination(begun).or(self.sockets.ends(socket).peer);
                self.streams.send_datagram(step, local, to, length);
                Vec::new()
            }
            (Kind::Send, _) => {
                self.streams.end_send(socket, step, length);
                reset_by(result, peer.and_then(|peer| self.streams.ended_by(peer)))
            }
            (Kind::Receive | Kind::Peek, _) if is_datagram && peer.is_none() => {
                let sender = sender.map(str::to_owned).or(self.sockets.ends(socket).peer);
                self.streams.receive_datagram(sender, local, length)
            }
            (Kind::Receive | Kind::Peek, Outcome::Returned(_)) if length > 0 => {
                let takes = data.is_some_and(|data| data.way == Way::Received);
                peer.map_or_else(Vec::new, |peer| {
                    self.streams.receive(peer, socket, length, takes)
                })
            }
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
    fn socks(&self, socket: Option<SocketId>) -> Socks {
        let both = socket
            .into_iter()
            .chain(socket.and_then(|it| self.sockets.peer(it)));
        both.filter_map(|socket| {
            Some(Sock {
                socket,
                key: self.sockets.key(socket)?,
                holder: self.sockets.holder(socket)?,
                ends: self.sockets.ends(socket),
            })
        })
        .collect()
    }
}

/// Sockets whose state is wanted.
pub type Socks = Vec<Sock>;

/// A socket whose state is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sock {
    /// Its number.
    pub socket: SocketId,
    /// Which one it is.
    pub key: SocketKey,
    /// Who had it when it was last seen.
    pub holder: Holder,
    /// Its addresses.
    pub ends: Ends,
}

/// Where a datagram is sent.
fn destination(begun: &Begun) -> Option<String> {
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
