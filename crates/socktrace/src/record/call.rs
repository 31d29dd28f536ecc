//! A call, with all that belongs to it.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::Header;
use super::{Micros, Side, SocketId, Step, hex, is_false};

/// A call that has begun waits in the kernel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// When it was noticed.
    pub at: Micros,
    /// Whose.
    pub side: Side,
    /// The thread that waits.
    pub thread: u32,
    /// The number that its call will have.
    pub step: Step,
    /// The call's name.
    pub name: String,
    /// The call's arguments.
    pub arguments: Vec<Argument>,
    /// The socket that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<SocketId>,
}

/// A call that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its number, in the order of beginnings.
    pub step: Step,
    /// Whose.
    pub side: Side,
    /// The process.
    pub process: u32,
    /// The thread.
    pub thread: u32,
    /// When it was let into the kernel.
    pub began: Micros,
    /// When it came back.
    pub ended: Micros,
    /// True if it was seen to wait; the time that it took is then `ended - began`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub waited: bool,
    /// The kernel's name of the call: `recvfrom`, where a program may say `recv`.
    pub name: String,
    /// What the program gave, in order.
    pub arguments: Vec<Argument>,
    /// What came back.
    pub result: Outcome,
    /// What the kernel wrote into the program's memory, but for bytes that were received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gave: Vec<Argument>,
    /// The socket that it concerns; a new one if it made one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<SocketId>,
    /// The bytes that were sent or received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// The calls of the other side that it owes its result to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// The parts of stage 3's messages that its bytes brought to an end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
    /// The socket, and the one that it is joined with, as the kernel has them after the
    /// call. Empty where that wasn't asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<State>,
}

impl Call {
    /// True of a `close` after which the socket is still there, since another descriptor
    /// names it: one that was closed for good leaves these states at once.
    pub fn leaves_socket_open(&self) -> bool {
        let mut states = self.states.iter();
        let own = states.find(|state| Some(state.socket) == self.socket);
        own.is_some_and(|own| matches!(own.state.as_str(), "ESTABLISHED" | "LISTEN"))
    }
}

/// A named value: what a call was given, or what the kernel gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// As the manual pages name it: `fd`, `addr`, `flags`, ...
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl Argument {
    /// A named value.
    pub fn new(name: &str, value: Value) -> Self {
        let name = name.to_owned();
        Self { name, value }
    }

    /// False of what programs give where they have nothing to say: no flags, no address.
    #[must_use]
    pub fn says_something(&self) -> bool {
        match (self.name.as_str(), &self.value) {
            (_, Value::Text(text)) if text.is_empty() => false,
            ("addr", Value::Text(address)) => address != "none",
            ("flags", Value::Number(bits)) => *bits != 0,
            _ => true,
        }
    }
}

/// A value as a person would write it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A descriptor, a size, a count, milliseconds.
    Number(i64),
    /// Names of constants (`SOCK_STREAM|SOCK_CLOEXEC`), an address (`127.0.0.1:65432`,
    /// `[::1]:65432`, a path), a pointer, text.
    Text(String),
    /// Several: descriptors and what is asked of them (`4 POLLIN`).
    List(Vec<Value>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}")?;
                }
                f.write_str("]")
            }
        }
    }
}

/// What an [`Outcome::Unfinished`] says if the thread, or its program, ended meanwhile.
pub const THREAD_ENDED: &str = "the thread ended";

/// What came back from a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A value: a descriptor, a count of bytes, 0.
    Returned(i64),
    /// An error.
    Failed(Errno),
    /// Nothing: the thread was gone before, or the watching ended. The text says which.
    Unfinished(String),
}

/// An error, as `errno` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errno {
    /// `EAGAIN`, `ECONNRESET`, ...
    pub name: String,
    /// Its number on this system.
    pub number: i32,
}

/// The bytes of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Which way they went.
    pub way: Way,
    /// How many the kernel took or gave.
    pub length: u64,
    /// How many the program offered, or had room for.
    pub room: u64,
    /// The first of them, in hexadecimal digits: as many as [`Header::bytes_kept`] says.
    #[serde(with = "hex")]
    pub bytes: Vec<u8>,
}

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From the program into the kernel.
    Sent,
    /// From the kernel to the program.
    Received,
    /// To the program, which left them where they were (`MSG_PEEK`).
    Peeked,
}

/// A call of the other side that a result is owed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The call: the send whose bytes these are, the `connect` that was accepted, the
    /// `close` behind an end of input or a reset.
    pub step: Step,
    /// How many of the bytes; none where it isn't about bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A part of a message of stage 3, which is now whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// `length`, `header` or `content`.
    pub part: String,
    /// How many bytes it has.
    pub length: u64,
    /// Its fields: one named as the part, or those of the header.
    pub fields: Vec<Field>,
}

/// A field of a message, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// `byteorder`, `content-length`, ...
    pub name: String,
    /// What it says; an excerpt, if it is long.
    pub value: String,
}

/// A socket as the kernel has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Which one.
    pub socket: SocketId,
    /// Its state: `LISTEN`, `ESTABLISHED`, `CLOSE_WAIT`, ... as `ss` and `netstat` have
    /// it; `CLOSED` for one that isn't there any more.
    pub state: String,
    /// Its own address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub local: String,
    /// The other end's address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub peer: String,
    /// Bytes that have come and that nobody has received; for a listener, connections
    /// that nobody has accepted.
    pub receive_queue: u64,
    /// Bytes that were sent and that the other end has not confirmed; for a listener,
    /// its backlog.
    pub send_queue: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: Value, expected: bool) {
        assert_eq!(Argument::new(name, value).says_something(), expected);
    }

    #[test]
    fn no_flags_and_no_address_say_nothing() {
        let text = |text: &str| Value::Text(text.to_owned());
        check("flags", Value::Number(0), false);
        check("flags", text("MSG_PEEK"), true);
        check("addr", text("none"), false);
        check("addr", text(""), false);
        check("addr", text("127.0.0.1:1"), true);
        // It waits for ever.
        check("timeout", text("none"), true);
        check("protocol", Value::Number(0), true);
    }
}
