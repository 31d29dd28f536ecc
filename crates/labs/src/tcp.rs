//! What the experiments need before their subject begins: a connection, one
//! call at a time on it, and whether that failed as it should.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Context;

/// Longer than anything takes on one machine: who waits longer waits in vain.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// A connection through the loopback: its client's end, and its server's. No
/// call on them waits longer than [`TIMEOUT`].
///
/// # Errors
///
/// If the system doesn't allow it: with what to look at.
pub(crate) fn pair() -> anyhow::Result<(TcpStream, TcpStream)> {
    let (client, server) =
        connect().context("no connection through the loopback")?;
    for stream in [&client, &server] {
        common::set_timeouts(stream, Some(TIMEOUT))?;
    }
    Ok((client, server))
}

fn connect() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    // Whoever is connected waits to be accepted, so this doesn't wait.
    let (server, _) = listener.accept()?;
    Ok((client, server))
}

/// One `recv` of at most `size` bytes.
///
/// # Errors
///
/// As `recv` gives them.
pub(crate) fn recv(mut stream: &TcpStream, size: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; size];
    let n_read = stream.read(&mut buffer)?;
    buffer.truncate(n_read);
    Ok(buffer)
}

/// One `send`, which may take less than all.
///
/// # Errors
///
/// As `send` gives them.
pub(crate) fn send(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    stream.write(bytes)
}

/// What `drop` does with a socket, by its name in the socket API.
///
/// # Errors
///
/// None: std doesn't tell them.
pub(crate) fn close<Socket>(socket: Socket) -> io::Result<()> {
    drop(socket);
    Ok(())
}

/// Says whether a call failed, and with an error of this kind.
pub(crate) fn failed_with<T>(came: &io::Result<T>, kind: ErrorKind) -> bool {
    came.as_ref().is_err_and(|error| error.kind() == kind)
}

/// Says whether a call waited for as long as it may: Unix and Windows have
/// different words for it.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
