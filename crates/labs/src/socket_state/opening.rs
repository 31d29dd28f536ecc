//! LISTEN, SYN_SENT, ESTABLISHED.
//!
//! On a loopback SYN_SENT is over before one can look, unless the listener has
//! no room: Linux then drops the SYN, and the client sends it again a second
//! later.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::Context;
use nix::errno::Errno;
use procfs::net::TcpState;
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use super::ends::{Ends, line};
use crate::lab::Lab;
use crate::linux::table;
use crate::tcp::TIMEOUT;

/// Small buffers are soon full. (The kernel doubles the number: socket(7).)
const BUFFER: usize = 16 << 10;

/// The connection, and the listener that it came through.
pub(super) struct Connection {
    pub(super) ends: Ends,
    pub(super) client: TcpStream,
    pub(super) server: TcpStream,
    pub(super) listener: TcpListener,
}

pub(super) fn open(lab: &mut Lab) -> anyhow::Result<Connection> {
    let (listener, other) = listen_without_room(lab)?;
    let address = listener.local_addr()?;
    let (client, ends) = connect(lab, address)?;

    lab.about(
        "The server accepts who waits, and there is room. A second after the \
         first SYN, the client's kernel sends another.",
    );
    let (accepted, _) = lab.call("server", "accept()", || listener.accept())?;
    // In this order nothing of it is left at the server's port.
    drop(other);
    drop(accepted);
    lab.call("client", "(waits until it is connected)", || {
        let is_connected =
            ends.wait_for_client(|end| end.state == TcpState::Established);
        is_connected.map_err(io::Error::other)
    })?;
    let (server, _) = lab.call("server", "accept()", || listener.accept())?;
    let seen = ends.look(lab)?;
    lab.claim(
        seen.is(&TcpState::Established, &TcpState::Established),
        "Both ends are ESTABLISHED: the same connection, a SYN later.",
    );
    let client = TcpStream::from(client);
    client.set_nonblocking(false)?;
    for stream in [&client, &server] {
        common::set_timeouts(stream, Some(TIMEOUT))?;
    }
    Ok(Connection {
        ends,
        client,
        server,
        listener,
    })
}

/// A listener whose queue is full, and who fills it.
fn listen_without_room(
    lab: &mut Lab,
) -> anyhow::Result<(TcpListener, TcpStream)> {
    lab.about(
        "A server listens, with room for one connection to wait: a backlog of \
         0, and Linux admits one more. Another client takes that place.",
    );
    let call = "SO_REUSEADDR, bind, listen(0)";
    let listener = lab.call("server", call, || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        small_buffers(&socket)?;
        socket.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0))))?;
        socket.listen(0)?;
        // For accept, too.
        socket.set_read_timeout(Some(TIMEOUT))?;
        Ok(TcpListener::from(socket))
    })?;
    let address = listener.local_addr()?;
    let other = lab
        .call("other", format!("connect({address})"), || {
            TcpStream::connect_timeout(&address, TIMEOUT)
        })
        .context("cannot connect on this host")?;
    Ok((listener, other))
}

/// Connects until the SYN is sent.
fn connect(
    lab: &mut Lab,
    address: SocketAddr,
) -> anyhow::Result<(Socket, Ends)> {
    lab.about("Now our client. It doesn't wait for its connect to succeed.");
    let asked = lab.ask(
        "Which state has the client's socket after connect?",
        &["ESTABLISHED", "SYN_SENT", "none: it was refused"],
    );
    // ANCHOR: connect
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    small_buffers(&socket)?;
    socket.set_nonblocking(true)?;
    let result = lab.call("client", format!("connect({address})"), || {
        socket.connect(&SockAddr::from(address))
    });
    // ANCHOR_END: connect
    ensure_begun(&result)?;
    let local = socket.local_addr()?.as_socket().expect("it is IPv4");
    let ends = Ends {
        client: local,
        server: address,
    };
    let listener = table::entry(address, None)?;
    lab.found("listener", line(listener.as_ref()));
    let seen = ends.look(lab)?;
    lab.answer(
        asked,
        match seen.client.as_ref().map(|end| &end.state) {
            Some(TcpState::Established) => Some(0),
            Some(TcpState::SynSent) => Some(1),
            None if result.is_err() => Some(2),
            _ => None,
        },
    );
    lab.claim(
        seen.client_is(&TcpState::SynSent) && seen.server.is_none(),
        "The client's SYN is sent, and not acknowledged: SYN_SENT. Nobody \
         knows of it at the server, where there is no room.",
    );
    Ok((socket, ends))
}

/// What fails at once sends no SYN.
fn ensure_begun(result: &io::Result<()>) -> io::Result<()> {
    match result.as_ref().map_err(io::Error::raw_os_error) {
        Err(Some(number)) if number != Errno::EINPROGRESS as i32 => {
            Err(io::Error::from_raw_os_error(number))
        }
        _ => Ok(()),
    }
}

fn small_buffers(socket: &Socket) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_recv_buffer_size(BUFFER)?;
    socket.set_send_buffer_size(BUFFER)
}
