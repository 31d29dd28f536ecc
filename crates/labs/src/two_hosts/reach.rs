//! Who reaches whom: every host has a loopback of its own, which nobody else
//! reaches.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::lab::Lab;
use crate::linux::host::Host;
use crate::linux::two_hosts::{FAR, NEAR, PORT, TwoHosts};
use crate::tcp::{failed_with, recv, send};

/// Whoever waits longer waits for ever.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn run(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    echo(lab, hosts)?;
    loopback(lab, hosts)?;
    every_interface(lab, hosts)
}

fn echo(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    lab.about(format!(
        "Two hosts, near and far, and a wire between them, made by this \
         machine's kernel for as long as this takes. near has the address \
         {NEAR} on the wire, and far {FAR}."
    ));
    // ANCHOR: echo
    let listener = listen(lab, hosts, FAR)?;
    let client = dial(lab, "near", &hosts.near, FAR)?;
    let (server, peer) = lab.call("far", "accept()", || listener.accept())?;
    client.set_read_timeout(Some(TIMEOUT))?;
    server.set_read_timeout(Some(TIMEOUT))?;
    // ANCHOR_END: echo
    lab.call("near", "send(\"Hello.\")", || send(&client, b"Hello."))?;
    let bytes = lab.call("far", "recv(64)", || recv(&server, 64))?;
    lab.call("far", "send(the same)", || send(&server, &bytes))?;
    let back = lab.call("near", "recv(64)", || recv(&client, 64))?;
    lab.claim(
        back == b"Hello."
            && client.peer_addr()?.ip() == FAR
            && peer.ip() == NEAR
            && client.local_addr()? == peer,
        format!(
            "An echo from another host. near sees {FAR} at the other end, and \
             far sees {NEAR}."
        ),
    );
    Ok(())
}

fn loopback(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    let own = Ipv4Addr::LOCALHOST;
    lab.about(format!("A server on far that is bound to {own}."));
    // ANCHOR: loopback
    let _listener = listen(lab, hosts, own)?;
    let from_far = dial(lab, "far", &hosts.far, own);
    let asked = lab.ask(
        "near connects to far, at that port. What comes of it?",
        &["a connection", "it is refused", "it waits, and times out"],
    );
    let by_wire = dial(lab, "near", &hosts.near, FAR);
    lab.answer(
        asked,
        match by_wire.as_ref().map_err(io::Error::kind) {
            Ok(_) => Some(0),
            Err(ErrorKind::ConnectionRefused) => Some(1),
            Err(ErrorKind::TimedOut) => Some(2),
            Err(_) => None,
        },
    );
    let by_loopback = dial(lab, "near", &hosts.near, own);
    // ANCHOR_END: loopback
    lab.claim(
        from_far.is_ok()
            && failed_with(&by_wire, ErrorKind::ConnectionRefused)
            && failed_with(&by_loopback, ErrorKind::ConnectionRefused),
        format!(
            "Only far reaches it. By far's address on the wire nobody listens, \
             and {own} is whoever says it: on near it is near."
        ),
    );
    Ok(())
}

fn every_interface(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    let any = Ipv4Addr::UNSPECIFIED;
    lab.about(format!(
        "A server on far that is bound to {any}: to all addresses that far has."
    ));
    let listener = listen(lab, hosts, any)?;
    let ways = [
        ("near", &hosts.near, FAR, NEAR),
        ("far", &hosts.far, Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST),
        ("far", &hosts.far, FAR, FAR),
    ];
    let mut all_seen = true;
    for (name, host, to, seen_from) in ways {
        let _client = dial(lab, name, host, to)?;
        let (server, peer) =
            lab.call("far", "accept()", || listener.accept())?;
        all_seen &= peer.ip() == seen_from && server.local_addr()?.ip() == to;
    }
    lab.claim(
        all_seen,
        "Both hosts reach it. What the server is bound to says who may come; \
         each connection has the address by which it came.",
    );
    Ok(())
}

/// Makes a listener on far.
pub(super) fn listen(
    lab: &mut Lab,
    hosts: &TwoHosts,
    address: Ipv4Addr,
) -> io::Result<TcpListener> {
    lab.call("far", format!("listen on {address}:{PORT}"), || {
        hosts.far.run(|| TcpListener::bind((address, PORT)))
    })
}

/// Connects, from a host, to an address.
pub(super) fn dial(
    lab: &mut Lab,
    name: &str,
    host: &Host,
    address: Ipv4Addr,
) -> io::Result<TcpStream> {
    let address = SocketAddr::from((address, PORT));
    lab.call(name, format!("connect({address})"), || {
        host.run(|| TcpStream::connect_timeout(&address, TIMEOUT))
    })
}
