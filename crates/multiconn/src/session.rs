//! What a server does, apart from how its bytes travel.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use common::Printable;

// ANCHOR: session
/// One conversation: bytes come in, bytes go out, and nothing here knows of
/// sockets or clocks.
///
/// The event loop owns the connection: it reads, hands over the input, writes
/// the output, and holds input back while the peer doesn't read its answers.
pub trait Session {
    /// Takes input from the front, appends the answer to `output`, and returns
    /// how many bytes it took.
    ///
    /// It takes at most one message a call, so that the loop can hold back the
    /// next one while answers wait to be read. Whatever it leaves is offered
    /// again, alone: nothing more is read until all is taken. So an incomplete
    /// message is the session's to keep; taking nothing means "not before my
    /// deadline", which it then must have, or that it is finished.
    fn receive(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        now: Instant,
    ) -> usize;

    // ANCHOR_END: session

    // ANCHOR: ends
    /// The connection is established. Who speaks first does so here.
    fn start(&mut self, _output: &mut Vec<u8>, _now: Instant) {}

    /// The peer has finished sending, and all it sent was taken. It still
    /// reads: this is the place for last words.
    fn end_of_input(&mut self, _output: &mut Vec<u8>, _now: Instant) {}

    /// The server is about to stop: no input will be handed over but what has
    /// already arrived.
    fn stop(&mut self) {}

    /// Nothing more will be said: the loop sends what is left, then closes.
    fn is_finished(&self) -> bool {
        false
    }

    // ANCHOR_END: ends

    // ANCHOR: deadlines
    /// When [`handle_timeout`](Self::handle_timeout) is due, if ever.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// The deadline has come. It must be met by a later one, or by finishing.
    fn handle_timeout(&mut self, _output: &mut Vec<u8>, _now: Instant) {}

    /// Input was held back for so long: deadlines that were running meanwhile
    /// move by as much, since the peer is not to blame for what nobody read.
    fn put_off(&mut self, _by: Duration) {}

    /// How many bytes of memory it needs until the message under way is
    /// answered. While all connections together hold too much, it gets no input
    /// until there is room; for 64 KiB there always is.
    fn room_needed(&self) -> usize {
        0
    }
    // ANCHOR_END: deadlines
}

// ANCHOR: echo
/// Sends back whatever arrives: the smallest session.
#[derive(Debug)]
pub struct Echo {
    peer: SocketAddr,
}

impl Echo {
    /// A session with the client at `peer`.
    pub fn new(peer: SocketAddr) -> Self {
        Self { peer }
    }
}

impl Session for Echo {
    fn receive(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        _now: Instant,
    ) -> usize {
        log::info!("echoing {} to {}", Printable::excerpt(input), self.peer);
        output.extend_from_slice(input);
        input.len()
    }
}
// ANCHOR_END: echo
