//! The two ends of one connection, in the kernel's table.

use std::net::SocketAddr;

use procfs::net::{TcpNetEntry, TcpState};

use crate::lab::{Lab, grouped};
use crate::linux::table;

/// Which connection: the addresses of its ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) client: SocketAddr,
    pub(super) server: SocketAddr,
}

/// What the table says of both ends at one moment; nothing of one that isn't
/// there.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) client: Option<TcpNetEntry>,
    pub(super) server: Option<TcpNetEntry>,
}

impl Ends {
    // ANCHOR: look
    /// Reads both ends from the table, and tells them.
    pub(super) fn look(self, lab: &mut Lab) -> anyhow::Result<Seen> {
        let seen = Seen {
            client: table::entry(self.client, Some(self.server))?,
            server: table::entry(self.server, Some(self.client))?,
        };
        lab.found("client", line(seen.client.as_ref()));
        lab.found("server", line(seen.server.as_ref()));
        Ok(seen)
    }
    // ANCHOR_END: look

    /// Waits until the client's end is so.
    pub(super) fn wait_for_client(
        self,
        is_so: impl Fn(&TcpNetEntry) -> bool,
    ) -> anyhow::Result<()> {
        table::wait_until(self.client, Some(self.server), is_so).map(drop)
    }

    /// Waits until the server's end is so.
    pub(super) fn wait_for_server(
        self,
        is_so: impl Fn(&TcpNetEntry) -> bool,
    ) -> anyhow::Result<()> {
        table::wait_until(self.server, Some(self.client), is_so).map(drop)
    }
}

impl Seen {
    /// Both ends have these states.
    pub(super) fn is(&self, client: &TcpState, server: &TcpState) -> bool {
        self.client_is(client) && self.server_is(server)
    }

    /// What the client has received, and its program hasn't read.
    pub(super) fn unread(&self) -> usize {
        self.client.as_ref().map_or(0, |end| end.rx_queue as usize)
    }

    /// What the server has sent or will send, and the client hasn't
    /// acknowledged.
    pub(super) fn unacknowledged(&self) -> usize {
        self.server.as_ref().map_or(0, |end| end.tx_queue as usize)
    }

    pub(super) fn client_is(&self, state: &TcpState) -> bool {
        self.client.as_ref().is_some_and(|end| end.state == *state)
    }

    pub(super) fn server_is(&self, state: &TcpState) -> bool {
        self.server.as_ref().is_some_and(|end| end.state == *state)
    }
}

/// An entry, with the names that `ss` and `netstat` give to its queues.
pub(super) fn line(entry: Option<&TcpNetEntry>) -> String {
    match entry {
        None => "not in the table".to_owned(),
        Some(entry) => format!(
            "{:<11}  Recv-Q {:>6}  Send-Q {:>6}",
            table::name(&entry.state),
            grouped(entry.rx_queue.into()),
            grouped(entry.tx_queue.into()),
        ),
    }
}
