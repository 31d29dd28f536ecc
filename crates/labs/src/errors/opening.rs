//! What goes wrong before there is a connection: an address one can't have.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use anyhow::Context;
use socket2::{Domain, Socket, Type};

use super::entry::Entry;
use super::failure;
use crate::lab::Lab;
use crate::tcp::{close, pair, recv};

pub(super) const ENTRIES: [Entry; 3] = [
    Entry {
        name: "EADDRINUSE",
        alias: None,
        windows: ("WSAEADDRINUSE", 10048),
        cause: "Another socket has this port.",
        cure: "End the program that has it (`ss -ltnp`), or take another port.",
        note: "Set SO_REUSEADDR before `bind`, and a server can start again at \
               once. std's TcpListener does so on Unix. On Windows the option \
               means something else, and would let another program take the \
               port.",
        ways: &[listen_twice, time_wait],
        needs_network: false,
    },
    Entry {
        name: "EADDRNOTAVAIL",
        alias: None,
        windows: ("WSAEADDRNOTAVAIL", 10049),
        cause: "No interface of this machine has this address.",
        cure: "Bind to one that `ip address` lists, or to 0.0.0.0 for all.",
        note: "`connect` gives it, too, when all ports are taken that the \
               system chooses from for one's own end.",
        ways: &[foreign_address],
        needs_network: false,
    },
    Entry {
        name: "EAFNOSUPPORT",
        alias: None,
        windows: ("WSAEAFNOSUPPORT", 10047),
        cause: "The address is of another family than the socket.",
        cure: "Make the socket for the address that you have, IPv4 or IPv6.",
        note: "`socket` gives it, too, where the system has no IPv6 at all. A \
               client that tries all addresses of a name goes on to the next.",
        ways: &[other_family],
        needs_network: false,
    },
];

fn listen_twice(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let listen = |address| TcpListener::bind(address);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let first =
        lab.call("first", format!("bind({address})"), || listen(address))?;
    let address = first.local_addr()?;
    failure(lab.call("second", format!("bind({address})"), || listen(address)))
}

/// The end that closes first keeps the port for a while (RFC 9293, 3.6.1).
fn time_wait(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about(
        "Also when nobody has the port any more. A server closes a connection \
         first, and ends. The connection's end stays for a minute, in \
         TIME_WAIT; and here the new server doesn't set SO_REUSEADDR.",
    );
    let (client, server) = pair()?;
    let address = server.local_addr()?;
    lab.call("server", "close()", || close(server))?;
    lab.call("client", "recv(64)", || recv(&client, 64))?;
    drop(client);
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    failure(lab.call("server", format!("bind({address})"), || {
        socket.bind(&address.into())
    }))
}

fn foreign_address(lab: &mut Lab) -> anyhow::Result<io::Error> {
    // Of a network that is kept for documentation (RFC 5737).
    let address = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 0));
    let result = lab.call("server", format!("bind({address})"), || {
        TcpListener::bind(address)
    });
    failure(result).context(
        "this machine lets programs bind to addresses that it doesn't have \
         (net.ipv4.ip_nonlocal_bind), or has this one",
    )
}

fn other_family(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let address = SocketAddr::from((Ipv6Addr::LOCALHOST, 65432));
    let call = format!("IPv4: connect({address})");
    failure(lab.call("client", call, || socket.connect(&address.into())))
}
