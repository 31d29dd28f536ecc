//! Output on its way to a peer that may take it piece by piece.

use std::io::{self, ErrorKind, Write};

/// What the system has not taken yet, and whether it would take more.
#[derive(Debug)]
pub(crate) struct Outgoing {
    unsent: Vec<u8>,
    /// Where the unsent part of `unsent` begins.
    /// Invariant: `start < unsent.len()`, or both are 0.
    start: usize,
    is_writable: bool,
}

impl Outgoing {
    pub(crate) fn new(is_writable: bool) -> Self {
        Self {
            unsent: Vec::new(),
            start: 0,
            is_writable,
        }
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.unsent.len() - self.start
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.is_writable
    }

    pub(crate) fn set_writable(&mut self, is_writable: bool) {
        self.is_writable = is_writable;
    }

    // ANCHOR: send
    /// Writes `output` straight from the caller's buffer. Only what the system
    /// doesn't take is copied, to wait for the next writable event.
    ///
    /// Returns how many bytes the system took.
    pub(crate) fn send(&mut self, stream: &mut impl Write, output: &[u8]) -> io::Result<usize> {
        let mut n_sent = 0;
        if self.is_empty() {
            n_sent = self.write(stream, output)?;
        }
        if n_sent < output.len() {
            self.unsent.drain(..self.start);
            self.start = 0;
            self.unsent.extend_from_slice(&output[n_sent..]);
        }
        Ok(n_sent)
    }

    /// Writes what waits, and returns how many bytes of it the system took.
    pub(crate) fn flush(&mut self, stream: &mut impl Write) -> io::Result<usize> {
        let unsent = std::mem::take(&mut self.unsent);
        let n_sent = self.write(stream, &unsent[self.start..])?;
        if self.start + n_sent < unsent.len() {
            self.start += n_sent;
            self.unsent = unsent;
        } else {
            self.start = 0; // The buffer is freed: most connections never need one.
        }
        Ok(n_sent)
    }

    /// Writes until all is taken or the system would block.
    fn write(&mut self, stream: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
        let mut n_written = 0;
        while self.is_writable && n_written < bytes.len() {
            match stream.write(&bytes[n_written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => n_written += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.is_writable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(n_written)
    }
    // ANCHOR_END: send
}
