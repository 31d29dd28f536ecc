//! Stage 1: one connection, blocking calls, the standard library.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, SyncSender};
use std::{fmt, thread};

use common::Printable;

/// The guide's size. A read returns what has arrived, at most this much: never
/// count on it to return one message, or all of one.
const BUFFER_SIZE: usize = 1024;
/// How much of a message is sent at a time: large, since each piece is
/// remembered by itself until it is back.
const PIECE_SIZE: usize = 64 * 1024;
/// How many pieces may be sent and not yet be back: up to 64 MiB, if each is
/// full, which is more than any system's buffers hold, so that only a server
/// that takes and never gives meets it.
const MAX_PIECES: usize = 1024;

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

/// Sends `message`, and writes its echo to `reply` as it comes back.
///
/// # Errors
///
/// [`ExchangeError`] if something else comes back, or not all of it.
pub fn exchange(
    stream: &TcpStream,
    message: impl Read + Send + 'static,
    mut reply: impl Write,
) -> Result<(), ExchangeError> {
    // ANCHOR: exchange
    // Sending has a thread of its own, because a client that sends everything
    // before it reads hangs once the message is large: the echo fills the
    // system's buffers on its way back, so the server can't write, so it
    // doesn't read, so the client can't write either.
    let sending = stream.try_clone().map_err(ExchangeError::Broken)?;
    let (sent, expected) = mpsc::sync_channel(MAX_PIECES);
    let sender = thread::spawn(move || send(sending, message, &sent));

    // Ends when the sender has sent all, and all of it has come back.
    let mut count = Count::default();
    for piece in expected {
        receive(stream, &piece, &mut count)?;
        reply.write_all(&piece).map_err(ExchangeError::Reply)?;
    }
    sender.join().expect("the sender has no reason to panic")?;
    reject_surplus(stream)
    // ANCHOR_END: exchange
}

// ANCHOR: send
fn send(
    mut stream: TcpStream,
    mut message: impl Read,
    sent: &SyncSender<Vec<u8>>,
) -> Result<(), ExchangeError> {
    let mut buffer = vec![0; PIECE_SIZE];
    loop {
        let n_read =
            message.read(&mut buffer).map_err(ExchangeError::Message)?;
        let piece = &buffer[..n_read];
        // Told before it is sent, since its echo may be back before the call
        // that sends it returns. Nobody expects anything once the exchange has
        // failed.
        if n_read == 0 || sent.send(piece.to_vec()).is_err() {
            return Ok(());
        }
        stream.write_all(piece).map_err(ExchangeError::Broken)?;
    }
}
// ANCHOR_END: send

/// How far an exchange has come, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Are back, as they were sent.
    pub received: u64,
    /// Are back, or should be.
    pub expected: u64,
}

/// Receives what `expected` has, in as many reads as it takes.
fn receive(
    mut stream: &TcpStream,
    mut expected: &[u8],
    count: &mut Count,
) -> Result<(), ExchangeError> {
    // ANCHOR: receive
    let mut buffer = [0; BUFFER_SIZE];
    count.expected += expected.len() as u64;
    while !expected.is_empty() {
        let n_wanted = expected.len().min(BUFFER_SIZE);
        let arrived = match stream.read(&mut buffer[..n_wanted]) {
            Ok(0) => return Err(ExchangeError::ClosedEarly(*count)),
            Ok(n_read) => &buffer[..n_read],
            // A read with a timeout is interrupted when the program is stopped
            // and continued, by Ctrl-Z or a debugger (signal(7)).
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if is_timeout(&error) => {
                return Err(ExchangeError::TimedOut(*count));
            }
            Err(error) => return Err(ExchangeError::Broken(error)),
        };
        expected = expected
            .strip_prefix(arrived)
            .ok_or(ExchangeError::Different)?;
        count.received += arrived.len() as u64;
    }
    Ok(())
    // ANCHOR_END: receive
}

/// What a read says when its timeout is over: EAGAIN on Unix, a timeout on
/// Windows.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Looks whether more came with the last byte than was asked for.
fn reject_surplus(stream: &TcpStream) -> Result<(), ExchangeError> {
    stream
        .set_nonblocking(true)
        .map_err(ExchangeError::Broken)?;
    match stream.peek(&mut [0]) {
        Ok(1) => Err(ExchangeError::Different),
        _ => Ok(()),
    }
}

/// Why a message didn't come back as it was sent.
#[derive(Debug)]
pub enum ExchangeError {
    /// The connection broke.
    Broken(io::Error),
    /// Nothing came for as long as the stream's timeout.
    TimedOut(Count),
    /// The server closed the connection before everything was back.
    ClosedEarly(Count),
    /// The message can't be read.
    Message(io::Error),
    /// The reply can't be written.
    Reply(io::Error),
    /// Other bytes came back, or more of them. (More that come later than the
    /// last byte are not waited for.)
    Different,
}

impl std::error::Error for ExchangeError {}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::TimedOut(Count { received, expected }) => {
                write!(
                    f,
                    "only {received} of {expected} bytes came back in time"
                )
            }
            Self::ClosedEarly(Count { received, expected }) => write!(
                f,
                "the server closed when {received} of {expected} bytes were back"
            ),
            Self::Message(error) => {
                write!(f, "cannot read the message: {error}")
            }
            Self::Reply(error) => write!(f, "cannot write the reply: {error}"),
            Self::Different => write!(
                f,
                "other bytes came back than were sent; is that an echo server?"
            ),
        }
    }
}
