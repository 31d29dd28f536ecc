//! The lines of a trace: what was seen of two programs, in the order in which it was
//! seen. Each line is one [`Record`] as a JSON object.
//!
//! Whoever reads a trace ignores fields and records that it doesn't know; a change that
//! would mislead such a reader raises [`VERSION`].

mod call;
mod hex;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::call::{
    Argument, Call, Cause, Data, Errno, Field, Frame, Outcome, State, Value, Wait, Way,
};

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

impl Record {
    /// When it came to be; for a call, when it ended.
    #[must_use]
    pub fn at(&self) -> Micros {
        match self {
            Self::Trace(_) => 0,
            Self::Thread(thread) => thread.at,
            Self::Exec(exec) => exec.at,
            Self::Socket(socket) => socket.at,
            Self::Connection(connection) => connection.at,
            Self::Wait(wait) => wait.at,
            Self::Call(call) => call.ended,
            Self::Output(output) => output.at,
            Self::Signal(signal) => signal.at,
            Self::Exit(exit) => exit.at,
            Self::Note(note) => note.at,
            Self::End(end) => end.at,
        }
    }
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

impl Side {
    /// The one that isn't this.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }
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
