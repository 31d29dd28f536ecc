//! Headers of messages, as they lie in a program's memory: where its bytes are, where it
//! goes or comes from, and what goes with it (sendmsg(2)).

use std::mem::offset_of;

use super::control;
use super::memory::{Memory, i32_at, u32_at, u64_at};

/// The kernel refuses a call with more pieces, or takes as many messages only.
pub(super) const MAX_PIECES: usize = libc::UIO_MAXIOV as usize;

/// A `struct msghdr`, or a `struct mmsghdr`, which is one with a length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    pub(super) name: u64,
    pub(super) name_length: u32,
    pub(super) vector: u64,
    pub(super) n_pieces: u64,
    control: u64,
    control_length: u64,
    pub(super) flags: i32,
    /// How many bytes the kernel moved, of a `struct mmsghdr`.
    pub(super) length: u32,
}

impl Message {
    pub(super) fn read(memory: &dyn Memory, place: u64) -> Option<Self> {
        Self::of(&memory.read(place, size_of::<libc::msghdr>()))
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            name: u64_at(bytes, offset_of!(libc::msghdr, msg_name))?,
            name_length: u32_at(bytes, offset_of!(libc::msghdr, msg_namelen))?,
            vector: u64_at(bytes, offset_of!(libc::msghdr, msg_iov))?,
            n_pieces: u64_at(bytes, offset_of!(libc::msghdr, msg_iovlen))?,
            control: u64_at(bytes, offset_of!(libc::msghdr, msg_control))?,
            control_length: u64_at(bytes, offset_of!(libc::msghdr, msg_controllen))?,
            flags: i32_at(bytes, offset_of!(libc::msghdr, msg_flags))?,
            length: u32_at(bytes, offset_of!(libc::mmsghdr, msg_len)).unwrap_or(0),
        })
    }

    pub(super) fn control(&self, memory: &dyn Memory) -> control::Control {
        control::read(memory, self.control, self.control_length)
    }
}

/// The first `count` messages of a list; fewer if they can't be read, or if the kernel
/// wouldn't look at more.
pub(super) fn messages(memory: &dyn Memory, place: u64, count: u64) -> Vec<Message> {
    const SIZE: usize = size_of::<libc::mmsghdr>();
    let count = usize::try_from(count).unwrap_or(MAX_PIECES).min(MAX_PIECES);
    let bytes = memory.read(place, count * SIZE);
    bytes.chunks_exact(SIZE).map_while(Message::of).collect()
}
