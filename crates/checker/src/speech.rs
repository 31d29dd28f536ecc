//! What a program under test speaks, so that one row can be checked of servers of
//! bytes and of servers of messages.

use crate::bytes::pattern;
use crate::message::{CLIENT_BINARY, KEEP_ALIVE, message};

/// How a payload is said, and what comes back for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    /// The bytes themselves, and the same again.
    Echo,
    /// A message with the payload as binary content, on a connection that is to be
    /// kept; a message about its first ten bytes.
    Messages,
}

/// The payload of each message in a stream of them.
const STREAMED: &[u8] = b"one of many";

impl Speech {
    /// What a client sends to say `payload`.
    pub(crate) fn request(self, payload: &[u8]) -> Vec<u8> {
        match self {
            Self::Echo => payload.to_vec(),
            Self::Messages => message(CLIENT_BINARY, "binary", KEEP_ALIVE, payload),
        }
    }

    /// A piece of an endless stream of requests: `length` bytes from `start` on.
    pub(crate) fn stream(self, start: usize, length: usize) -> Vec<u8> {
        match self {
            Self::Echo => pattern(start, length),
            Self::Messages => {
                let request = self.request(STREAMED);
                let n_requests = length / request.len() + 2;
                let from = start % request.len();
                request.repeat(n_requests)[from..from + length].to_vec()
            }
        }
    }

    /// How many whole requests of that stream are in its first `length` bytes.
    pub(crate) fn n_streamed(self, length: usize) -> usize {
        length / self.request(STREAMED).len()
    }

    /// What a server has to say about each of them.
    pub(crate) fn streamed_content() -> Vec<u8> {
        about(STREAMED)
    }
}

/// The content that answers a binary request.
pub(crate) fn about(payload: &[u8]) -> Vec<u8> {
    let first_ten = &payload[..payload.len().min(10)];
    [b"First 10 bytes of request: ", first_ten].concat()
}
