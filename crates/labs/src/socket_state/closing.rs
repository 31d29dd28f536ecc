//! FIN_WAIT1, FIN_WAIT2 and CLOSE_WAIT, LAST_ACK, TIME_WAIT.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};

use anyhow::Context;
use procfs::net::TcpState;

use super::ends::Ends;
use super::opening::Connection;
use super::queues::send_until_full;
use crate::lab::Lab;
use crate::tcp::{close, recv};

/// Leads the connection to its end. Returns its ends, and the server's
/// listener.
pub(super) fn to_the_end(
    lab: &mut Lab,
    connection: Connection,
    n_sent: usize,
) -> anyhow::Result<(Ends, TcpListener)> {
    let Connection {
        ends,
        client,
        server,
        listener,
    } = connection;
    fin_waits_behind_data(lab, ends, &server, n_sent)?;
    client_reads(lab, ends, &client)?;
    client_closes(lab, ends, client)?;
    server_reads(lab, ends, &server)?;
    drop(server);
    Ok((ends, listener))
}

fn fin_waits_behind_data(
    lab: &mut Lab,
    ends: Ends,
    server: &TcpStream,
    n_sent: usize,
) -> anyhow::Result<()> {
    lab.about("The server has said all that it has to say.");
    lab.call("server", "shutdown(Write)", || {
        server.shutdown(Shutdown::Write)
    })?;
    let seen = ends.look(lab)?;
    lab.claim(
        seen.is(&TcpState::Established, &TcpState::FinWait1)
            && seen.unread() + seen.unacknowledged() == n_sent + 1,
        "FIN_WAIT1: the server's FIN stands behind its data, and counts as one \
         byte more. The client doesn't know of it yet.",
    );
    Ok(())
}

fn client_reads(
    lab: &mut Lab,
    ends: Ends,
    client: &TcpStream,
) -> anyhow::Result<()> {
    lab.about("The client reads, to the end.");
    let asked = lab.ask(
        "Which state has the client then?",
        &["ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "none: it is gone"],
    );
    lab.call("client", "recv, until it gives 0", || recv_all(client))?;
    ends.wait_for_server(|end| end.state == TcpState::FinWait2)?;
    let seen = ends.look(lab)?;
    let answer = match seen.client.as_ref().map(|end| &end.state) {
        Some(TcpState::Established) => Some(0),
        Some(TcpState::TimeWait) => Some(1),
        Some(TcpState::CloseWait) => Some(2),
        None => Some(3),
        Some(_) => None,
    };
    lab.answer(asked, answer);
    lab.claim(
        seen.is(&TcpState::CloseWait, &TcpState::FinWait2),
        "CLOSE_WAIT: the client knows that the server has finished, and hasn't \
         closed. That lasts until the program does it. FIN_WAIT2: the server \
         waits for that.",
    );
    Ok(())
}

fn client_closes(
    lab: &mut Lab,
    ends: Ends,
    client: TcpStream,
) -> anyhow::Result<()> {
    lab.about(
        "One direction is still open. The client sends, the server doesn't \
         read, and the client closes.",
    );
    lab.call("client", "send, until it waits", || {
        send_until_full(&client)
    })?;
    lab.call("client", "close()", || close(client))?;
    let seen = ends.look(lab)?;
    let in_no_process = seen.client.as_ref().is_some_and(|end| end.inode == 0);
    lab.claim(
        seen.is(&TcpState::LastAck, &TcpState::FinWait2) && in_no_process,
        "LAST_ACK: no process has the client's socket any more. The kernel \
         still sends what it was given, and a FIN behind it.",
    );
    Ok(())
}

fn server_reads(
    lab: &mut Lab,
    ends: Ends,
    server: &TcpStream,
) -> anyhow::Result<()> {
    lab.about("The server reads, to the end, and closes.");
    lab.call("server", "recv, until it gives 0", || recv_all(server))?;
    ends.wait_for_server(|end| end.state == TcpState::TimeWait)
        .context(
            "no TIME_WAIT; the system may keep too few \
             (net.ipv4.tcp_max_tw_buckets)",
        )?;
    let seen = ends.look(lab)?;
    lab.claim(
        seen.client.is_none() && seen.server_is(&TcpState::TimeWait),
        "The client's end is gone. The server's is in TIME_WAIT, since it was \
         the first to say that it had finished.",
    );
    Ok(())
}

/// Receives to the end. Returns how much that was.
fn recv_all(stream: &TcpStream) -> io::Result<usize> {
    let mut n_read = 0;
    loop {
        match recv(stream, 4096)?.len() {
            0 => return Ok(n_read),
            n => n_read += n,
        }
    }
}
