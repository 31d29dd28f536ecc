//! Every link has its fe80:: addresses, so such an address alone doesn't say
//! where: the scope does.

use std::io::{self, ErrorKind};
use std::net::{
    Ipv6Addr, SocketAddr, SocketAddrV6, TcpListener, TcpStream, ToSocketAddrs,
};
use std::time::Duration;

use anyhow::Context;
use nix::net::if_::if_nametoindex;

use crate::lab::Lab;
use crate::linux::host::Host;
use crate::linux::two_hosts::TwoHosts;
use crate::tcp::failed_with;

/// The wire has no length; this is for a machine with much to do.
const TIMEOUT: Duration = Duration::from_secs(2);

const FAR: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 2);

/// Two hosts, with a wire between them.
pub(super) struct Hosts {
    near: Host,
    /// The number of the wire, as the near host counts.
    wire: u32,
    listener: TcpListener,
    _far: Host,
}

impl Hosts {
    pub(super) fn new() -> anyhow::Result<Self> {
        let TwoHosts { near, far } = TwoHosts::new()?;
        // Nobody else is on this wire to be asked first whether they have it.
        near.ip("address add fe80::1/64 dev wire nodad")?;
        far.ip("address add fe80::2/64 dev wire nodad")?;
        let wire = near
            .run(|| if_nametoindex("wire"))
            .context("cannot find the number of the wire")?;
        let listener =
            far.run(|| TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)))?;
        Ok(Self {
            near,
            wire,
            listener,
            _far: far,
        })
    }
}

pub(super) fn link_local(lab: &mut Lab, hosts: &Hosts) -> anyhow::Result<()> {
    lab.about(
        "Two hosts with a wire between them. The far one has the address \
         fe80::2, as a host on any other wire may have it, too.",
    );
    let port = hosts.listener.local_addr()?.port();
    // ANCHOR: scope
    let connect = |lab: &mut Lab, scope| {
        let address = SocketAddrV6::new(FAR, port, 0, scope);
        lab.call("client", format!("connect({address})"), || {
            let address = SocketAddr::V6(address);
            hosts
                .near
                .run(|| TcpStream::connect_timeout(&address, TIMEOUT))
        })
    };
    let without = connect(lab, 0);
    lab.found("the wire's number on this host", u64::from(hosts.wire));
    let with = connect(lab, hosts.wire)?;
    let peer = lab.call("client", "getpeername()", || with.peer_addr())?;
    // ANCHOR_END: scope
    let scope = match peer {
        SocketAddr::V6(peer) => peer.scope_id(),
        SocketAddr::V4(_) => 0,
    };
    lab.claim(
        failed_with(&without, ErrorKind::InvalidInput) && scope == hosts.wire,
        "The address of a link says nothing without the link. The scope is the \
         number of the interface, and each host has its own numbers.",
    );

    lab.about("std reads no name there. The C library looks the number up.");
    let call = "getaddrinfo(\"fe80::2%wire\")";
    let found = lab.call("C", call, || {
        let find = || {
            let mut found = ("fe80::2%wire", port).to_socket_addrs()?;
            found.next().ok_or(io::Error::from(ErrorKind::NotFound))
        };
        hosts.near.run(find)
    });
    if found.is_ok() {
        lab.claim(
            found.is_ok_and(|found| found == peer),
            "The C library has read the name of the wire as its number.",
        );
    } else {
        let why = "this C library doesn't read them; write the number";
        lab.not_shown("Names of interfaces in addresses", why);
    }
    Ok(())
}
