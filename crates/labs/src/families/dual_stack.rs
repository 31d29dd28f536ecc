//! IPv4 and IPv6 beside each other: one listener for both, or two on one port.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use anyhow::Context;
use socket2::{Domain, Socket, Type};

use crate::lab::Lab;
use crate::tcp::{failed_with, recv, send};

/// A listener on every IPv6 address, and also on every IPv4 address, or not.
fn listen(lab: &mut Lab, only_v6: bool) -> io::Result<(Socket, u16)> {
    // ANCHOR: listen
    let listener = Socket::new(Domain::IPV6, Type::STREAM, None)?;
    let call = format!("set_only_v6({only_v6})");
    lab.call("server", call, || listener.set_only_v6(only_v6))?;
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    lab.call("server", "bind([::]:0)", || listener.bind(&any.into()))?;
    listener.listen(1)?;
    // ANCHOR_END: listen
    let port = port(&listener)?;
    Ok((listener, port))
}

fn port(listener: &Socket) -> io::Result<u16> {
    let address = listener.local_addr()?.as_socket();
    Ok(address.ok_or(ErrorKind::InvalidData)?.port())
}

fn connect(lab: &mut Lab, address: SocketAddr) -> io::Result<TcpStream> {
    let call = format!("connect({address})");
    lab.call("client", call, || TcpStream::connect(address))
}

pub(super) fn mapped(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("An IPv6 listener for both families, and a client over IPv4.");
    let (listener, port) = listen(lab, false)?;
    let version_4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let _client = connect(lab, version_4)?;
    let asked = lab.ask(
        "Which address of the client will the IPv6 server see?",
        &["127.0.0.1", "::1", "::ffff:127.0.0.1"],
    );
    let (_, peer) = lab.call("server", "accept()", || listener.accept())?;
    let peer = peer.as_socket().context("the peer has no IP address")?;
    let seen = peer.ip();
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
    lab.answer(
        asked,
        match seen {
            seen if seen == Ipv4Addr::LOCALHOST => Some(0),
            seen if seen == Ipv6Addr::LOCALHOST => Some(1),
            seen if seen == mapped => Some(2),
            _ => None,
        },
    );
    lab.found("after to_canonical()", seen.to_canonical().to_string());
    lab.claim(
        seen == mapped && seen.to_canonical() == Ipv4Addr::LOCALHOST,
        "The client spoke IPv4, and the server sees a mapped IPv6 address.",
    );

    lab.about("The same listener, for IPv6 only.");
    let (_listener, port) = listen(lab, true)?;
    let version_4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let refused = connect(lab, version_4);
    let version_6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    let connected = connect(lab, version_6);
    lab.claim(
        failed_with(&refused, ErrorKind::ConnectionRefused)
            && connected.is_ok(),
        "The IPv4 client is refused, and the IPv6 client is not.",
    );
    Ok(())
}

pub(super) fn same_port(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("Two servers with the same port, on two addresses.");
    let (version_4, version_6) = two_listeners()?;
    let mut came = Vec::new();
    for (name, listener) in [("IPv4", &version_4), ("IPv6", &version_6)] {
        let client = connect(lab, listener.local_addr()?)?;
        let (server, _) = listener.accept()?;
        send(&server, name.as_bytes())?;
        came.push(lab.call("client", "recv(64)", || recv(&client, 64))?);
    }
    lab.claim(
        came == [b"IPv4", b"IPv6"],
        "Each client reached its own server. An address in use is an address \
         and a port, and these are two.",
    );
    Ok(())
}

/// Somebody may have the port on one of them already.
const ATTEMPTS: usize = 20;

fn two_listeners() -> io::Result<(TcpListener, TcpListener)> {
    let mut attempts = (0..ATTEMPTS).map(|_| {
        let version_4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = version_4.local_addr()?.port();
        let version_6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port))?;
        Ok((version_4, version_6))
    });
    attempts
        .find(|result| !failed_with(result, ErrorKind::AddrInUse))
        .unwrap_or_else(|| Err(ErrorKind::AddrInUse.into()))
}
