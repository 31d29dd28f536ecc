//! The lines of a trace: what was seen of two programs, in the order in which it was
//! seen. Each line is one [`Record`] as a JSON object.
//!
//! Whoever reads a trace ignores fields and records that it doesn't know; a change that
//! would mislead such a reader raises [`VERSION`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// The version of the format, in the first line of each trace.
pub const VERSION: u32 = 1;

/// Microseconds since the trace began, by the monotonic clock. Taken where the watcher
/// saw something, so the watching is in it.
pub type Micros = u64;
/// The number of a call: 1 is the first that began.
pub type Step = u64;
/// The number of a socket: 1 is the first that was seen. The same socket keeps it
/// whatever descriptors name it, in whatever process.
pub type SocketId = u32;

/// One line of a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// The first line.
    Trace(Header),
    /// A process or a thread begins to be watched.
    Thread(Thread),
    /// A process goes on as another program (`execve`).
    Exec(Exec),
    /// A socket comes to be, or is seen for the first time.
    Socket(Socket),
    /// Two sockets of the trace turn out to be joined.
    Connection(Connection),
    /// A call that has begun waits in the kernel. Its [`Call`] comes when it ends.
    Wait(Wait),
    /// A call has ended.
    Call(Call),
    /// A program has written to its standard output or error.
    Output(Output),
    /// A signal has arrived.
    Signal(Signal),
    /// A thread or process is gone.
    Exit(Exit),
    /// Something that the reader of the trace should know, in words.
    Note(Note),
    /// The last line; one that is missing says that the trace was cut short.
    End(End),
}

/// Which of the programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The one that was started first; also the only one.
    Server,
    /// The one that was started when the server listened.
    Client,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Server => "server",
            Self::Client => "client",
        })
    }
}

/// The first line of a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub version: u32,
    /// The processor whose calls these are: `x86_64` or `aarch64`.
    pub architecture: String,
    /// The programs: one, or a server and a client.
    pub programs: Vec<Program>,
    /// How many bytes of each call were kept, at most.
    pub bytes_kept: usize,
}

/// A program, as it was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Which of the two.
    pub side: Side,
    /// Its command, word by word; what isn't UTF-8 is replaced. A client's address may
    /// still stand there as `{host}` and `{port}`.
    pub command: Vec<String>,
}

/// A process or a thread begins to be watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// When.
    pub at: Micros,
    /// Whose.
    pub side: Side,
    /// Its process.
    pub process: u32,
    /// Itself; the same as `process` for the first thread of a process.
    pub thread: u32,
    /// The thread that made it, if that is watched too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
}

/// A process goes on as another program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exec {
    /// When.
    pub at: Micros,
    /// Whose.
    pub side: Side,
    /// The process.
    pub process: u32,
    /// The path of the program that it has become.
    pub path: String,
}

/// A socket comes to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Socket {
    /// When.
    pub at: Micros,
    /// Its number, from here on.
    pub socket: SocketId,
    /// Who has it.
    pub side: Side,
    /// `AF_INET`, `AF_INET6`, `AF_UNIX`, ...
    pub family: String,
    /// `SOCK_STREAM`, `SOCK_DGRAM`, ...
    pub kind: String,
    /// The call that made it; none if it was inherited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The socket whose backlog it was taken from, for one that came by `accept`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener: Option<SocketId>,
}

/// Two sockets of the trace are joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// When it was noticed.
    pub at: Micros,
    /// The socket that connected.
    pub connected: SocketId,
    /// The socket that was accepted.
    pub accepted: SocketId,
    /// The address of `connected`.
    pub from: String,
    /// The address of `accepted`.
    pub to: String,
}

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

/// A named value: what a call was given, or what the kernel gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// As the manual pages name it: `fd`, `addr`, `flags`, ...
    pub name: String,
    /// Its value.
    pub value: Value,
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

/// What a program wrote to its standard output or error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// When it was seen.
    pub at: Micros,
    /// Whose.
    pub side: Side,
    /// `stdout` or `stderr`.
    pub stream: String,
    /// The text; what isn't UTF-8 is replaced.
    pub text: String,
}

/// A signal that arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// When.
    pub at: Micros,
    /// Whose.
    pub side: Side,
    /// The thread.
    pub thread: u32,
    /// `SIGTERM`, `SIGCHLD`, ...
    pub name: String,
    /// True if it stopped the process (Ctrl-Z) instead of being delivered to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stopped: bool,
}

/// A thread or process is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// When.
    pub at: Micros,
    /// Whose.
    pub side: Side,
    /// Its process.
    pub process: u32,
    /// Itself.
    pub thread: u32,
    /// Its exit status, as a shell has it: 128 and the signal's number for a signal.
    pub status: i32,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
}

/// Something that the reader should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Micros,
    /// Whom it is about; none for the trace itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// What.
    pub text: String,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Micros,
    /// How many calls were recorded.
    pub calls: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Bytes as hexadecimal digits, two each.
mod hex {
    use std::fmt::Write;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            let _ = write!(digits, "{byte:02x}");
        }
        serializer.serialize_str(&digits)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(deserializer)?;
        let expected = || D::Error::custom("expected hexadecimal digits, two for each byte");
        let pairs = digits.as_bytes().chunks(2);
        pairs
            .map(|pair| {
                let pair = str::from_utf8(pair).ok().filter(|pair| pair.len() == 2);
                let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
                byte.ok_or_else(expected)
            })
            .collect()
    }
}
