//! Messages of stage 3, named field by field by the stage's own decoder, if that is what
//! the bytes are.

use std::collections::HashMap;

use app_protocol::header::LENGTH_SIZE;
use app_protocol::{ByteOrder, Decoder, Message};
use common::Printable;

use crate::record::{Data, Field, Frame, SocketId, Way};

/// What one direction may make us hold. Larger messages are beyond what a person reads.
const MAX_CONTENT: u64 = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Frames {
    /// What each socket sends, and what it receives. `None` for bytes that are no such
    /// messages, or were not all kept.
    directions: HashMap<(SocketId, Way), Option<Direction>>,
}

#[derive(Debug)]
struct Direction {
    decoder: Decoder,
    /// How many bytes of the message under way have come.
    n_bytes: usize,
}

impl Frames {
    /// The socket says nothing more.
    pub(super) fn forget(&mut self, socket: SocketId) {
        for way in [Way::Sent, Way::Received] {
            self.directions.remove(&(socket, way));
        }
    }

    /// The parts of messages that become whole with `data`.
    pub(super) fn of(&mut self, socket: SocketId, data: &Data) -> Vec<Frame> {
        if data.way == Way::Peeked {
            return Vec::new();
        }
        let new = || {
            Some(Direction {
                decoder: Decoder::new(MAX_CONTENT),
                n_bytes: 0,
            })
        };
        let slot = self
            .directions
            .entry((socket, data.way))
            .or_insert_with(new);
        let is_whole = data.bytes.len() as u64 >= data.length;
        let frames = match slot {
            Some(direction) if is_whole => direction.parts(&data.bytes),
            _ => None,
        };
        if frames.is_none() {
            *slot = None;
        }
        frames.unwrap_or_default()
    }
}

impl Direction {
    /// The parts that become whole; `None` if these are no messages.
    fn parts(&mut self, mut bytes: &[u8]) -> Option<Vec<Frame>> {
        let mut frames = Vec::new();
        while !bytes.is_empty() {
            let length = bytes.len();
            let message = self.decoder.decode(&mut bytes).ok()?;
            self.n_bytes += length - bytes.len();
            let Some(message) = message else {
                break;
            };
            frames.extend(parts(&message, self.n_bytes));
            self.n_bytes = 0;
        }
        Some(frames)
    }
}

fn parts(message: &Message<'_>, n_bytes: usize) -> [Frame; 3] {
    let header = &message.header;
    let order = match header.byte_order {
        ByteOrder::Little => "little",
        ByteOrder::Big => "big",
    };
    let mut fields = vec![
        field("byteorder", order),
        field("content-type", plain(header.content_type.as_bytes())),
        field(
            "content-encoding",
            plain(header.content_encoding.as_bytes()),
        ),
        field("content-length", header.content_length.to_string()),
    ];
    if header.keep_alive {
        fields.push(field("connection", "keep-alive"));
    }
    let part = |part: &str, length: usize, fields| Frame {
        part: part.to_owned(),
        length: length as u64,
        fields,
    };
    let header_length = n_bytes - LENGTH_SIZE - message.content.len();
    let content = plain(message.content);
    [
        part(
            "length",
            LENGTH_SIZE,
            vec![field("length", header_length.to_string())],
        ),
        part("header", header_length, fields),
        part(
            "content",
            message.content.len(),
            vec![field("content", content)],
        ),
    ]
}

fn field(name: &str, value: impl Into<String>) -> Field {
    Field {
        name: name.to_owned(),
        value: value.into(),
    }
}

fn plain(bytes: &[u8]) -> String {
    Printable::excerpt(bytes).without_quotes().to_string()
}
