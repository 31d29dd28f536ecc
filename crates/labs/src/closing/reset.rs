//! A reset: who sends it without meaning to, and what it destroys.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use anyhow::ensure;
use socket2::SockRef;

use crate::lab::Lab;
use crate::tcp::{close, failed_with, pair, recv, send};

pub(super) fn unread_input(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = pair()?;
    lab.about(
        "The client sends two requests at once. The server reads one of them, \
         and closes.",
    );
    lab.call("client", "send(\"One. Two.\")", || {
        send(&client, b"One. Two.")
    })?;
    // Five bytes have come, so the rest is there, too: it was one segment.
    lab.call("server", "recv(5)", || recv(&server, 5))?;
    // ANCHOR: unread_input
    let asked = lab.ask(
        "The server closes. What does the client's receive give?",
        &["0, the end of input", "ECONNRESET"],
    );
    lab.call("server", "close", || close(server))?;
    let came = lab.call("client", "recv(64)", || recv(&client, 64));
    lab.answer(
        asked,
        match &came {
            Ok(bytes) => bytes.is_empty().then_some(0),
            Err(_) => is_reset(&came).then_some(1),
        },
    );
    lab.claim(
        is_reset(&came),
        "It was a plain close, and the client got a reset: the server's system \
         had input that nobody will ever read, and says so.",
    );
    // ANCHOR_END: unread_input
    Ok(())
}

pub(super) fn is_reset<T>(came: &io::Result<T>) -> bool {
    failed_with(came, ErrorKind::ConnectionReset)
}

/// More than the client's system takes before the client reads, and less than
/// the server's system takes.
const ANSWER: usize = 1 << 20;
/// The usual size; a system may be set up to have more.
const RECEIVE_BUFFER: usize = 64 << 10;
/// A server whose system takes less than all waits no longer.
const SEND_TIMEOUT: Duration = Duration::from_millis(200);

pub(super) fn overtaken(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about(
        "A server sends an answer of 1 MiB, which its system takes. The client \
         has sent one more request, which nobody answers. Then the server ends \
         the connection, and the client reads what there is: three ways.",
    );
    let (client, server, n_sent) = answer(lab)?;
    // ANCHOR: linger
    let asked = lab.ask(
        "How much of it will the client receive?",
        &["all of it", "a part", "nothing"],
    );
    lab.call("server", "linger 0, close", || {
        SockRef::from(&server).set_linger(Some(Duration::ZERO))?;
        close(server)
    })?;
    let n_received = receive_all(lab, &client)?;
    // ANCHOR_END: linger
    lab.answer(
        asked,
        match n_received {
            0 => 2,
            n if n < n_sent => 1,
            _ => 0,
        },
    );
    let without_linger = lost(lab, n_sent, n_received);

    let (client, server, n_sent) = answer(lab)?;
    lab.call("server", "close, with input unread", || close(server))?;
    let n_received = receive_all(lab, &client)?;
    let with_unread = lost(lab, n_sent, n_received);
    lab.claim(
        without_linger > 0 && with_unread > 0,
        "Each send had succeeded, and yet bytes are lost. A reset doesn't wait \
         for what its own system still has to send.",
    );

    let (client, server, n_sent) = answer(lab)?;
    let n_received = end_in_order(lab, client, server)?;
    let in_order = lost(lab, n_sent, n_received);
    lab.claim(
        in_order == 0,
        "In order, none is lost: shutdown, read until the end, close.",
    );
    Ok(())
}

/// A connection, and how many bytes of an answer the server has sent on it.
fn answer(lab: &mut Lab) -> anyhow::Result<(TcpStream, TcpStream, usize)> {
    let (client, server) = pair()?;
    SockRef::from(&client).set_recv_buffer_size(RECEIVE_BUFFER)?;
    server.set_write_timeout(Some(SEND_TIMEOUT))?;
    send(&client, b"One more request.")?;
    // It has arrived before anything else happens.
    server.peek(&mut [0])?;
    let n_sent = lab.call("server", "send(1 MiB)", || {
        send(&server, &vec![b'x'; ANSWER])
    })?;
    Ok((client, server, n_sent))
}

// ANCHOR: in_order
fn end_in_order(
    lab: &mut Lab,
    client: TcpStream,
    server: TcpStream,
) -> anyhow::Result<usize> {
    lab.call("server", "shutdown(Write)", || {
        server.shutdown(Shutdown::Write)
    })?;
    let n_received = receive_all(lab, &client)?;
    lab.call("client", "close", || close(client))?;
    lab.call("server", "recv until the end", || {
        io::copy(&mut &server, &mut io::sink()).map(|_| ())
    })?;
    lab.call("server", "close", || close(server))?;
    Ok(n_received)
}
// ANCHOR_END: in_order

/// Receives until the end, whichever it is, and counts.
fn receive_all(lab: &mut Lab, mut client: &TcpStream) -> anyhow::Result<usize> {
    // It keeps what came before an error.
    let mut came = Vec::new();
    let end = lab.call("client", "recv until the end", || {
        client.read_to_end(&mut came).map(|_| ())
    });
    ensure!(end.is_ok() || is_reset(&end), "no end came, and no reset");
    lab.found("bytes received", came.len());
    Ok(came.len())
}

fn lost(lab: &mut Lab, n_sent: usize, n_received: usize) -> usize {
    let n_lost = n_sent - n_received;
    lab.found("bytes lost", n_lost);
    n_lost
}
