//! What is seen of a call and of its sockets, by whoever watches.

use crate::kind::Kind;
use crate::record::{Argument, Data, Micros, Outcome, Side, SocketId};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// When.
    pub at: Micros,
    /// What came back.
    pub result: Outcome,
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

impl Ended {
    /// One that only says what came back.
    pub fn new(at: Micros, result: Outcome) -> Self {
        Self {
            at,
            result,
            gave: Vec::new(),
            data: None,
            sender: None,
            made: Vec::new(),
            ends: Ends::default(),
        }
    }
}

/// A socket whose state is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sock {
    /// Its number.
    pub socket: SocketId,
    /// Which one it is.
    pub key: SocketKey,
    /// Who was seen to have it, the latest first. Some may have closed it since.
    pub holders: Vec<Holder>,
    /// Its addresses.
    pub ends: Ends,
}
