//! What a `connect` meets, and what a socket says that has no connection.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use super::entry::Entry;
use super::failure;
use crate::lab::Lab;
use crate::tcp::{TIMEOUT, close, pair, recv};

pub(super) const ENTRIES: [Entry; 4] = [
    Entry {
        name: "ECONNREFUSED",
        alias: None,
        windows: ("WSAECONNREFUSED", 10061),
        cause: "The host is there, and nobody listens on this port.",
        cure: "Start the server, or correct the port; wait while it starts.",
        note: "A firewall may refuse, too. One that drops what comes gives \
               ETIMEDOUT instead, after a long while.",
        ways: &[nobody_listens, nobody_receives],
        needs_network: false,
    },
    Entry {
        name: "EINPROGRESS",
        alias: None,
        windows: ("WSAEWOULDBLOCK", 10035),
        cause: "A non-blocking `connect` has begun, and isn't done yet.",
        cure: "No failure: wait until it is writable, then ask take_error().",
        note: "mio and tokio take care of it. Winsock has a WSAEINPROGRESS \
               (10036), too, which means something else: a blocking call \
               hasn't ended.",
        ways: &[begin],
        needs_network: false,
    },
    Entry {
        name: "EISCONN",
        alias: None,
        windows: ("WSAEISCONN", 10056),
        cause: "The socket is connected already.",
        cure: "Make a socket for each connection.",
        note: "std can't give it: there, `connect` makes the socket. A program \
               that waits for a non-blocking `connect` by calling it again \
               meets it, and has succeeded.",
        ways: &[connect_twice],
        needs_network: false,
    },
    Entry {
        name: "ENOTCONN",
        alias: None,
        windows: ("WSAENOTCONN", 10057),
        cause: "The socket has no connection, or none any more.",
        cure: "Connect first; never unwrap peer_addr(), the peer may be gone.",
        note: "To send on a socket that was never connected gives EPIPE on \
               Linux.",
        ways: &[never_connected, connected_no_more],
        needs_network: false,
    },
];

/// A port that is taken and on which nobody listens: nobody else gets it.
fn closed_port() -> io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let address = socket.local_addr()?.as_socket();
    Ok((socket, address.expect("bound to an IPv4 address")))
}

fn nobody_listens(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let (_port, address) = closed_port()?;
    failure(lab.call("client", format!("connect({address})"), || {
        TcpStream::connect(address)
    }))
}

fn nobody_receives(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about(
        "With UDP it comes late. The first datagram leaves; the other host \
         says that nobody takes it (ICMP); the next call tells.",
    );
    let nobody = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(TIMEOUT))?;
    lab.call("client", format!("connect({nobody})"), || {
        socket.connect(nobody)
    })?;
    lab.call("client", "send(\"Hello.\")", || socket.send(b"Hello."))?;
    failure(lab.call("client", "recv(64)", || socket.recv(&mut [0; 64])))
}

fn begin(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    failure(lab.call("client", format!("connect({address})"), || {
        socket.connect(&address.into())
    }))
}

fn connect_twice(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let call = format!("connect({address})");
    lab.call("client", &call, || socket.connect(&address.into()))?;
    failure(lab.call("client", &call, || socket.connect(&address.into())))
}

fn never_connected(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let stream =
        TcpStream::from(Socket::new(Domain::IPV4, Type::STREAM, None)?);
    failure(lab.call("client", "recv(64)", || recv(&stream, 64)))
}

fn connected_no_more(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about(
        "Servers meet it when they log who has left: the peer resets the \
         connection, and then it has no peer.",
    );
    let (client, server) = pair()?;
    lab.call("server", "peer_addr()", || server.peer_addr())?;
    // A close that doesn't linger is a reset.
    SockRef::from(&client).set_linger(Some(Duration::ZERO))?;
    lab.call("client", "close() by a reset", || close(client))?;
    failure(lab.call("server", "recv(64)", || recv(&server, 64)))?;
    failure(lab.call("server", "peer_addr()", || server.peer_addr()))
}
