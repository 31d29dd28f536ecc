//! The connection of a lane, as far as bytes go.

use std::io;
use std::net::SocketAddr;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use multiconn::connection::{Incoming, Outgoing, Stream};

/// A connection, or the lack of one.
#[derive(Debug)]
pub(crate) struct Link {
    state: State,
    incoming: Incoming,
    outgoing: Outgoing,
    /// What comes is read.
    reads: bool,
}

#[derive(Debug)]
enum State {
    Closed,
    Connecting(TcpStream),
    Open(TcpStream),
    /// Closed, and there will be no other.
    GivenUp,
}

impl Link {
    /// No connection. `reads` says whether what comes on one is read.
    pub(crate) fn new(reads: bool) -> Self {
        Self {
            state: State::Closed,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            reads,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    pub(crate) fn is_connecting(&self) -> bool {
        matches!(self.state, State::Connecting(_))
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    pub(crate) fn is_given_up(&self) -> bool {
        matches!(self.state, State::GivenUp)
    }

    /// True if a read may bring something.
    pub(crate) fn is_readable(&self) -> bool {
        self.incoming.is_readable()
    }

    /// True if the system has taken all that was to be sent.
    pub(crate) fn is_flushed(&self) -> bool {
        self.outgoing.is_empty()
    }

    pub(crate) fn note_event(&mut self, event: &Event) {
        let is_special = event.is_read_closed() || event.is_error();
        let tells_of_input = event.is_readable() || is_special;
        if tells_of_input && self.reads {
            self.incoming.note_readable(is_special);
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            self.outgoing.set_writable(true);
        }
    }

    /// Begins to connect.
    pub(crate) fn connect(
        &mut self,
        address: SocketAddr,
        registry: &Registry,
        token: Token,
    ) -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        // It fails if the server is gone, which the first write tells, too.
        let _ = common::set_no_delay(&stream);
        let interest = match self.reads {
            true => Interest::READABLE | Interest::WRITABLE,
            false => Interest::WRITABLE,
        };
        registry.register(&mut stream, token, interest)?;
        self.incoming = Incoming::default();
        self.outgoing = Outgoing::default();
        self.state = State::Connecting(stream);
        Ok(())
    }

    /// True if the connection has just been established; an error if it never will be.
    pub(crate) fn establish(&mut self) -> io::Result<bool> {
        let State::Connecting(stream) = &self.state else {
            return Ok(false);
        };
        if !self.outgoing.is_writable() {
            return Ok(false);
        }
        if !stream.is_established()? {
            self.outgoing.set_writable(false);
            return Ok(false);
        }
        if let State::Connecting(stream) = std::mem::replace(&mut self.state, State::Closed) {
            self.state = State::Open(stream);
        }
        Ok(true)
    }

    /// One read, of which `None` says that there is nothing to read.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match &mut self.state {
            State::Open(stream) if self.incoming.is_readable() => {
                self.incoming.read(stream, buffer)
            }
            _ => Ok(None),
        }
    }

    /// Sends `output`, or keeps what the system doesn't take; returns how many bytes it
    /// has taken.
    pub(crate) fn send(&mut self, output: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Open(stream) => self.outgoing.send(stream, output),
            _ => Ok(0),
        }
    }

    /// Sends what the system has not taken yet; returns how many bytes it has now taken.
    pub(crate) fn flush(&mut self) -> io::Result<usize> {
        match &mut self.state {
            State::Open(stream) if !self.outgoing.is_empty() => self.outgoing.flush(stream),
            _ => Ok(0),
        }
    }

    /// Closes the connection, perhaps for another one.
    pub(crate) fn close(&mut self) {
        *self = Self::new(self.reads);
    }

    /// Closes the connection for good.
    pub(crate) fn give_up(&mut self) {
        self.close();
        self.state = State::GivenUp;
    }
}
