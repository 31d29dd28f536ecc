//! What a datagram meets before it has left.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use anyhow::bail;

use super::entry::Entry;
use super::failure;
use crate::lab::Lab;

pub(super) const ENTRIES: [Entry; 3] = [
    Entry {
        name: "EDESTADDRREQ",
        alias: None,
        windows: ("WSAEDESTADDRREQ", 10039),
        cause: "A datagram is sent, and nobody has said to whom.",
        cure: "Use send_to with an address, or connect the socket first.",
        note: "`connect` on a UDP socket sends nothing. It remembers an \
               address, and takes datagrams from that one only.",
        ways: &[no_address],
        needs_network: false,
    },
    Entry {
        name: "EMSGSIZE",
        alias: None,
        windows: ("WSAEMSGSIZE", 10040),
        cause: "The datagram is larger than any over IPv4 can be.",
        cure: "Send at most 65,507 bytes at once, better 1,200; or use TCP.",
        note: "A receiver that offers less room than a datagram takes gets its \
               beginning on Linux, and the rest is lost without an error. On \
               Windows the receive fails, with this error.",
        ways: &[too_large],
        needs_network: false,
    },
    Entry {
        name: "EACCES",
        alias: None,
        windows: ("WSAEACCES", 10013),
        cause: "It isn't allowed: a broadcast, or a port below 1024.",
        cure: "Ask by set_broadcast(true); take a higher port, or be root.",
        note: "On Linux, root may have any port, and so may everybody from the \
               port on that net.ipv4.ip_unprivileged_port_start names, by \
               default 1024.",
        ways: &[broadcast, low_port],
        needs_network: false,
    },
];

fn no_address(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    failure(lab.call("sender", "send(\"Hello.\")", || socket.send(b"Hello.")))
}

/// What the lengths in the headers of IPv4 and UDP have room for: 65,535, less
/// 20 and 8 bytes for the headers themselves.
const LARGEST: usize = 65_507;

fn too_large(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let receiver = UdpSocket::bind("127.0.0.1:0")?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(receiver.local_addr()?)?;
    let bytes = [b'x'; LARGEST + 1];
    let largest = lab.call("sender", format!("send({LARGEST} bytes)"), || {
        socket.send(&bytes[..LARGEST])
    });
    if let Err(error) = largest {
        // macOS has a limit of its own, which is lower.
        return Ok(error);
    }
    let call = format!("send({} bytes)", bytes.len());
    failure(lab.call("sender", call, || socket.send(&bytes)))
}

fn broadcast(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    // To everybody in the loopback's network, which is nobody else. Port 9
    // takes and discards (RFC 863).
    let everybody = SocketAddr::from((Ipv4Addr::new(127, 255, 255, 255), 9));
    failure(lab.call("sender", format!("send_to({everybody})"), || {
        socket.send_to(b"Hello.", everybody)
    }))
}

fn low_port(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about("A web server's port, without being root.");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 80));
    match lab.call("server", format!("bind({address})"), || {
        TcpListener::bind(address)
    }) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Ok(error)
        }
        _ => bail!("low ports are allowed to you; try it as another user"),
    }
}
