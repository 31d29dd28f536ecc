//! The client: many connections at once, each with messages of its own.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Instant;
use std::{fmt, io};

use common::{EndpointError, Printable, Timeout};

use crate::client_loop::ClientLoop;
use crate::connection::ConnectionError;
use crate::connections::Ended;
use crate::session::Session;

/// What came back, over all connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many connections there were.
    pub n_connections: usize,
    /// How many messages were sent on all of them, and came back.
    pub n_messages: usize,
    /// How many bytes came back.
    pub n_bytes: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            n_connections,
            n_messages,
            n_bytes,
        } = self;
        write!(
            f,
            "{n_connections} connections, {n_messages} messages, {n_bytes} bytes echoed"
        )
    }
}

/// Why not everything came back.
#[derive(Debug)]
pub enum ClientError {
    /// The system has nothing left for an event loop.
    Loop(io::Error),
    /// Some connections failed.
    Connections {
        /// How many.
        n_failed: usize,
        /// Of how many.
        n_connections: usize,
        /// The first that failed: its number, from 1 on.
        number: usize,
        /// Why it failed.
        error: ExchangeError,
    },
}

/// Why what was sent on one connection did not come back.
#[derive(Debug)]
pub enum ExchangeError {
    /// No address of the server could be reached.
    Unreachable(EndpointError),
    /// The connection was lost before everything was back; in bytes.
    Lost {
        /// Why.
        error: ConnectionError,
        /// How many came back.
        received: usize,
        /// How many were sent.
        expected: usize,
    },
    /// The server closed it before everything was back; in bytes.
    ClosedEarly {
        /// How many came back.
        received: usize,
        /// How many were sent.
        expected: usize,
    },
    /// Other bytes came back, or more of them. (More that come later than the
    /// last byte are not waited for.)
    Different,
}

impl std::error::Error for ClientError {}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loop(error) => write!(f, "cannot wait for events: {error}"),
            Self::Connections {
                n_failed,
                n_connections,
                number,
                error,
            } => {
                write!(f, "connection {number}: {error}")?;
                match n_failed {
                    1 => Ok(()),
                    _ => write!(
                        f,
                        " ({n_failed} of {n_connections} connections failed)"
                    ),
                }
            }
        }
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => error.fmt(f),
            Self::Lost {
                error,
                received,
                expected,
            } => write!(
                f,
                "{error}, after {received} of {expected} bytes came back"
            ),
            Self::ClosedEarly { received, expected } => write!(
                f,
                "the server closed the connection after {received} of {expected} bytes"
            ),
            Self::Different => write!(
                f,
                "other bytes came back than were sent; is that an echo server?"
            ),
        }
    }
}

/// A client's session: speaks first, then counts what comes back.
#[derive(Debug)]
struct Exchange {
    /// The connection's number, from 1 on.
    number: usize,
    /// Two, as in the guide, and different ones on each connection: an answer
    /// that went to the wrong client shows.
    messages: [String; 2],
    n_received: usize,
    is_different: bool,
    /// The addresses that were tried before.
    unreachable: Vec<(SocketAddr, io::Error)>,
}

impl Session for Exchange {
    fn start(&mut self, output: &mut Vec<u8>, _now: Instant) {
        for message in &self.messages {
            log::info!("connection {}: sending {message:?}", self.number);
            output.extend_from_slice(message.as_bytes());
        }
    }

    // ANCHOR: exchange
    fn receive(
        &mut self,
        input: &[u8],
        _output: &mut Vec<u8>,
        _now: Instant,
    ) -> usize {
        let received = Printable::excerpt(input);
        log::info!("connection {}: received {received}", self.number);
        // TCP keeps no boundaries: the messages may come back in one piece, or
        // in pieces that begin and end anywhere. So count, and compare, bytes.
        let expected = self.messages.concat();
        self.is_different =
            !expected.as_bytes()[self.n_received..].starts_with(input);
        self.n_received += input.len();
        input.len()
    }

    fn is_finished(&self) -> bool {
        self.is_different || self.n_received == self.n_expected()
    }
    // ANCHOR_END: exchange
}

impl Exchange {
    fn new(number: usize) -> Self {
        Self {
            number,
            messages: [
                format!("Hello from {number}. "),
                format!("Bye from {number}."),
            ],
            n_received: 0,
            is_different: false,
            unreachable: Vec::new(),
        }
    }

    fn n_expected(&self) -> usize {
        self.messages.iter().map(String::len).sum()
    }

    /// How the exchange came out, now that its connection has ended.
    fn outcome(
        &self,
        result: Result<(), ConnectionError>,
    ) -> Result<(), ExchangeError> {
        let (received, expected) = (self.n_received, self.n_expected());
        if self.is_different {
            return Err(ExchangeError::Different);
        }
        if received == expected {
            return Ok(()); // How the server leaves afterwards is its affair.
        }
        Err(match result {
            Ok(()) => ExchangeError::ClosedEarly { received, expected },
            Err(error) => ExchangeError::Lost {
                error,
                received,
                expected,
            },
        })
    }
}

/// Opens `n_connections` to the first of `addresses` that answers, at once or
/// at most `max_open` at a time, sends messages on each, and waits until they
/// are back. A connection on which nothing moves for `timeout` has failed.
///
/// # Errors
///
/// [`ClientError`] if not everything came back on each connection.
pub fn run(
    addresses: &[SocketAddr],
    n_connections: usize,
    max_open: usize,
    timeout: Timeout,
) -> Result<Summary, ClientError> {
    let mut client = Client {
        addresses,
        connections: ClientLoop::new(timeout).map_err(ClientError::Loop)?,
        max_open,
        numbers: 1..n_connections + 1,
        summary: Summary::default(),
        n_failed: 0,
        first_error: None,
    };
    client.run().map_err(ClientError::Loop)?;
    match client.first_error {
        None => Ok(client.summary),
        Some((number, error)) => Err(ClientError::Connections {
            n_failed: client.n_failed,
            n_connections,
            number,
            error,
        }),
    }
}

struct Client<'a> {
    /// In the order in which each connection tries them.
    addresses: &'a [SocketAddr],
    connections: ClientLoop<Exchange>,
    /// How many connections there are descriptors for.
    max_open: usize,
    /// The numbers of the connections that are still to be opened.
    numbers: Range<usize>,
    summary: Summary,
    n_failed: usize,
    /// The number of the connection that failed first, and why.
    first_error: Option<(usize, ExchangeError)>,
}

impl Client<'_> {
    fn run(&mut self) -> io::Result<()> {
        self.open();
        while !self.connections.is_idle() {
            for ended in self.connections.run_once()? {
                self.judge(ended);
            }
            self.open();
        }
        Ok(())
    }

    /// Opens all connections at once, or as many as there are descriptors for;
    /// the others follow as these end.
    fn open(&mut self) {
        while self.connections.n_open() < self.max_open
            && let Some(number) = self.numbers.next()
        {
            self.connect(Exchange::new(number));
        }
    }

    // ANCHOR: connect
    /// Connects to the next address that has not been tried.
    fn connect(&mut self, mut exchange: Exchange) {
        while let Some(&address) =
            self.addresses.get(exchange.unreachable.len())
        {
            log::info!(
                "connection {}: connecting to {address}",
                exchange.number
            );
            match self.connections.connect(address, exchange) {
                Ok(()) => return,
                Err((session, error)) => {
                    exchange = session;
                    exchange.unreachable.push((address, error));
                }
            }
        }
        let error = EndpointError::Connect(exchange.unreachable);
        self.fail(exchange.number, ExchangeError::Unreachable(error));
    }
    // ANCHOR_END: connect

    fn judge(&mut self, ended: Ended<Exchange>) {
        let Ended {
            peer,
            session: mut exchange,
            result,
        } = ended;
        if let Err(ConnectionError::Connect(error)) = result {
            exchange.unreachable.push((peer, error));
            return self.connect(exchange);
        }
        match exchange.outcome(result) {
            Ok(()) => {
                log::info!("connection {}: closed", exchange.number);
                self.summary.n_connections += 1;
                self.summary.n_messages += exchange.messages.len();
                self.summary.n_bytes += exchange.n_received;
            }
            Err(error) => self.fail(exchange.number, error),
        }
    }

    fn fail(&mut self, number: usize, error: ExchangeError) {
        log::info!("connection {number}: {error}");
        self.n_failed += 1;
        self.first_error.get_or_insert((number, error));
    }
}
