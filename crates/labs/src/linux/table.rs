//! The kernel's table of TCP sockets, as `ss` and `netstat` read it, too.

use std::fs;
use std::net::SocketAddr;

use anyhow::Context;
use procfs::FromReadSI;
use procfs::net::{TcpNetEntries, TcpNetEntry, TcpState};

use crate::wait;

/// The entry of the socket with these addresses, in the network that the
/// calling thread is in. A listener has no peer: its peer's port is 0.
///
/// # Errors
///
/// If the table can't be read.
pub(crate) fn entry(
    local: SocketAddr,
    peer: Option<SocketAddr>,
) -> anyhow::Result<Option<TcpNetEntry>> {
    let table = match local {
        SocketAddr::V4(_) => "/proc/thread-self/net/tcp",
        SocketAddr::V6(_) => "/proc/thread-self/net/tcp6",
    };
    let text = fs::read_to_string(table)
        .context("cannot read the table of sockets")?;
    // There may be tens of thousands, in TIME_WAIT. Ours have this port in it,
    // and the first line is the heading.
    let port = format!(":{:04X}", local.port());
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(n, line)| *n == 0 || line.contains(&port));
    let ours: Vec<_> = lines.map(|(_, line)| line).collect();
    let TcpNetEntries(table) = TcpNetEntries::from_read(
        ours.join("\n").as_bytes(),
        procfs::current_system_info(),
    )
    .context("cannot understand the table of sockets")?;
    let mut table = table.into_iter();
    Ok(table.find(|entry| {
        let is_peer = match peer {
            Some(peer) => entry.remote_address == peer,
            None => entry.remote_address.port() == 0,
        };
        entry.local_address == local && is_peer
    }))
}

/// Looks until the socket with these addresses is as `is_so` wants it.
///
/// # Errors
///
/// If that takes too long: with the state that it has.
pub(crate) fn wait_until(
    local: SocketAddr,
    peer: Option<SocketAddr>,
    is_so: impl Fn(&TcpNetEntry) -> bool,
) -> anyhow::Result<TcpNetEntry> {
    let mut state = "gone";
    let found = wait::until(|| {
        let entry = entry(local, peer)?;
        state = entry.as_ref().map_or("gone", |entry| name(&entry.state));
        Ok(entry.filter(&is_so))
    })?;
    found.with_context(|| format!("the socket of {local} stays {state}"))
}

/// Looks until there is no socket with these addresses: it is closed, though a
/// program may still hold it.
///
/// # Errors
///
/// If that takes too long.
pub(crate) fn wait_until_gone(
    local: SocketAddr,
    peer: Option<SocketAddr>,
) -> anyhow::Result<()> {
    let is_gone = || Ok(entry(local, peer)?.is_none().then_some(()));
    wait::until(is_gone)?
        .with_context(|| format!("the socket of {local} stays in the table"))
}

/// A state's name, as RFC 9293 and `netstat` write it.
pub(crate) fn name(state: &TcpState) -> &'static str {
    match state {
        TcpState::Established => "ESTABLISHED",
        TcpState::SynSent => "SYN_SENT",
        TcpState::SynRecv => "SYN_RECV",
        TcpState::FinWait1 => "FIN_WAIT1",
        TcpState::FinWait2 => "FIN_WAIT2",
        TcpState::TimeWait => "TIME_WAIT",
        TcpState::Close => "CLOSE",
        TcpState::CloseWait => "CLOSE_WAIT",
        TcpState::LastAck => "LAST_ACK",
        TcpState::Listen => "LISTEN",
        TcpState::Closing => "CLOSING",
        TcpState::NewSynRecv => "NEW_SYN_RECV",
    }
}
