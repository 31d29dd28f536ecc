//! A connection has two directions, and each is closed by itself. A close in
//! order waits for its turn behind the data; a reset overtakes them.

mod reset;
#[cfg(target_os = "linux")]
mod watch;

use std::io::ErrorKind;
use std::net::Shutdown;

use crate::lab::Lab;
use crate::tcp::{close, failed_with, pair, recv, send};

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    half_close(lab)?;
    copies(lab)?;
    reset::unread_input(lab)?;
    reset::overtaken(lab)?;
    #[cfg(target_os = "linux")]
    watch::already_received(lab)?;
    #[cfg(not(target_os = "linux"))]
    lab.not_shown(
        "what a reset leaves of what has arrived",
        "its queues are read from Linux's table of sockets; try it there",
    );
    Ok(())
}

fn half_close(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = pair()?;
    // ANCHOR: half_close
    lab.about(
        "The client has sent all that it has to send, and says so by shutdown. \
         Will it still be answered?",
    );
    lab.call("client", "send(\"Hello.\")", || send(&client, b"Hello."))?;
    lab.call("client", "shutdown(Write)", || {
        client.shutdown(Shutdown::Write)
    })?;
    lab.call("server", "recv(64)", || recv(&server, 64))?;
    let end = lab.call("server", "recv(64)", || recv(&server, 64))?;
    #[cfg(target_os = "linux")]
    watch::half_closed(lab, &client, &server)?;
    lab.call("server", "send(\"Bye.\")", || send(&server, b"Bye."))?;
    let answer = lab.call("client", "recv(64)", || recv(&client, 64))?;
    lab.claim(
        end.is_empty() && answer == b"Bye.",
        "The server has read the end of input, and its answer has arrived. \
         A shutdown closes one direction; the other stays open.",
    );
    // ANCHOR_END: half_close
    lab.call("server", "close", || close(server))?;
    let end = lab.call("client", "recv(64)", || recv(&client, 64))?;
    lab.claim(
        end.is_empty(),
        "Now both directions are closed, each after its last byte.",
    );
    Ok(())
}

fn copies(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = pair()?;
    lab.about(
        "The server has two copies of its socket, as it would for a thread \
         that reads and one that writes. It closes one, and sends on the \
         other.",
    );
    // ANCHOR: copies
    let copy = server.try_clone()?;
    lab.call("server", "close a copy", || close(copy))?;
    lab.call("server", "send(\"Here.\")", || send(&server, b"Here."))?;
    let first = lab.call("client", "recv(64)", || recv(&client, 64))?;
    lab.claim(
        first == b"Here.",
        "The close of a copy has sent nothing. Bytes and the end of input keep \
         their order, so an end would have come first.",
    );
    // ANCHOR_END: copies
    let copy = server.try_clone()?;
    lab.call("server", "shutdown(Write) on a copy", || {
        copy.shutdown(Shutdown::Write)
    })?;
    let end = lab.call("client", "recv(64)", || recv(&client, 64))?;
    let sent =
        lab.call("server", "send on the other", || send(&server, b"Here."));
    lab.claim(
        end.is_empty() && failed_with(&sent, ErrorKind::BrokenPipe),
        "A shutdown is of the connection, and of all copies.",
    );
    Ok(())
}
