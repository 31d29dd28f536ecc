//! The other end of a connection, with a deadline on each call.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use socket2::{Domain, SockRef, Socket, Type};

use crate::DEADLINE;

/// A connection whose every call returns within the deadline.
#[derive(Debug)]
pub struct Peer {
    /// The stream itself, for what has no method here.
    pub stream: TcpStream,
}

impl Peer {
    /// Connects to `address`.
    ///
    /// # Errors
    ///
    /// If the connection is refused, or not accepted in time.
    pub fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, DEADLINE)
            .with_context(|| format!("cannot connect to {address}"))?;
        Self::new(stream)
    }

    /// Takes a stream that somebody has accepted.
    ///
    /// # Errors
    ///
    /// If its options can't be set.
    pub fn new(stream: TcpStream) -> anyhow::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        Ok(Self { stream })
    }

    /// Sends all of `bytes`.
    ///
    /// # Errors
    ///
    /// If the connection breaks, or the server stops reading.
    pub fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(bytes).context("cannot send")
    }

    /// Receives exactly as many bytes as `expected` has, and compares them.
    ///
    /// # Errors
    ///
    /// If fewer or others come.
    pub fn expect(&mut self, expected: &[u8]) -> anyhow::Result<()> {
        let mut received = vec![0; expected.len()];
        self.stream
            .read_exact(&mut received)
            .context("not everything came back")?;
        ensure!(received == expected, "other bytes came back");
        Ok(())
    }

    /// Sends `payload`, and expects the same back.
    ///
    /// # Errors
    ///
    /// If something else, or nothing, comes.
    pub fn round_trip(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        self.send(payload)?;
        self.expect(payload)
    }

    /// Expects the end of input, not a reset and not more bytes.
    ///
    /// # Errors
    ///
    /// If something else comes, or nothing.
    pub fn expect_end(&mut self) -> anyhow::Result<()> {
        match self.stream.read(&mut [0]).context("expected the end")? {
            0 => Ok(()),
            _ => bail!("expected the end, and more bytes came"),
        }
    }

    /// Expects that nothing comes for `window`.
    ///
    /// # Errors
    ///
    /// If something does, or the connection ends.
    pub fn expect_silence(&mut self, window: Duration) -> anyhow::Result<()> {
        self.stream.set_read_timeout(Some(window))?;
        let read = self.stream.read(&mut [0]);
        self.stream.set_read_timeout(Some(DEADLINE))?;
        match read {
            Err(error) if is_timeout(error.kind()) => Ok(()),
            Err(error) => Err(error).context("expected silence"),
            Ok(n_read) => bail!("expected silence, and {n_read} bytes came"),
        }
    }

    /// Offers an endless stream without reading, until nothing is taken of it for
    /// `window`, or until `max` bytes are. Returns how many were taken.
    ///
    /// # Errors
    ///
    /// If the connection breaks.
    pub fn offer(&mut self, max: usize, window: Duration) -> anyhow::Result<usize> {
        self.stream.set_write_timeout(Some(window))?;
        let mut n_taken = 0;
        while n_taken < max {
            let length = (max - n_taken).min(64 * 1024);
            let chunk = pattern(n_taken, length);
            match self.stream.write(&chunk) {
                Ok(n) => n_taken += n,
                Err(error) if is_timeout(error.kind()) => break,
                Err(error) => return Err(error).context("cannot offer"),
            }
        }
        self.stream.set_write_timeout(Some(DEADLINE))?;
        Ok(n_taken)
    }

    /// Finishes sending, and goes on reading.
    ///
    /// # Errors
    ///
    /// If the connection is broken.
    pub fn half_close(&self) -> anyhow::Result<()> {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }

    /// Ends the connection by a reset.
    ///
    /// # Errors
    ///
    /// If the option can't be set.
    pub fn reset(self) -> anyhow::Result<()> {
        // Closing with a linger time of zero sends RST instead of FIN (socket(7)).
        Ok(SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?)
    }
}

/// Accepts the next connection, within the deadline.
///
/// # Errors
///
/// If none comes.
pub fn accept(listener: &TcpListener) -> anyhow::Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let deadline = Instant::now() + DEADLINE;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                return Ok(stream);
            }
            Err(error) if is_timeout(error.kind()) && Instant::now() < deadline => {
                thread::park_timeout(Duration::from_millis(1));
            }
            Err(error) => return Err(error).context("nobody has connected"),
        }
    }
}

/// A port on which nobody listens, and nobody else can while this exists.
#[derive(Debug)]
pub struct ClosedPort {
    /// Bound, but not listening.
    _socket: Socket,
    /// Where connections are refused.
    pub address: SocketAddr,
}

impl ClosedPort {
    /// One on `host`.
    ///
    /// # Errors
    ///
    /// If the host is no address of this machine.
    pub fn new(host: &str) -> anyhow::Result<Self> {
        let any_port = SocketAddr::new(host.parse()?, 0);
        let socket = Socket::new(Domain::for_address(any_port), Type::STREAM, None)?;
        socket.bind(&any_port.into())?;
        let address = socket.local_addr()?;
        Ok(Self {
            _socket: socket,
            address: address.as_socket().context("not an IP address")?,
        })
    }
}

/// `length` bytes of a stream in which each byte tells its place.
pub fn pattern(start: usize, length: usize) -> Vec<u8> {
    (start..start + length)
        .map(|place| u8::try_from(place % 251).expect("a remainder of 251"))
        .collect()
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
