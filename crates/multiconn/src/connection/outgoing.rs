//! Output on its way to a peer that may take it piece by piece.

use std::io::{self, ErrorKind, Write};

use super::stream::unless_it_would_block;

/// What the system has not taken yet, and whether it would take more.
#[derive(Debug, Default)]
pub struct Outgoing {
    buffer: Vec<u8>,
    /// How much of `buffer` is sent.
    /// Invariant: `n_sent < buffer.len()`, or both are 0.
    n_sent: usize,
    is_writable: bool,
}

impl Outgoing {
    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.buffer.len() - self.n_sent
    }

    /// True if none wait.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if nothing has said "would block" since the last event.
    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// Notes an event, or that there was none after all.
    pub fn set_writable(&mut self, is_writable: bool) {
        self.is_writable = is_writable;
    }

    // ANCHOR: send
    /// Writes `output` straight from the caller's buffer. Only what the system
    /// doesn't take is copied, to wait for the next writable event.
    ///
    /// Returns how many bytes the system took.
    ///
    /// # Errors
    ///
    /// As the stream gives them.
    pub fn send(
        &mut self,
        stream: &mut impl Write,
        output: &[u8],
    ) -> io::Result<usize> {
        let mut n_taken = 0;
        if self.is_empty() {
            n_taken = write(stream, output, &mut self.is_writable)?;
        }
        self.push(&output[n_taken..]);
        Ok(n_taken)
    }

    // ANCHOR_END: send

    // ANCHOR: flush
    /// Writes what waits, and returns how many bytes of it the system took.
    ///
    /// # Errors
    ///
    /// As the stream gives them.
    pub fn flush(&mut self, stream: &mut impl Write) -> io::Result<usize> {
        let unsent = &self.buffer[self.n_sent..];
        let n_taken = write(stream, unsent, &mut self.is_writable)?;
        self.n_sent += n_taken;
        if self.is_empty() {
            // The memory is given back: most connections never need any.
            self.buffer = Vec::new();
            self.n_sent = 0;
        }
        Ok(n_taken)
    }
    // ANCHOR_END: flush

    /// Lets `output` wait behind what waits already.
    pub fn push(&mut self, output: &[u8]) {
        if !output.is_empty() {
            self.buffer.drain(..self.n_sent);
            self.n_sent = 0;
            self.buffer.extend_from_slice(output);
        }
    }
}

/// Writes until all is taken or the system would block.
fn write(
    stream: &mut impl Write,
    bytes: &[u8],
    is_writable: &mut bool,
) -> io::Result<usize> {
    let mut n_taken = 0;
    while *is_writable && n_taken < bytes.len() {
        match unless_it_would_block(|| stream.write(&bytes[n_taken..]))? {
            Some(0) => return Err(ErrorKind::WriteZero.into()),
            Some(n) => n_taken += n,
            None => *is_writable = false,
        }
    }
    Ok(n_taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, at most three a write, and keeps them.
    struct Room {
        n_left: usize,
        taken: Vec<u8>,
    }

    impl Write for Room {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(self.n_left).min(3);
            if n == 0 {
                return Err(ErrorKind::WouldBlock.into());
            }
            self.n_left -= n;
            self.taken.extend_from_slice(&bytes[..n]);
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn room(n_left: usize) -> (Outgoing, Room) {
        let mut outgoing = Outgoing::default();
        outgoing.set_writable(true);
        let taken = Vec::new();
        (outgoing, Room { n_left, taken })
    }

    #[test]
    fn what_is_taken_at_once_never_waits() {
        let (mut outgoing, mut stream) = room(100);
        assert_eq!(outgoing.send(&mut stream, b"0123456789").unwrap(), 10);
        assert!(outgoing.is_empty() && outgoing.is_writable());
        assert_eq!(outgoing.buffer.capacity(), 0);
    }

    #[test]
    fn the_rest_waits_in_order_however_little_is_taken() {
        for n_at_once in 1..10 {
            let (mut outgoing, mut stream) = room(n_at_once);
            outgoing.send(&mut stream, b"01234").unwrap();
            outgoing.send(&mut stream, b"56789").unwrap();
            while !outgoing.is_empty() {
                assert!(!outgoing.is_writable());
                stream.n_left = n_at_once;
                outgoing.set_writable(true);
                outgoing.flush(&mut stream).unwrap();
            }
            assert_eq!(stream.taken, b"0123456789", "{n_at_once} at once");
            assert_eq!(
                outgoing.buffer.capacity(),
                0,
                "its memory is given back"
            );
        }
    }

    #[test]
    fn nothing_is_written_before_an_event_says_that_there_is_room() {
        let (mut outgoing, mut stream) = room(100);
        outgoing.set_writable(false);
        outgoing.send(&mut stream, b"abc").unwrap();
        outgoing.flush(&mut stream).unwrap();
        assert_eq!((stream.taken.len(), outgoing.len()), (0, 3));
    }

    #[test]
    fn output_pushed_waits_for_a_flush() {
        let (mut outgoing, mut stream) = room(100);
        outgoing.push(b"abc");
        assert_eq!(outgoing.len(), 3);
        outgoing.flush(&mut stream).unwrap();
        assert_eq!(stream.taken, b"abc");
    }

    #[test]
    fn a_stream_that_takes_nothing_is_an_error_and_not_a_loop() {
        let mut outgoing = Outgoing::default();
        outgoing.set_writable(true);
        let error = outgoing.send(&mut [].as_mut_slice(), b"abc").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    }
}
