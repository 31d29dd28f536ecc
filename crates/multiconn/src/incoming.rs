//! Input as an edge-triggered system reports it: once, when it arrives.

use std::io::{self, ErrorKind, Read};

/// After a read that filled only part of the buffer, the system has no more, and
/// will report the next arrival: so says epoll(7). Elsewhere a read must say so
/// itself, by "would block"; more than that, mio doesn't promise.
const SHORT_READ_MEANS_EMPTY: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// What is known of a stream's input without asking.
#[derive(Debug, Default)]
pub struct Incoming {
    /// A read may bring something: nothing has said "would block" since the last
    /// event. Remembered, because the event comes only once.
    is_readable: bool,
    /// A short read doesn't mean that there is no more: the peer's end of input or
    /// urgent data is on its way.
    must_read_on: bool,
}

impl Incoming {
    /// True if a read may bring something.
    pub fn is_readable(&self) -> bool {
        self.is_readable
    }

    /// Notes an event; `must_read_on`, if even after a short read there may be more.
    pub fn note_readable(&mut self, must_read_on: bool) {
        self.is_readable = true;
        self.must_read_on |= must_read_on;
    }

    // ANCHOR: read
    /// One read, of which `None` says that it would block.
    ///
    /// # Errors
    ///
    /// As the stream gives them.
    pub fn read(&mut self, stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match stream.read(buffer) {
                Ok(n_read) => {
                    let is_short = n_read < buffer.len() && !self.must_read_on;
                    self.is_readable = !(is_short && SHORT_READ_MEANS_EMPTY);
                    return Ok(Some(n_read));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.is_readable = false;
                    return Ok(None);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    // ANCHOR_END: read
}
