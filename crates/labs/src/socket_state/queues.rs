//! A peer that doesn't read: its own queue fills, and then the sender's.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use procfs::net::TcpState;

use super::ends::Ends;
use super::opening::Connection;
use crate::lab::Lab;
use crate::linux::{table, tool};

/// Who has waited so long for room waits for the peer to read.
const PATIENCE: Duration = Duration::from_millis(100);

/// The server sends until nothing more is taken. Returns how much was.
pub(super) fn fill(
    lab: &mut Lab,
    connection: &mut Connection,
) -> anyhow::Result<usize> {
    let Connection { ends, server, .. } = connection;
    lab.about(
        "The server sends as much as it can. The client doesn't read. Both \
         have small buffers, so that this ends soon.",
    );
    let n_sent =
        lab.call("server", "send, until it waits", || send_until_full(server))?;
    settle(*ends, n_sent)?;
    let seen = ends.look(lab)?;
    lab.claim(
        seen.is(&TcpState::Established, &TcpState::Established)
            && seen.unread() > 0
            && seen.unacknowledged() > 0
            && seen.unread() + seen.unacknowledged() == n_sent,
        "The client's receive queue is full, and then the server's send queue. \
         What lies in the two is all that was sent: none of it has been read.",
    );
    lab.about("The same, as the tools print it.");
    let Ends { client, server } = *ends;
    for command in commands() {
        tool::show(lab, &command, &[client, server]);
    }
    Ok(n_sent)
}

/// What prints the table; `lsof` is told whom to look at, to be quick.
fn commands() -> [String; 3] {
    let this = std::process::id();
    [
        "ss -tan".to_owned(),
        "netstat -tan".to_owned(),
        // With -l, users are numbers.
        format!("lsof -nPl -a -p {this} -iTCP"),
    ]
}

// ANCHOR: send_until_full
/// Sends until no more is taken for a while. Returns how much was.
pub(super) fn send_until_full(mut stream: &TcpStream) -> io::Result<usize> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut n_sent = 0;
    loop {
        match stream.write(&[b'x'; 4096]) {
            Ok(n) => n_sent += n,
            // The time is over.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(n_sent);
            }
            Err(error) => return Err(error),
        }
    }
}
// ANCHOR_END: send_until_full

/// Waits until nothing is under way: what the server sent lies at the client,
/// or still at the server.
fn settle(ends: Ends, n_sent: usize) -> anyhow::Result<()> {
    let unread = |client: SocketAddr, server| {
        let end = table::entry(client, Some(server)).ok().flatten();
        end.map_or(0, |end| end.rx_queue as usize)
    };
    ends.wait_for_server(|end| {
        let unread = unread(ends.client, ends.server);
        unread + end.tx_queue as usize == n_sent
    })
}
