//! The bytes that a call sends or receives, wherever they lie.

use std::iter;
use std::mem::offset_of;

use super::Site;
use super::header::{MAX_PIECES, Message, messages};
use super::memory::{Memory, u64_at};
use super::number::unsigned;
use super::table::Form;
use crate::record::{Data, Way};

/// Bytes in pieces, one behind the other.
#[derive(Debug, Default)]
struct Pieces {
    pieces: Vec<Piece>,
    /// The sum of the pieces' lengths.
    length: u64,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    address: u64,
    length: u64,
}

impl Pieces {
    fn new(pieces: Vec<Piece>) -> Self {
        let lengths = pieces.iter().map(|piece| piece.length);
        let length = lengths.fold(0, u64::saturating_add);
        Self { pieces, length }
    }

    /// Bytes that a call moves without ever laying them open to the program.
    fn unseen(length: u64) -> Self {
        let pieces = Vec::new();
        Self { pieces, length }
    }

    /// The `count` pieces that a vector at `address` lists.
    fn of_vector(memory: &dyn Memory, address: u64, count: u64) -> Self {
        const SIZE: usize = size_of::<libc::iovec>();
        let count = count.min(MAX_PIECES as u64);
        let bytes = memory.at_most(address, count * SIZE as u64, MAX_PIECES * SIZE);
        let pieces = bytes.chunks_exact(SIZE).map_while(|bytes| {
            Some(Piece {
                address: u64_at(bytes, offset_of!(libc::iovec, iov_base))?,
                length: u64_at(bytes, offset_of!(libc::iovec, iov_len))?,
            })
        });
        Self::new(pieces.collect())
    }

    /// The first `length` bytes, but not more than `keep`; fewer if they can't be read.
    fn read(&self, memory: &dyn Memory, length: u64, keep: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut left = length;
        for piece in &self.pieces {
            let wanted = piece.length.min(left);
            let read = memory.at_most(piece.address, wanted, keep - bytes.len());
            let is_whole = u64::try_from(read.len()).is_ok_and(|read| read == wanted);
            bytes.extend(read);
            left -= wanted;
            // What comes behind a gap would be taken for what is missing.
            if !is_whole || left == 0 {
                break;
            }
        }
        bytes
    }
}

/// Where the call's bytes are; several if it moves several messages.
fn portions<'a>(site: &Site<'a>) -> Box<dyn Iterator<Item = Pieces> + 'a> {
    let Site { args, memory, .. } = *site;
    let of_message =
        move |message: Message| Pieces::of_vector(memory, message.vector, message.n_pieces);
    let parameters = site.spec.parameters.iter().enumerate();
    for (at, (_, form)) in parameters {
        let this = args[at];
        let pieces = match form {
            Form::Buffer => Pieces::new(vec![Piece {
                address: this,
                length: args[at + 1],
            }]),
            Form::Vector => Pieces::of_vector(memory, this, args[at + 1]),
            Form::Message => {
                let message = Message::read(memory, this);
                message.map(of_message).unwrap_or_default()
            }
            Form::Messages => {
                let messages = messages(memory, this, unsigned(args[at + 1]).into());
                return Box::new(messages.into_iter().map(of_message));
            }
            Form::Size => Pieces::unseen(this),
            _ => continue,
        };
        return Box::new(iter::once(pieces));
    }
    Box::new(iter::empty())
}

/// How many bytes the kernel moved of each of the [`portions`].
fn moved(site: &Site, result: u64) -> Vec<u64> {
    let parameters = site.spec.parameters.iter().enumerate();
    for (at, (_, form)) in parameters {
        if let Form::Messages = form {
            let messages = messages(site.memory, site.args[at], result);
            let lengths = messages.iter().map(|message| message.length.into());
            return lengths.collect();
        }
    }
    vec![result]
}

/// How many bytes the program offers, or has room for.
pub(super) fn length(site: &Site) -> u64 {
    portions(site).fold(0, |sum, pieces| sum.saturating_add(pieces.length))
}

/// How many bytes a receive has room for.
pub(super) fn room(site: &Site) -> u64 {
    length(site)
}

/// The bytes that a send offers.
pub(super) fn offered(site: &Site, keep: usize) -> Data {
    let mut room = 0_u64;
    let mut bytes = Vec::new();
    for pieces in portions(site) {
        room = room.saturating_add(pieces.length);
        bytes.extend(pieces.read(site.memory, pieces.length, keep - bytes.len()));
    }
    Data {
        way: Way::Sent,
        length: 0,
        room,
        bytes,
    }
}

/// The bytes of `offered` that the kernel took.
pub(super) fn sent(site: &Site, offered: &Data, result: u64) -> Data {
    let length = moved(site, result).into_iter().fold(0, u64::saturating_add);
    let mut data = Data {
        length,
        ..offered.clone()
    };
    data.bytes
        .truncate(usize::try_from(length).unwrap_or(usize::MAX));
    data
}

/// The bytes that the kernel gave. With `MSG_TRUNC` a receive results in the length of
/// a datagram, even if there was room for less.
pub(super) fn received(site: &Site, way: Way, room: u64, result: u64, keep: usize) -> Data {
    let mut length = 0_u64;
    let mut bytes = Vec::new();
    for (pieces, moved) in portions(site).zip(moved(site, result)) {
        let got = moved.min(pieces.length);
        length = length.saturating_add(got);
        bytes.extend(pieces.read(site.memory, got, keep - bytes.len()));
    }
    Data {
        way,
        length,
        room,
        bytes,
    }
}

/// How many bytes one of several messages offers, or has room for.
pub(super) fn message_length(memory: &dyn Memory, message: &Message) -> u64 {
    Pieces::of_vector(memory, message.vector, message.n_pieces).length
}
