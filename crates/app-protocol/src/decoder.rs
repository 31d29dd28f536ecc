//! Bytes in, messages out, however the bytes are split.

use std::mem;

use byteorder::{BigEndian, ByteOrder};
use thiserror::Error;

use crate::header::{Header, HeaderError, LENGTH_SIZE};

/// What a receiver allows by default. Content is held in memory, so this bounds
/// what a stranger can make us hold.
pub const DEFAULT_MAX_CONTENT: u64 = 8 << 20;
/// A buffer that grew larger for one message is not kept for the next.
const MAX_KEPT_BUFFER: usize = 1 << 10;

// ANCHOR: decoder
/// Takes a stream of bytes apart into messages.
///
/// Incomplete is not an error: the decoder keeps what has come and waits for
/// the rest. It never holds more than one header or one content, and takes
/// memory as the bytes come: at most twice as much, and never more than the
/// part will have.
#[derive(Debug)]
pub struct Decoder {
    max_content: u64,
    state: State,
    /// What has come of the present part, if that is not all of it.
    partial: Vec<u8>,
}

// ANCHOR_END: decoder
// ANCHOR: state
#[derive(Debug)]
enum State {
    Length,
    Header {
        length: usize,
    },
    /// Invariant: `header.content_length == length`, and no more than
    /// `max_content`.
    Content {
        header: Header,
        length: usize,
    },
    /// The last content was handed out from `partial`, which is now free.
    Delivered,
}
// ANCHOR_END: state

/// A whole message. The content is where it arrived, or where it was put
/// together.
#[derive(Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What the content is.
    pub header: Header,
    /// As many bytes as the header says.
    pub content: &'a [u8],
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The two bytes in front.
    Length,
    /// The JSON header.
    Header,
    /// The content.
    Content,
}

/// Where a stream ended that should have gone on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("truncated in the {}, {missing} bytes missing", self.part_name())]
pub struct Truncated {
    /// The part that is incomplete.
    pub part: Part,
    /// How many bytes of it never came.
    pub missing: usize,
}

impl Truncated {
    fn part_name(&self) -> &'static str {
        match self.part {
            Part::Length => "length",
            Part::Header => "header",
            Part::Content => "content",
        }
    }
}

/// Why bytes are not a message. What follows them can't be made out any more.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// The header is not one.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The content would be larger than the receiver allows.
    #[error("content is {length} bytes, limit is {max}")]
    ContentTooLarge {
        /// What the header says.
        length: u64,
        /// What the receiver allows.
        max: u64,
    },
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_CONTENT)
    }
}

impl Decoder {
    /// A decoder at the beginning of a stream, for contents of up to
    /// `max_content` bytes.
    pub fn new(max_content: u64) -> Self {
        Self {
            max_content,
            state: State::Length,
            partial: Vec::new(),
        }
    }

    /// The largest content that it allows, in bytes.
    pub fn max_content(&self) -> u64 {
        self.max_content
    }

    // ANCHOR: decode
    /// Takes bytes from the front of `input` until a message is whole, or until
    /// there are no more: then `None`, and the next bytes go on from here.
    ///
    /// # Errors
    ///
    /// [`DecodeError`]: the stream is unusable from here on.
    pub fn decode<'decoder, 'input: 'decoder>(
        &'decoder mut self,
        input: &mut &'input [u8],
    ) -> Result<Option<Message<'decoder>>, DecodeError> {
        self.decode_header(input)?;
        let (header, length) =
            match mem::replace(&mut self.state, State::Delivered) {
                State::Content { header, length } => (header, length),
                incomplete => return self.wait_in(incomplete),
            };
        let content = match gather(&mut self.partial, input, length) {
            Gathered::InInput(content) => content,
            Gathered::InPartial => &self.partial,
            Gathered::NotYet => {
                return self.wait_in(State::Content { header, length });
            }
        };
        Ok(Some(Message { header, content }))
    }
    // ANCHOR_END: decode

    /// Takes bytes until the header is whole, and none of the content.
    fn decode_header(&mut self, input: &mut &[u8]) -> Result<(), DecodeError> {
        // ANCHOR: header
        loop {
            match self.state {
                State::Delivered => {
                    self.partial.clear();
                    self.state = State::Length;
                }
                State::Length => {
                    let bytes =
                        match gather(&mut self.partial, input, LENGTH_SIZE) {
                            Gathered::InInput(bytes) => bytes,
                            Gathered::InPartial => &self.partial,
                            Gathered::NotYet => return Ok(()),
                        };
                    let length = usize::from(BigEndian::read_u16(bytes));
                    self.partial.clear();
                    self.state = State::Header { length };
                }
                // ANCHOR_END: header
                // ANCHOR: to_content
                State::Header { length } => {
                    let bytes = match gather(&mut self.partial, input, length) {
                        Gathered::InInput(bytes) => bytes,
                        Gathered::InPartial => &self.partial,
                        Gathered::NotYet => return Ok(()),
                    };
                    self.state = State::Delivered; // What comes of an error.
                    let header = Header::parse(bytes)?;
                    let length = self.checked_length(&header)?;
                    self.partial.clear();
                    self.state = State::Content { header, length };
                }
                State::Content { .. } => return Ok(()),
            }
        }
        // ANCHOR_END: to_content
    }

    /// How many bytes of content the message under way will have, once its
    /// header has come: whoever has not so much memory lets the rest wait.
    pub fn content_length(&self) -> Option<usize> {
        match self.state {
            State::Content { length, .. } => Some(length),
            _ => None,
        }
    }

    /// Gives back the memory of the message that was handed out last. Without
    /// this it happens when the next one begins, which may be long after.
    pub fn release(&mut self) {
        if matches!(self.state, State::Delivered) {
            self.partial.clear();
            self.partial.shrink_to(MAX_KEPT_BUFFER);
        }
    }

    /// What is missing if the stream ends now; `None` between two messages.
    pub fn truncated(&self) -> Option<Truncated> {
        let (part, length) = match self.state {
            State::Length if self.partial.is_empty() => return None,
            State::Delivered => return None,
            State::Length => (Part::Length, LENGTH_SIZE),
            State::Header { length } => (Part::Header, length),
            State::Content { length, .. } => (Part::Content, length),
        };
        let missing = length - self.partial.len();
        Some(Truncated { part, missing })
    }

    fn wait_in(
        &mut self,
        state: State,
    ) -> Result<Option<Message<'_>>, DecodeError> {
        self.state = state;
        Ok(None)
    }

    fn checked_length(&self, header: &Header) -> Result<usize, DecodeError> {
        let too_large = DecodeError::ContentTooLarge {
            length: header.content_length,
            max: self.max_content,
        };
        if header.content_length > self.max_content {
            return Err(too_large);
        }
        // A limit beyond this machine's memory is none to rely on.
        usize::try_from(header.content_length).map_err(|_| too_large)
    }
}

/// Where `n` bytes are, if all of them have come.
enum Gathered<'a> {
    /// In one piece, where they arrived.
    InInput(&'a [u8]),
    /// Put together, in the decoder's own buffer.
    InPartial,
    NotYet,
}

/// Takes as many of `n` bytes as there are. A byte is looked at once, and
/// copied only if the part it belongs to arrives in pieces.
fn gather<'a>(
    partial: &mut Vec<u8>,
    input: &mut &'a [u8],
    n: usize,
) -> Gathered<'a> {
    let n_missing = n - partial.len();
    let n_taken = n_missing.min(input.len());
    let (taken, rest) = input.split_at(n_taken);
    *input = rest;
    if taken.len() == n {
        return Gathered::InInput(taken);
    }
    // Twice as much each time, as a `Vec` grows by itself, but never more than
    // the part will have: its length is what a server has counted for it.
    let len = partial.len() + n_taken;
    if partial.capacity() < len {
        let wanted = (2 * len).min(n);
        partial.reserve_exact(wanted - partial.len());
    }
    partial.extend_from_slice(taken);
    if partial.len() == n {
        Gathered::InPartial
    } else {
        Gathered::NotYet
    }
}
