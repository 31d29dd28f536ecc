//! The loop of a client: connections that this side opens.

use std::io;
use std::net::SocketAddr;

use common::Timeout;
use mio::net::TcpStream;
use mio::{Events, Poll};

use crate::connections::{Connections, Ended};
use crate::limits::Limits;
use crate::session::Session;

/// How many events one wait may bring: more only wait for the next one.
const MAX_EVENTS: usize = 1024;

/// Connections to servers, each with a session of its own.
#[derive(Debug)]
pub struct ClientLoop<S> {
    poll: Poll,
    events: Events,
    connections: Connections<S>,
}

impl<S: Session> ClientLoop<S> {
    /// No connections yet. One on which nothing moves for `timeout` will be
    /// given up.
    ///
    /// # Errors
    ///
    /// If the system has no descriptor left for the loop itself.
    pub fn new(timeout: Timeout) -> io::Result<Self> {
        let limits = Limits {
            idle_timeout: timeout,
            // A client always reads. What it sends is its own affair, and if it
            // held back like a server, both could wait for the other to read
            // first.
            high_water_mark: u32::MAX,
            ..Limits::default()
        };
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            poll,
            events: Events::with_capacity(MAX_EVENTS),
            connections: Connections::new(registry, limits),
        })
    }

    /// How many connections are open, or on the way to it.
    pub fn n_open(&self) -> usize {
        self.connections.len()
    }

    /// True if there is nothing to wait for: no connection is open, and the end
    /// of each was told.
    pub fn is_idle(&self) -> bool {
        self.connections.is_empty()
    }

    // ANCHOR: connect
    /// Begins to connect to `address`. Whether that succeeds, an event will
    /// tell.
    ///
    /// # Errors
    ///
    /// If it fails at once; the session comes back with the reason.
    pub fn connect(
        &mut self,
        address: SocketAddr,
        session: S,
    ) -> Result<(), (S, io::Error)> {
        match TcpStream::connect(address) {
            Ok(stream) => {
                // It fails if the server is gone, which the first write tells,
                // too.
                let _ = common::set_no_delay(&stream);
                self.connections.insert_connecting(stream, address, session);
                Ok(())
            }
            Err(error) => Err((session, error)),
        }
    }
    // ANCHOR_END: connect

    /// Waits for events, lets connections work, and returns those that have
    /// ended.
    ///
    /// # Errors
    ///
    /// If the system can't wait for events.
    pub fn run_once(&mut self) -> io::Result<Vec<Ended<S>>> {
        self.connections
            .wait(&mut self.poll, &mut self.events, None)?;
        for event in &self.events {
            self.connections.handle_event(event);
        }
        self.connections.resume_unfinished();
        self.connections.handle_timeouts();
        Ok(self.connections.take_ended())
    }
}
