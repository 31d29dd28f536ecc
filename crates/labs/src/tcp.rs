//! What the experiments need before their subject begins: a connection, and one
//! call at a time on it.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

/// A connection through the loopback: its client's end, and its server's.
///
/// # Errors
///
/// As the system gives them.
pub(crate) fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(listener.local_addr()?)?;
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
