//! What was sent at a connection, to tell it when something else comes back.

use crate::bytes::{n_bytes, shown};
use crate::speech::Speech;

/// How much of what was sent is remembered.
const SENT_HEAD: usize = 256;

/// The start of what was sent, and its length.
#[derive(Debug, Default)]
pub(super) struct Sent {
    head: Vec<u8>,
    length: usize,
    is_finished: bool,
}

impl Sent {
    /// Takes note of bytes that were sent, or tried.
    pub(super) fn note(&mut self, bytes: &[u8]) {
        let room = SENT_HEAD.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..room.min(bytes.len())]);
        self.length += bytes.len();
    }

    /// Takes note of the first `length` bytes of an endless stream.
    pub(super) fn note_stream(&mut self, speech: Speech, length: usize) {
        self.head = speech.stream(0, SENT_HEAD.min(length));
        self.length += length;
    }

    /// Takes note that nothing more is to come.
    pub(super) fn note_end(&mut self) {
        self.is_finished = true;
    }

    /// What was sent, for a report.
    pub(super) fn told(&self) -> String {
        let mut told = match self.length {
            0 => "nothing".to_owned(),
            length if length == self.head.len() => shown(&self.head),
            length => format!("{}: {}", n_bytes(length), quoted_head(&self.head)),
        };
        if self.is_finished {
            told += ", then the end of its input";
        }
        told
    }
}

/// The start of something longer, without its own length.
fn quoted_head(head: &[u8]) -> String {
    let told = shown(head);
    let quoted = told.find('"').map_or("", |start| &told[start..]);
    quoted.to_owned()
}
