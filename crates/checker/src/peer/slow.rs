//! A client that takes little at a time, or nothing: what it doesn't take has to wait
//! in the server.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use super::{Manner, Peer, is_timeout, not_accepted, pause, words};
use crate::outcome::{Miss, Outcome};
use crate::span::span;

/// So small that a large answer fills the server's own buffers, and not this one.
const NARROW: usize = 64 * 1024;

/// What a slow reader takes at a time, and how long it then rests: 32 MB/s at most, far
/// less than a server can read meanwhile.
const SLOW_PIECE: usize = 16 * 1024;
const SLOW_REST: Duration = Duration::from_micros(500);

/// How often a server is looked at while it is offered bytes.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

impl Peer {
    /// Connects with a small receive buffer.
    pub(crate) fn connect_narrow(address: SocketAddr, manner: Manner) -> Outcome<Self> {
        let stream = narrow_stream(address, manner.patience)
            .map_err(|error| not_accepted(&error, address, manner.patience))?;
        Self::new(stream, address, manner)
    }

    /// Takes a connection that is made already, and gives it a small receive buffer.
    pub(crate) fn narrowed(
        stream: TcpStream,
        address: SocketAddr,
        manner: Manner,
    ) -> Outcome<Self> {
        // With a larger one the row shows less, and is right all the same.
        let _ = SockRef::from(&stream).set_recv_buffer_size(NARROW);
        Self::new(stream, address, manner)
    }

    /// From now on reads a little at a time.
    pub(crate) fn slow_down(mut self) -> Self {
        self.is_slow = true;
        self
    }

    /// Where the next read of what has `length` bytes ends at most.
    pub(super) fn end_of_read(&self, n_came: usize, length: usize) -> usize {
        if !self.is_slow {
            return length;
        }
        pause(SLOW_REST);
        length.min(n_came + SLOW_PIECE)
    }

    /// Offers an endless stream without reading, until nothing of it is taken for
    /// `window`, or until `max` bytes are. Returns how many were.
    pub(crate) fn offer(&mut self, max: usize, window: Duration) -> Outcome<usize> {
        self.offer_while(max, window, || Ok(()))
    }

    /// The same, as long as `look` finds nothing wrong.
    pub(crate) fn offer_while(
        &mut self,
        max: usize,
        window: Duration,
        mut look: impl FnMut() -> Outcome,
    ) -> Outcome<usize> {
        const PIECE: usize = 64 * 1024;
        let begin = Instant::now();
        let deadline = self.end_of_step();
        let _ = self.stream.set_write_timeout(Some(window));
        let mut n_taken = 0;
        let mut last_look = Instant::now();
        while n_taken < max {
            let piece = self.manner.speech.stream(n_taken, PIECE.min(max - n_taken));
            match self.stream.write(&piece) {
                Ok(n) => n_taken += n,
                Err(error) if is_timeout(&error) => break,
                Err(error) => {
                    self.sent.note_stream(self.manner.speech, n_taken);
                    let came = words(&error, self.manner.patience);
                    return Err(self.failure("the connection stays open", came));
                }
            }
            if last_look.elapsed() >= LOOK_INTERVAL {
                look().map_err(|miss| miss.after(format!("{n_taken} bytes, none read back")))?;
                last_look = Instant::now();
            }
            if Instant::now() > deadline {
                // What so slow a program would do with more isn't known.
                let time = span(begin.elapsed());
                return Err(Miss::not_judged(format!(
                    "in {time} it took {n_taken} bytes, and was still taking more"
                )));
            }
        }
        let _ = self.stream.set_write_timeout(Some(self.manner.patience));
        self.sent.note_stream(self.manner.speech, n_taken);
        Ok(n_taken)
    }
}

fn narrow_stream(address: SocketAddr, patience: Duration) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Before connecting: the window that is offered first is made from it.
    socket.set_recv_buffer_size(NARROW)?;
    socket.connect_timeout(&address.into(), patience)?;
    Ok(socket.into())
}
