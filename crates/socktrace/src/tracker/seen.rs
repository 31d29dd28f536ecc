//! What is seen of a call and of its sockets, by whoever watches.

use crate::kind::Kind;
use crate::record::{Argument, Data, Micros, Outcome, Side, SocketId};

/// What tells a socket from all others, whoever has it: its inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SocketKey(pub u64);

/// Both addresses of a socket, as far as it has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ends {
    /// Its own.
    pub(crate) local: Option<String>,
    /// The other end's.
    pub(crate) peer: Option<String>,
}

/// Which descriptor of which process names a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The process.
    pub(crate) process: u32,
    /// Its descriptor.
    pub(crate) descriptor: i32,
}

/// A socket that was seen, with the little that it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Which one.
    pub(crate) key: SocketKey,
    /// Who has it.
    pub(crate) holder: Holder,
    /// `AF_INET`, ...
    pub(crate) family: String,
    /// `SOCK_STREAM`, ...
    pub(crate) kind: String,
}

/// A call, as it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Begun {
    /// When.
    pub(crate) at: Micros,
    /// Whose.
    pub(crate) side: Side,
    /// The process.
    pub(crate) process: u32,
    /// The thread.
    pub(crate) thread: u32,
    /// The call's name.
    pub(crate) name: String,
    /// What it does.
    pub(crate) kind: Kind,
    /// What it is given.
    pub(crate) arguments: Vec<Argument>,
    /// The socket that it is about.
    pub(crate) socket: Option<Seen>,
    /// How many bytes a send offers.
    pub(crate) offered: u64,
}

/// A call, as it ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ended {
    /// When.
    pub(crate) at: Micros,
    /// What came back.
    pub(crate) result: Outcome,
    /// What the kernel wrote.
    pub(crate) gave: Vec<Argument>,
    /// The bytes that went.
    pub(crate) data: Option<Data>,
    /// Where the bytes came from, of a datagram.
    pub(crate) sender: Option<String>,
    /// The sockets that it made.
    pub(crate) made: Vec<Seen>,
    /// The addresses that the socket has now: the new one, if it made one.
    pub(crate) ends: Ends,
}

impl Ended {
    /// One that only says what came back.
    pub(crate) fn new(at: Micros, result: Outcome) -> Self {
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
pub(crate) struct Sock {
    /// Its number.
    pub(crate) socket: SocketId,
    /// Which one it is.
    pub(crate) key: SocketKey,
    /// Who was seen to have it, the latest first. Some may have closed it since.
    pub(crate) holders: Vec<Holder>,
    /// Its addresses.
    pub(crate) ends: Ends,
}
