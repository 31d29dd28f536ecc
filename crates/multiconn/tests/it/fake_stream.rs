//! A stream whose every read and write the test decides, and the readiness events
//! that a system would send for it.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use mio::Interest;
use multiconn::Session;
use multiconn::connection::{Connection, ConnectionError, Context, Stream};

/// The system's side of a connection.
#[derive(Debug, Default)]
pub(crate) struct FakeStream {
    /// Arrived, and not read yet.
    pub(crate) arrived: Vec<u8>,
    /// The peer has finished sending.
    pub(crate) has_ended: bool,
    /// How many bytes more a write may take.
    pub(crate) room: usize,
    /// How many bytes one write takes at most, whatever the room; 0 for any.
    pub(crate) max_write: usize,
    /// What was written.
    pub(crate) sent: Vec<u8>,
    /// How many bytes were sent when the connection said that these are all.
    pub(crate) shut_down_at: Cell<Option<usize>>,
    /// How many bytes were read.
    pub(crate) n_read: usize,
    /// Where reads come back short, as they do at urgent data: so many bytes from the
    /// beginning of the stream.
    pub(crate) mark: Option<usize>,
    /// Every read and write fails so.
    pub(crate) error: Option<ErrorKind>,
    /// Every write fails so.
    pub(crate) write_error: Option<ErrorKind>,
    /// The connection is not established yet.
    pub(crate) is_unanswered: bool,
}

impl Read for FakeStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(kind) = self.error {
            return Err(kind.into());
        }
        if self.arrived.is_empty() && !self.has_ended {
            return Err(ErrorKind::WouldBlock.into());
        }
        let mut n = self.arrived.len().min(buffer.len());
        if let Some(mark) = self.mark.filter(|&mark| mark > self.n_read) {
            n = n.min(mark - self.n_read);
        }
        buffer[..n].copy_from_slice(&self.arrived[..n]);
        self.arrived.drain(..n);
        self.n_read += n;
        Ok(n)
    }
}

impl Write for FakeStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(kind) = self.error.or(self.write_error) {
            return Err(kind.into());
        }
        assert_eq!(
            self.shut_down_at.get(),
            None,
            "a write after the end of output"
        );
        let mut n = bytes.len().min(self.room);
        if self.max_write > 0 {
            n = n.min(self.max_write);
        }
        if n == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room -= n;
        self.sent.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for FakeStream {
    fn is_established(&self) -> io::Result<bool> {
        match self.error {
            Some(kind) => Err(kind.into()),
            None => Ok(!self.is_unanswered),
        }
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.shut_down_at.set(Some(self.sent.len()));
        Ok(())
    }
}

/// What happens to a stream from outside.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// The peer has sent bytes.
    Arrive(Vec<u8>),
    /// The peer has read so many.
    Room(usize),
    /// The peer has finished sending.
    End,
}

/// A connection, and events as an edge-triggered system sends them: once for each
/// change, and once when the interest is registered anew.
pub(crate) struct Driver<S> {
    pub(crate) connection: Connection<S, FakeStream>,
    pub(crate) context: Context,
    /// Changes that no event has told of yet.
    read_changed: bool,
    write_changed: bool,
    is_read_registered: bool,
    is_write_registered: bool,
}

impl<S: Session> Driver<S> {
    pub(crate) fn new(session: S, mut context: Context) -> Self {
        let mut driver = Self {
            connection: Connection::accepted(
                FakeStream::default(),
                session,
                &mut context,
            ),
            context,
            read_changed: false,
            write_changed: false,
            is_read_registered: false,
            is_write_registered: false,
        };
        driver.turn().unwrap();
        driver
    }

    pub(crate) fn stream(&mut self) -> &mut FakeStream {
        self.connection.stream_mut()
    }

    /// Applies a step, and runs the connection until it waits for another.
    pub(crate) fn step(&mut self, step: Step) -> Result<(), ConnectionError> {
        match step {
            Step::Arrive(bytes) => {
                self.stream().arrived.extend_from_slice(&bytes);
                self.read_changed = true;
            }
            Step::Room(n) => {
                self.stream().room += n;
                self.write_changed = true;
            }
            Step::End => {
                self.stream().has_ended = true;
                self.read_changed = true;
            }
        }
        self.settle()
    }

    /// Delivers what events are due, until there are none.
    pub(crate) fn settle(&mut self) -> Result<(), ConnectionError> {
        while !self.connection.is_closed() {
            let is_readable = self.is_read_registered && self.read_changed;
            let is_writable = self.is_write_registered && self.write_changed;
            if is_readable {
                self.read_changed = false;
                let stream = self.stream();
                let must_read_on = stream.has_ended || stream.mark.is_some();
                self.connection.note_readable(must_read_on);
            }
            if is_writable {
                self.write_changed = false;
                self.connection.note_writable();
            }
            let has_more = self.connection.can_read(&self.context.limits);
            if !(is_readable || is_writable || has_more) {
                return Ok(());
            }
            self.turn()?;
        }
        Ok(())
    }

    pub(crate) fn turn(&mut self) -> Result<(), ConnectionError> {
        self.connection.turn(&mut self.context)?;
        self.register();
        Ok(())
    }

    fn register(&mut self) {
        let (reads, writes) = (self.wants_to_read(), self.wants_to_write());
        let stream = self.connection.stream_mut();
        if reads && !self.is_read_registered {
            self.read_changed |= !stream.arrived.is_empty() || stream.has_ended;
        }
        if writes && !self.is_write_registered {
            self.write_changed |= stream.room > 0;
        }
        self.is_read_registered = reads;
        self.is_write_registered = writes;
    }

    pub(crate) fn wants_to_read(&self) -> bool {
        let interest = self.connection.interest(&self.context.limits);
        interest.is_some_and(Interest::is_readable)
    }

    pub(crate) fn wants_to_write(&self) -> bool {
        let interest = self.connection.interest(&self.context.limits);
        interest.is_some_and(Interest::is_writable)
    }

    /// When the connection has something to do without an event.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.connection.deadline(&self.context.limits)
    }

    /// Lets time pass, and the connection do what is due then.
    pub(crate) fn pass(
        &mut self,
        time: Duration,
    ) -> Result<(), ConnectionError> {
        self.context.now += time;
        self.connection.handle_timeout(&mut self.context)?;
        self.register();
        self.settle()
    }
}
