//! The socket options of the course, in one place.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// How many connections may wait to be accepted.
///
/// std asks for 128, which a thousand clients that connect at once overflow:
/// their packets are then dropped and sent again a second later. Systems cut
/// the number to their own limit (Linux: `/proc/sys/net/core/somaxconn`).
pub const LISTEN_BACKLOG: u16 = 4096;

/// Opens a listening socket: what `TcpListener::bind` does, with a longer
/// backlog, and with IPv4 on `::`, too, whatever the system's default is.
///
/// # Errors
///
/// As the system calls `socket`, `bind` and `listen` give them.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // As std does. On Unix, connections in TIME_WAIT then don't keep a new
    // server from the port; on Windows the option would let another program
    // steal it.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    socket.listen(LISTEN_BACKLOG.into())?;
    Ok(socket.into())
}

/// Sends small writes at once (`TCP_NODELAY`).
///
/// Without it, a write that does not fill a packet waits while an earlier one
/// is unacknowledged (Nagle's algorithm, RFC 896), and the peer delays that
/// acknowledgement in the hope of having something to send with it: by 40 ms or
/// more on Linux, by 500 ms at most (RFC 9293, 3.8.6.3).
///
/// # Errors
///
/// As `setsockopt` gives them; macOS does so when the peer is already gone.
pub fn set_no_delay<'s, S>(stream: &'s S) -> io::Result<()>
where
    SockRef<'s>: From<&'s S>,
{
    SockRef::from(stream).set_tcp_nodelay(true)
}

/// Lets no single read or write on a blocking stream take longer than `timeout`
/// (`SO_RCVTIMEO`, `SO_SNDTIMEO`). `None` waits for ever.
///
/// # Errors
///
/// As `setsockopt` gives them.
pub fn set_timeouts(
    stream: &TcpStream,
    timeout: Option<Duration>,
) -> io::Result<()> {
    stream.set_read_timeout(timeout)?;
    stream.set_write_timeout(timeout)
}
