//! What the end of a connection looks like from the other end, if it isn't the
//! orderly one.

use std::io;
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::entry::Entry;
use super::failure;
use crate::lab::Lab;
use crate::tcp::{close, pair, recv, send};

pub(super) const ENTRIES: [Entry; 2] = [
    Entry {
        name: "ECONNRESET",
        alias: None,
        windows: ("WSAECONNRESET", 10054),
        cause: "The peer threw the connection away, with what was on its way.",
        cure: "Count this connection as lost, and serve the others.",
        note: "That a program was killed is not enough: if it had received all \
               that came, its system ends the connection in order.",
        ways: &[unread, linger],
        needs_network: false,
    },
    Entry {
        name: "EPIPE",
        alias: None,
        windows: ("WSAESHUTDOWN", 10058),
        cause: "We send, and the connection has ended: by the peer, or by us.",
        cure: "Stop sending, and close this connection.",
        note: "A signal comes with it, SIGPIPE, which ends a program in C that \
               doesn't ignore it, without a word. Rust and Python ignore it. \
               Winsock's WSAESHUTDOWN is only for the second case here; for a \
               peer that is gone it says WSAECONNRESET or WSAECONNABORTED.",
        ways: &[peer_gone, own_shutdown],
        needs_network: false,
    },
];

// ANCHOR: unread
fn unread(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let (client, server) = pair()?;
    lab.call("client", "send(\"Hello.\")", || send(&client, b"Hello."))?;
    lab.call("server", "recv(1)", || recv(&server, 1))?;
    lab.call("server", "close(), 5 bytes unread", || close(server))?;
    failure(lab.call("client", "recv(64)", || recv(&client, 64)))
}
// ANCHOR_END: unread

fn linger(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about(
        "On purpose: who lets a socket linger for 0 seconds (SO_LINGER) resets \
         by its close.",
    );
    let (client, server) = pair()?;
    SockRef::from(&server).set_linger(Some(Duration::ZERO))?;
    lab.call("server", "close(), lingers 0 s", || close(server))?;
    failure(lab.call("client", "recv(64)", || recv(&client, 64)))
}

fn peer_gone(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let (client, server) = pair()?;
    lab.call("server", "close()", || close(server))?;
    lab.call("client", "recv(64)", || recv(&client, 64))?;
    let asked = lab.ask(
        "The server is gone. What will the first send give?",
        &["1: the byte is taken", "EPIPE", "ECONNRESET"],
    );
    let first = lab.call("client", "send(\"1\")", || send(&client, b"1"));
    lab.answer(
        asked,
        match &first {
            Ok(_) => Some(0),
            Err(error) => match error.kind() {
                io::ErrorKind::BrokenPipe => Some(1),
                io::ErrorKind::ConnectionReset => Some(2),
                _ => None,
            },
        },
    );
    first?;
    failure(lab.call("client", "send(\"2\"), till it fails", || {
        // The other system's reset is on its way, and may take a moment.
        loop {
            send(&client, b"2")?;
            thread::yield_now();
        }
        #[expect(unreachable_code, reason = "says what it would return")]
        Ok(())
    }))
}

fn own_shutdown(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about("By us: after shutdown(Write) we have promised to be silent.");
    let (client, _server) = pair()?;
    lab.call("client", "shutdown(Write)", || {
        client.shutdown(std::net::Shutdown::Write)
    })?;
    failure(lab.call("client", "send(\"1\")", || send(&client, b"1")))
}
