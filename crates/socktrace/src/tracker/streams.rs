//! Whose bytes a call received: bytes come out of a stream in the order in which they
//! went in, so counting them tells.

use std::collections::{HashMap, VecDeque};

use crate::record::{Cause, SocketId, Step};

/// No call sends more, whatever length a program gives: the kernel takes at most 2 GiB of
/// each of 1,024 messages (write(2), sendmmsg(2)).
const MAX_OFFER: u64 = 1 << 41;
/// How many sends may wait to be received, as far as is looked after: what the other end's
/// program receives isn't seen, if only one is watched.
const MAX_CHUNKS: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Streams {
    sent: HashMap<SocketId, Sent>,
    received: HashMap<SocketId, u64>,
}

/// What a socket has sent.
#[derive(Debug, Default)]
struct Sent {
    /// What has not been received yet, in order.
    chunks: VecDeque<Chunk>,
    total: u64,
    end: Option<End>,
}

/// The call after which nothing more comes.
#[derive(Debug, Clone, Copy)]
enum End {
    Shutdown(Step),
    /// The latest: a socket with several descriptors lives until the last is closed.
    Close(Step),
}

/// The bytes of one call.
#[derive(Debug)]
struct Chunk {
    step: Step,
    start: u64,
    length: u64,
}

impl Streams {
    /// Bytes may be received before the call that sends them has come back: until then it
    /// counts as if it sent all that it offers.
    pub(super) fn begin_send(&mut self, socket: SocketId, step: Step, offered: u64) {
        let offered = offered.min(MAX_OFFER);
        let sent = self.sent.entry(socket).or_default();
        sent.chunks.push_back(Chunk {
            step,
            start: sent.total,
            length: offered,
        });
        sent.total += offered;
        if sent.chunks.len() > MAX_CHUNKS {
            sent.chunks.pop_front();
        }
    }

    /// The call has sent `length` bytes.
    pub(super) fn end_send(&mut self, socket: SocketId, step: Step, length: u64) {
        let Some(sent) = self.sent.get_mut(&socket) else {
            return;
        };
        // Nearly always it is the last.
        let Some(place) = sent.chunks.iter().rposition(|chunk| chunk.step == step) else {
            // Received as a whole already.
            return;
        };
        let mut chunks = sent.chunks.iter_mut().skip(place);
        let chunk = chunks.next().expect("found just now");
        let surplus = chunk.length.saturating_sub(length);
        chunk.length -= surplus;
        for later in chunks {
            later.start -= surplus;
        }
        sent.total -= surplus;
    }

    /// `by` has received `length` bytes of what `from` has sent; if it only had a look,
    /// it will receive them again.
    pub(super) fn receive(
        &mut self,
        from: SocketId,
        by: SocketId,
        length: u64,
        takes: bool,
    ) -> Vec<Cause> {
        let received = self.received.entry(by).or_default();
        let (start, end) = (*received, *received + length);
        if takes {
            *received = end;
        }
        let Some(sent) = self.sent.get_mut(&from) else {
            return Vec::new();
        };
        let mut causes = Vec::new();
        for chunk in &sent.chunks {
            let common_end = end.min(chunk.start + chunk.length);
            let common = common_end.saturating_sub(start.max(chunk.start));
            if common > 0 {
                causes.push(Cause {
                    step: chunk.step,
                    bytes: Some(common),
                });
            }
        }
        if takes {
            let is_received = |chunk: &Chunk| chunk.start + chunk.length <= end;
            while sent.chunks.front().is_some_and(is_received) {
                sent.chunks.pop_front();
            }
        }
        causes
    }

    /// Nothing more comes from `socket` after this call.
    pub(super) fn shut_down(&mut self, socket: SocketId, step: Step) {
        self.sent.entry(socket).or_default().end = Some(End::Shutdown(step));
    }

    /// Nothing more comes from `socket` after this call, if it had no other descriptor.
    pub(super) fn close(&mut self, socket: SocketId, step: Step) {
        let end = &mut self.sent.entry(socket).or_default().end;
        if !matches!(end, Some(End::Shutdown(_))) {
            *end = Some(End::Close(step));
        }
    }

    /// The socket is used again: its last descriptor was not closed.
    pub(super) fn go_on(&mut self, socket: SocketId) {
        if let Some(sent) = self.sent.get_mut(&socket)
            && matches!(sent.end, Some(End::Close(_)))
        {
            sent.end = None;
        }
    }

    /// Gives up what nobody will be seen to receive.
    pub(super) fn forget(&mut self, socket: SocketId) {
        if let Some(sent) = self.sent.get_mut(&socket) {
            sent.chunks = VecDeque::new();
        }
    }

    /// The call that ended what `socket` sends.
    pub(super) fn ended_by(&self, socket: SocketId) -> Option<Step> {
        let (End::Shutdown(step) | End::Close(step)) = self.sent.get(&socket)?.end?;
        Some(step)
    }
}
