//! Output on its way to a peer that may take it piece by piece.

use std::io::{self, ErrorKind, Write};

/// What the system has not taken yet, and whether it would take more.
#[derive(Debug)]
pub struct Outgoing {
    buffer: Vec<u8>,
    /// How much of `buffer` is sent.
    /// Invariant: `n_sent < buffer.len()`, or both are 0.
    n_sent: usize,
    is_writable: bool,
}

impl Outgoing {
    /// Nothing waits yet.
    pub fn new(is_writable: bool) -> Self {
        Self {
            buffer: Vec::new(),
            n_sent: 0,
            is_writable,
        }
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.buffer.len() - self.n_sent
    }

    /// True if nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if the system may take more.
    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// Notes whether the system may take more.
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
    pub fn send(&mut self, stream: &mut impl Write, output: &[u8]) -> io::Result<usize> {
        let mut n_taken = 0;
        if self.is_empty() {
            n_taken = write(stream, output, &mut self.is_writable)?;
        }
        if n_taken < output.len() {
            self.buffer.drain(..self.n_sent);
            self.n_sent = 0;
            self.buffer.extend_from_slice(&output[n_taken..]);
        }
        Ok(n_taken)
    }

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
    // ANCHOR_END: send
}

/// Writes until all is taken or the system would block.
fn write(stream: &mut impl Write, bytes: &[u8], is_writable: &mut bool) -> io::Result<usize> {
    let mut n_taken = 0;
    while *is_writable && n_taken < bytes.len() {
        match stream.write(&bytes[n_taken..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => n_taken += n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => *is_writable = false,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n_taken)
}
