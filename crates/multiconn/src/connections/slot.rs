//! One connection among many: what the loop knows of it.

use std::io;
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::connection::Connection;
use crate::session::Session;

#[derive(Debug)]
pub(super) struct Slot<S> {
    pub(super) connection: Connection<S, TcpStream>,
    pub(super) peer: SocketAddr,
    /// What the registry knows; `None` while it doesn't know the connection.
    registered: Option<Interest>,
    /// The key is in `unfinished`, once, and waits for its turn.
    pub(super) is_unfinished: bool,
    /// Bytes that are reserved for it, or that it waits for.
    pub(super) room: Reservation,
}

/// A session's place in the memory of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reservation {
    None,
    Waiting,
    Granted(usize),
}

impl<S: Session> Slot<S> {
    pub(super) fn new(
        connection: Connection<S, TcpStream>,
        peer: SocketAddr,
    ) -> Self {
        Self {
            connection,
            peer,
            registered: None,
            is_unfinished: false,
            room: Reservation::None,
        }
    }

    /// Registers what the connection waits for, if that has changed: most turns
    /// change nothing, and cost no system call here.
    pub(super) fn register(
        &mut self,
        registry: &Registry,
        key: usize,
        interest: Option<Interest>,
    ) -> io::Result<()> {
        // ANCHOR: register
        if interest == self.registered {
            return Ok(());
        }
        log::debug!("{}: waiting for {interest:?}", self.peer);
        let stream = self.connection.stream_mut();
        match (self.registered, interest) {
            (None, Some(interest)) => {
                registry.register(stream, Token(key), interest)?;
            }
            (Some(_), Some(interest)) => {
                registry.reregister(stream, Token(key), interest)?;
            }
            // mio has no empty interest.
            (_, None) => registry.deregister(stream)?,
        }
        self.registered = interest;
        Ok(())
        // ANCHOR_END: register
    }
}
