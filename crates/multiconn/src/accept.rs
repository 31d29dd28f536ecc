//! Newcomers: taken in as far as there is room, and never the end of the loop.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};

/// How long to leave newcomers in the backlog when there is no descriptor for them.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// A listener, and whether it makes sense to ask it for a newcomer.
#[derive(Debug)]
pub(crate) struct Acceptor {
    listener: TcpListener,
    /// Nothing has said "would block" since the last event.
    is_ready: bool,
    /// Accepting failed; the next attempt is due then, or when a connection ends.
    retry_at: Option<Instant>,
    /// The warning about it was given, and the backlog has not been empty since:
    /// once is enough.
    has_warned: bool,
}

impl Acceptor {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            is_ready: false,
            retry_at: None,
            has_warned: false,
        }
    }

    pub(crate) fn note_ready(&mut self) {
        self.is_ready = true;
    }

    /// A connection has ended, so its descriptor is free.
    pub(crate) fn note_free_descriptor(&mut self) {
        self.retry_at = None;
    }

    /// When the next attempt is due without an event, if ever.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.is_ready.then(|| self.retry_at.unwrap_or(now))
    }

    /// The next newcomer, or `None` if there is none, or no room for one.
    pub(crate) fn accept(&mut self, now: Instant) -> Option<(TcpStream, SocketAddr)> {
        if self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        if !self.is_ready {
            return None;
        }
        match self.listener.accept() {
            Ok(newcomer) => {
                self.retry_at = None;
                return Some(newcomer);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.is_ready = false;
                self.has_warned = false;
            }
            // The next turn of the loop asks for the one behind.
            Err(error) if concerns_newcomer(&error) => {}
            // EMFILE, ENFILE, ENOBUFS, ENOMEM, or something unheard of: the
            // newcomer stays in the backlog, and asking again at once would keep a
            // core busy with nothing else.
            Err(error) => {
                if !self.has_warned {
                    log::warn!("cannot accept, newcomers wait: {error}");
                }
                self.has_warned = true;
                self.retry_at = Some(now + RETRY_INTERVAL);
            }
        }
        None
    }
}

/// True if the failure is one newcomer's, who is then out of the backlog. Linux
/// passes on errors of the new connection's network, too (accept(2)).
fn concerns_newcomer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::Interrupted
            | ErrorKind::NetworkDown
            | ErrorKind::NetworkUnreachable
    )
}
