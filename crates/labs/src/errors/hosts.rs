//! Networks of our own, in which something is missing.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::socket::{setsockopt, sockopt::TcpUserTimeout};
use socket2::{Domain, Socket, Type};

use super::failure;
use crate::lab::{Lab, errno_name};
use crate::linux::host::Host;
use crate::linux::tool;
use crate::linux::two_hosts::{FAR, NEAR, TwoHosts};
use crate::tcp::{TIMEOUT, pair, recv, send};

/// Of the two hosts' network, and nobody's.
const NOBODY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 3);
/// Of another network.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);

pub(super) fn no_route(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let address = SocketAddr::from((ELSEWHERE, 80));
    failure(lab.call("client", format!("connect({address})"), || {
        TcpStream::connect(address)
    }))
}

/// How long the kernel waits for the answer to "who has this address".
const RETRANS_TIME: &str = "/proc/sys/net/ipv4/neigh/wire/retrans_time_ms";

pub(super) fn nobody_there(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let TwoHosts { near, far: _far } = TwoHosts::new()?;
    // Where that is read-only, it takes the usual 3 seconds.
    let _ = lab.call("client", "ARP again after 50 ms", || {
        near.run(|| fs::write(RETRANS_TIME, "50"))
    });
    let address = SocketAddr::from((NOBODY, 80));
    failure(near.run(|| {
        lab.call("client", format!("connect({address})"), || {
            TcpStream::connect(address)
        })
    }))
}

/// In milliseconds; the system's own takes minutes.
const USER_TIMEOUT: u32 = 500;

// ANCHOR: no_answer
pub(super) fn no_answer(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let TwoHosts { near, far } = TwoHosts::new()?;
    let listener = far.run(|| TcpListener::bind((FAR, 0)))?;
    let address = listener.local_addr()?;
    // So that the near host knows the far one's hardware address.
    near.run(|| TcpStream::connect_timeout(&address, TIMEOUT))?;
    lab.call("far host", "drops what it sends", || lose_answers(&far))?;
    let socket = near.run(|| Socket::new(Domain::IPV4, Type::STREAM, None))?;
    lab.call("client", "TCP_USER_TIMEOUT 500 ms", || {
        Ok(setsockopt(&socket, TcpUserTimeout, &USER_TIMEOUT)?)
    })?;
    failure(lab.call("client", format!("connect({address})"), || {
        socket.connect(&address.into())
    }))
}
// ANCHOR_END: no_answer

/// From now on, what this host sends to the near one gets lost.
fn lose_answers(far: &Host) -> io::Result<()> {
    far.ip(&format!("route add blackhole {NEAR}/32"))
        .map_err(io::Error::other)
}

pub(super) fn no_confirmation(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about(
        "The same of a connection, if what we send on it is never confirmed. \
         The send itself succeeds.",
    );
    let TwoHosts { near, far } = TwoHosts::new()?;
    let listener = far.run(|| TcpListener::bind((FAR, 0)))?;
    let address = listener.local_addr()?;
    // Its receive has no timeout of its own: the kernel's is what we want.
    let client = near.run(|| TcpStream::connect_timeout(&address, TIMEOUT))?;
    lab.call("client", "TCP_USER_TIMEOUT 500 ms", || {
        Ok(setsockopt(&client, TcpUserTimeout, &USER_TIMEOUT)?)
    })?;
    lab.call("far host", "drops what it sends", || lose_answers(&far))?;
    lab.call("client", "send(\"Hello.\")", || send(&client, b"Hello."))?;
    failure(lab.call("client", "recv(64)", || recv(&client, 64)))
}

pub(super) fn killed(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let (client, server) = pair()?;
    client.set_read_timeout(Some(Duration::from_millis(500)))?;
    let port = server.local_addr()?.port();
    let command = format!("ss -K dport = {port}");
    lab.call("root", &command, || {
        tool::run(&command).map(drop).map_err(io::Error::other)
    })
    .context("this takes `ss`, a part of iproute2")?;
    let error = failure(lab.call("client", "recv(64)", || recv(&client, 64)))?;
    let is_killed = errno_name(&error).as_deref() == Some("ECONNABORTED");
    ensure!(
        is_killed,
        "`ss -K` doesn't end it; it takes a kernel with \
         CONFIG_INET_DIAG_DESTROY"
    );
    Ok(error)
}
