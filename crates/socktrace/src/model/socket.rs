//! A socket, from the call that made it to the one that closed it.

use crate::kind::Kind;
use crate::record::{Call, Outcome, Side, Socket, SocketId, State, Step, Value, Way};

use super::moved;

/// What is known of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketLife {
    /// Its number.
    pub socket: SocketId,
    /// Who has it.
    pub side: Side,
    /// `AF_INET`, ...; empty if its making wasn't seen.
    pub family: String,
    /// `SOCK_STREAM`, ...; likewise.
    pub kind: String,
    /// The call that made it.
    pub made: Option<Step>,
    /// The listening socket that it was accepted from.
    pub listener: Option<SocketId>,
    /// `listen` was called.
    pub is_listening: bool,
    /// Its own address, as far as it is known.
    pub local: Option<String>,
    /// The address of the other end.
    pub peer: Option<String>,
    /// Bytes that were sent.
    pub sent: u64,
    /// Bytes that were received.
    pub received: u64,
    /// The call that said that it sends no more.
    pub shut: Option<Step>,
    /// How it was closed; none while it is open.
    pub closed: Option<Closed>,
    /// Bytes that had come and that nobody had received, when the kernel was last asked.
    pub unread: u64,
    /// When it was closed, some of the peer's bytes were still unread, so that the
    /// connection was reset.
    pub is_reset: bool,
}

/// How a socket was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// By this call: the last of them, if several descriptors named it.
    By(Step),
    /// By the kernel, when the program ended.
    WithProgram,
}

impl SocketLife {
    pub(super) fn new(socket: SocketId, side: Side) -> Self {
        Self {
            socket,
            side,
            family: String::new(),
            kind: String::new(),
            made: None,
            listener: None,
            is_listening: false,
            local: None,
            peer: None,
            sent: 0,
            received: 0,
            shut: None,
            closed: None,
            unread: 0,
            is_reset: false,
        }
    }

    pub(super) fn introduce(&mut self, socket: &Socket) {
        self.side = socket.side;
        self.family.clone_from(&socket.family);
        self.kind.clone_from(&socket.kind);
        self.made = socket.step.or(self.made);
        self.listener = socket.listener.or(self.listener);
    }

    /// An empty address says nothing.
    pub(super) fn learn_local(&mut self, address: &str) {
        learn(&mut self.local, address);
    }

    pub(super) fn learn_peer(&mut self, address: &str) {
        learn(&mut self.peer, address);
    }

    /// A socket that was bound to port 0 has the port that it accepts at.
    pub(super) fn learn_port(&mut self, accepted_at: &str) {
        let host = self
            .local
            .as_deref()
            .and_then(|local| local.strip_suffix(":0"));
        if let (Some(host), Some((_, port))) = (host, accepted_at.rsplit_once(':')) {
            self.local = Some(format!("{host}:{port}"));
        }
    }

    pub(super) fn apply(&mut self, call: &Call) {
        let kind = call.kind();
        if let Outcome::Failed(errno) = &call.result {
            // It goes on in the background.
            if kind == Kind::Connect && errno.name == "EINPROGRESS" {
                self.learn_peer_from(call);
            }
            return;
        }
        if kind == Kind::Close {
            self.closed = Some(Closed::By(call.step));
            self.is_reset = self.unread > 0 && self.is_gone_after(call);
            return;
        }
        // Whoever uses it has another descriptor for it.
        if matches!(self.closed, Some(Closed::By(_))) {
            self.closed = None;
        }
        match moved(call) {
            Some((Way::Sent, n)) => self.sent = self.sent.saturating_add(n),
            Some((Way::Received, n)) => {
                self.received = self.received.saturating_add(n);
                self.unread = self.unread.saturating_sub(n);
            }
            Some((Way::Peeked, _)) | None => {}
        }
        match (kind, call.name.as_str()) {
            (Kind::Socket | Kind::SocketPair, _) => self.made = self.made.or(Some(call.step)),
            (Kind::Accept, _) => {
                self.made = self.made.or(Some(call.step));
                self.learn_peer_from(call);
            }
            (Kind::Bind, _) | (_, "getsockname") => {
                if let Some(address) = address(call) {
                    self.learn_local(address);
                }
            }
            (Kind::Connect, _) | (_, "getpeername") => self.learn_peer_from(call),
            (Kind::Listen, _) => self.is_listening = true,
            (Kind::Shutdown { sends_no_more }, _) if sends_no_more => {
                self.shut = Some(call.step);
            }
            _ => {}
        }
    }

    /// What is closed in order goes on for a while, in `FIN_WAIT1` for instance.
    fn is_gone_after(&self, close: &Call) -> bool {
        let mut states = close.states.iter();
        let own = states.find(|state| state.socket == self.socket);
        own.is_some_and(|own| own.state == "CLOSED") && self.kind.starts_with("SOCK_STREAM")
    }

    pub(super) fn learn_from(&mut self, state: &State) {
        self.learn_local(&state.local);
        // A listener's peer is the address of nobody, and its queue has no bytes.
        if state.state != "LISTEN" {
            self.learn_peer(&state.peer);
            self.unread = state.receive_queue;
        }
    }

    fn learn_peer_from(&mut self, call: &Call) {
        if let Some(address) = address(call) {
            self.learn_peer(address);
        }
    }
}

/// The address that a call was given, or rather the one that the kernel gave, which is
/// the later word.
fn address(call: &Call) -> Option<&str> {
    let mut values = call.gave.iter().chain(&call.arguments);
    let address = values.find(|value| value.name == "addr" && value.says_something())?;
    match &address.value {
        Value::Text(address) => Some(address),
        _ => None,
    }
}

fn learn(known: &mut Option<String>, address: &str) {
    if !address.is_empty() {
        *known = Some(address.to_owned());
    }
}
