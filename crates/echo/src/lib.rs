//! Stage 1: one connection, blocking calls, the standard library.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::{fmt, thread};

use common::Printable;

/// The guide's size. A read returns what has arrived, at most this much: never
/// count on it to return one message, or all of one.
const BUFFER_SIZE: usize = 1024;

// ANCHOR: serve
/// Sends back whatever arrives, until the client has finished sending.
///
/// # Errors
///
/// If the connection breaks, for instance because the client resets it.
pub fn serve(stream: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; BUFFER_SIZE];
    loop {
        let n_read = stream.read(&mut buffer)?;
        if n_read == 0 {
            return Ok(()); // End of input: the client has finished sending.
        }
        log::info!("echoing {}", Printable::excerpt(&buffer[..n_read]));
        stream.write_all(&buffer[..n_read])?;
    }
}
// ANCHOR_END: serve

// ANCHOR: exchange
/// Sends `message` and returns the echo, which has the same bytes.
///
/// # Errors
///
/// [`ExchangeError`] if something else comes back, or not all of it.
pub fn exchange(stream: &TcpStream, message: &[u8]) -> Result<Vec<u8>, ExchangeError> {
    thread::scope(|scope| {
        // On a second thread, because a client that sends everything before it
        // reads hangs once the message is large: the echo fills the system's
        // buffers on its way back, so the server can't write, so it doesn't read,
        // so the client can't write either.
        // If sending fails, the reply ends early, and that is then the error.
        scope.spawn(|| {
            let mut sending = stream;
            sending.write_all(message)
        });
        let reply = receive(stream, message);
        if reply.is_err() {
            // The sender may still be blocked: this lets it go.
            let _ = stream.shutdown(Shutdown::Both);
        }
        reply
    })
}
// ANCHOR_END: exchange

// ANCHOR: receive
fn receive(mut stream: &TcpStream, expected: &[u8]) -> Result<Vec<u8>, ExchangeError> {
    let mut reply = Vec::with_capacity(expected.len());
    let mut buffer = [0; BUFFER_SIZE];
    while reply.len() < expected.len() {
        let arrived = match stream.read(&mut buffer) {
            Ok(n_read) => &buffer[..n_read],
            // A read with a timeout is interrupted when the program is stopped
            // and continued, by Ctrl-Z or a debugger (signal(7)).
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // What a read says when its timeout is over: EAGAIN on Unix, a timeout
            // on Windows.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(ExchangeError::TimedOut);
            }
            Err(error) => return Err(ExchangeError::Broken(error)),
        };
        if arrived.is_empty() {
            return Err(ExchangeError::ClosedEarly {
                received: reply.len(),
                expected: expected.len(),
            });
        }
        if !expected[reply.len()..].starts_with(arrived) {
            return Err(ExchangeError::Different);
        }
        reply.extend_from_slice(arrived);
    }
    Ok(reply)
}
// ANCHOR_END: receive

/// Why a message didn't come back as it was sent.
#[derive(Debug)]
pub enum ExchangeError {
    /// The connection broke.
    Broken(io::Error),
    /// Nothing came for as long as the stream's timeout.
    TimedOut,
    /// The server closed the connection before everything was back; in bytes.
    ClosedEarly {
        /// How many came back.
        received: usize,
        /// How many were sent.
        expected: usize,
    },
    /// Other bytes came back, or more of them. (More that come later than the last
    /// byte are not waited for.)
    Different,
}

impl std::error::Error for ExchangeError {}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::TimedOut => write!(f, "no answer came in time"),
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
