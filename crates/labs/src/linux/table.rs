//! The kernel's table of TCP sockets, as `ss` and `netstat` read it, too.

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, bail};
use procfs::FromReadSI;
use procfs::net::{TcpNetEntries, TcpNetEntry, TcpState};

/// How often to look again for what takes a moment.
const PAUSE: Duration = Duration::from_millis(1);
/// Longer than anything here takes but the kernel's own minutes.
const DEADLINE: Duration = Duration::from_secs(5);

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
    let table = fs::read_to_string(table)
        .with_context(|| format!("cannot read {table}"))?;
    let table = mentioning(local.port(), &table);
    let TcpNetEntries(table) = TcpNetEntries::from_read(
        table.as_bytes(),
        procfs::current_system_info(),
    )
    .context("cannot read the table of sockets")?;
    let mut table = table.into_iter();
    Ok(table.find(|entry| {
        let is_peer = match peer {
            Some(peer) => entry.remote_address == peer,
            None => entry.remote_address.port() == 0,
        };
        entry.local_address == local && is_peer
    }))
}

/// The lines of a table in which a port stands, behind its first line, which
/// names the columns: on a machine that has served many, there may be thousands
/// of others, and to parse them all takes longer than what is looked for lasts.
fn mentioning(port: u16, table: &str) -> String {
    let port = format!(":{port:04X} ");
    let lines = table.lines().enumerate();
    let mut lines: Vec<_> = lines
        .filter(|(index, line)| *index == 0 || line.contains(&port))
        .map(|(_, line)| line)
        .collect();
    lines.push("");
    lines.join("\n")
}

/// Looks until the socket with these addresses is as `is_so` wants it.
///
/// # Errors
///
/// If that takes longer than 5 seconds: with the state that it has.
pub(crate) fn wait_until(
    local: SocketAddr,
    peer: Option<SocketAddr>,
    is_so: impl Fn(&TcpNetEntry) -> bool,
) -> anyhow::Result<TcpNetEntry> {
    let end = Instant::now() + DEADLINE;
    loop {
        let entry = entry(local, peer)?;
        if let Some(entry) = entry.as_ref().filter(|entry| is_so(entry)) {
            return Ok(entry.clone());
        }
        if Instant::now() > end {
            let state = entry.map_or("gone", |entry| name(&entry.state));
            bail!("the socket of {local} stays {state}");
        }
        thread::sleep(PAUSE);
    }
}

/// Looks until there is no socket with these addresses: it is closed, though a
/// program may still hold it.
///
/// # Errors
///
/// If that takes longer than 5 seconds: with the state that it has.
pub(crate) fn wait_until_gone(
    local: SocketAddr,
    peer: Option<SocketAddr>,
) -> anyhow::Result<()> {
    let end = Instant::now() + DEADLINE;
    while let Some(entry) = entry(local, peer)? {
        if Instant::now() > end {
            let state = name(&entry.state);
            bail!("the socket of {local} stays {state}");
        }
        thread::sleep(PAUSE);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::mentioning;

    #[test]
    fn only_the_lines_with_the_port_are_kept() {
        let table = "  sl  local_address rem_address\n\
                     0: 0100007F:0050 00000000:0000 0A\n\
                     1: 0100007F:1F90 0100007F:0050 01\n\
                     2: 00500050:1F90 0100007F:5000 01\n";
        let expected = "  sl  local_address rem_address\n\
                        0: 0100007F:0050 00000000:0000 0A\n\
                        1: 0100007F:1F90 0100007F:0050 01\n";
        assert_eq!(mentioning(80, table), expected);
    }
}
