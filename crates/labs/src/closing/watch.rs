//! What the kernel's table of sockets tells about the end of a connection.

use std::net::TcpStream;
use std::time::Duration;

use procfs::net::TcpState;
use socket2::SockRef;

use super::reset::is_reset;
use crate::lab::Lab;
use crate::linux::table;
use crate::tcp::{close, pair, recv, send};

/// Tells the state of each end, after the client's shutdown has arrived.
pub(super) fn half_closed(
    lab: &mut Lab,
    client: &TcpStream,
    server: &TcpStream,
) -> anyhow::Result<()> {
    let ends = [
        ("client", client, TcpState::FinWait2),
        ("server", server, TcpState::CloseWait),
    ];
    for (name, end, state) in ends {
        let (local, peer) = (end.local_addr()?, end.peer_addr()?);
        let entry =
            table::wait_until(local, Some(peer), |entry| entry.state == state)?;
        lab.found(format!("state at the {name}"), table::name(&entry.state));
    }
    Ok(())
}

/// What its own system holds already when the reset comes.
pub(super) fn already_received(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = pair()?;
    let (local, peer) = (client.local_addr()?, client.peer_addr()?);
    lab.about(
        "And what had arrived before the reset, in the receive queue of \
         the client's system?",
    );
    // ANCHOR: already_received
    lab.call("server", "send(\"Hello.\")", || send(&server, b"Hello."))?;
    let entry =
        table::wait_until(local, Some(peer), |entry| entry.rx_queue == 6)?;
    lab.found(
        "bytes in the client's receive queue",
        u64::from(entry.rx_queue),
    );
    lab.call("server", "linger 0, close", || {
        SockRef::from(&server).set_linger(Some(Duration::ZERO))?;
        close(server)
    })?;
    table::wait_until_gone(local, Some(peer))?;
    let state = table::entry(local, Some(peer))?;
    lab.found(
        "the client's socket in the table",
        state.map_or("none", |entry| table::name(&entry.state)),
    );
    let asked = lab.ask(
        "What does the client's receive give?",
        &["ECONNRESET", "the six bytes"],
    );
    let first = lab.call("client", "recv(64)", || recv(&client, 64));
    // ANCHOR_END: already_received
    let is_kept = first.as_deref().is_ok_and(|came| came == b"Hello.");
    lab.answer(
        asked,
        match is_kept {
            true => Some(1),
            false => is_reset(&first).then_some(0),
        },
    );
    let second = lab.call("client", "recv(64)", || recv(&client, 64));
    let (holds, text) = match is_kept {
        true => (
            is_reset(&second),
            "What had arrived is still received, on this system, and the reset \
             is told after it.",
        ),
        false => (
            is_reset(&first),
            "What had arrived is not received any more: on this system, a \
             reset empties the receiver's queue, too.",
        ),
    };
    lab.claim(holds, text);
    Ok(())
}
