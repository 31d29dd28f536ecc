//! What the kernel's table says of those who wait, and what becomes of one
//! more.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context;
use procfs::net::{TcpNetEntry, TcpState};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use crate::lab::Lab;
use crate::linux::{table, tool};
use crate::tcp::{TIMEOUT, recv};

/// As long as the fourth client waits.
const PATIENCE: Duration = Duration::from_millis(300);
/// When a SYN without an answer is sent again for the first time (RFC 6298,
/// 2.1).
const RETRY: Duration = Duration::from_secs(1);
const SOMAXCONN: &str = "/proc/sys/net/core/somaxconn";

/// Tells how many wait, and what lies in the kernel for each of them.
pub(super) fn look(
    lab: &mut Lab,
    address: SocketAddr,
    clients: &[TcpStream],
) -> anyhow::Result<()> {
    let n_waiting = count(lab, address)?;
    let mut all_in_no_process = true;
    for client in clients {
        let client = client.local_addr()?;
        // What was sent may still be on its way.
        let entry = table::wait_until(address, Some(client), |entry| {
            entry.state == TcpState::Established && entry.rx_queue > 0
        })?;
        let line =
            format!("{}, Recv-Q {}", table::name(&entry.state), entry.rx_queue);
        lab.found(format!("server's end of {client}"), line);
        all_in_no_process &= entry.inode == 0;
    }
    lab.claim(
        n_waiting == clients.len() && all_in_no_process,
        "All three are connected, and what they sent has been received: by the \
         kernel. No process has these sockets. A backlog of 2 lets 3 wait.",
    );
    Ok(())
}

/// How many wait to be accepted: for a listener, this stands where others have
/// what is unread.
fn count(lab: &mut Lab, address: SocketAddr) -> anyhow::Result<usize> {
    let entry = table::entry(address, None)?;
    let entry = entry.context("the listener isn't in the table")?;
    let n_waiting = entry.rx_queue as usize;
    let line = format!("{}, Recv-Q {n_waiting}", table::name(&entry.state));
    lab.found("the listener", line);
    Ok(n_waiting)
}

/// No more may wait, and two more come. Then there is room.
pub(super) fn beyond(
    lab: &mut Lab,
    listener: &TcpListener,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    one_more(lab, address)?;
    let start = Instant::now();
    let client = still_asking(lab, address)?;

    lab.about("The server accepts one, and so one more may wait.");
    let (stream, _) = lab.call("server", "accept()", || listener.accept())?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    lab.call("server", "recv(64)", || recv(&stream, 64))?;
    let local = client.local_addr()?.as_socket().expect("it is IPv4");
    lab.call("fifth", "(waits until it is connected)", || {
        let is_connected = table::wait_until(local, Some(address), |entry| {
            entry.state == TcpState::Established
        });
        is_connected.map(drop).map_err(io::Error::other)
    })?;
    let waited = start.elapsed();
    lab.found("since its first SYN", waited);
    let n_waiting = count(lab, address)?;
    lab.claim(
        n_waiting == 3 && waited > RETRY / 2,
        "The fifth is connected, by a SYN that its kernel has sent again. That \
         there was room, it learned no sooner.",
    );
    Ok(())
}

fn one_more(lab: &mut Lab, address: SocketAddr) -> anyhow::Result<()> {
    lab.about("One more, who waits for 300 ms at most.");
    let asked = lab.ask(
        "What comes of the connect?",
        &["it is connected", "ECONNREFUSED", "nothing, in this time"],
    );
    // ANCHOR: one_more
    let result = lab.call("fourth", format!("connect({address})"), || {
        TcpStream::connect_timeout(&address, PATIENCE)
    });
    // ANCHOR_END: one_more
    let kind = result.err().map(|error| error.kind());
    lab.answer(
        asked,
        match kind {
            None => Some(0),
            Some(io::ErrorKind::ConnectionRefused) => Some(1),
            Some(io::ErrorKind::TimedOut) => Some(2),
            Some(_) => None,
        },
    );
    lab.claim(
        kind == Some(io::ErrorKind::TimedOut),
        "It wasn't refused. There was no answer.",
    );
    Ok(())
}

/// A client that doesn't give up so soon, looked at while it asks.
fn still_asking(lab: &mut Lab, address: SocketAddr) -> anyhow::Result<Socket> {
    lab.about("Another doesn't give up. Here is what each side knows of it.");
    let client = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    client.set_nonblocking(true)?;
    let call = format!("connect({address})");
    // It says that it has begun, by an error.
    let _ =
        lab.call("fifth", call, || client.connect(&SockAddr::from(address)));
    let local = client.local_addr()?.as_socket().expect("it is IPv4");
    let near = table::entry(local, Some(address))?;
    let far = table::entry(address, Some(local))?;
    let state = |entry: &Option<TcpNetEntry>| match entry {
        Some(entry) => table::name(&entry.state),
        None => "not in the table",
    };
    lab.found("the fifth", state(&near));
    lab.found("server's end of it", state(&far));
    let n_waiting = count(lab, address)?;
    let asks = near.is_some_and(|entry| entry.state == TcpState::SynSent);
    lab.claim(
        asks && far.is_none() && n_waiting == 3,
        "The client asks, again and again. At the server there is nothing of \
         it that a program could see.",
    );
    Ok(client)
}

/// What `listen` is told is cut to what the system allows.
pub(super) fn cap(lab: &mut Lab, listener: &TcpListener) -> anyhow::Result<()> {
    lab.about("How many may wait at most is not only the program's affair.");
    let address = listener.local_addr()?;
    lab.call("server", "listen(1000000)", || {
        SockRef::from(listener).listen(1_000_000)
    })?;
    let most = match fs::read_to_string(SOMAXCONN) {
        Ok(most) => most,
        Err(error) => {
            let why = format!("cannot read {SOMAXCONN}: {error}");
            lab.not_shown("what it was cut to", why);
            return Ok(());
        }
    };
    let most = most.trim();
    lab.found("net.core.somaxconn", most);
    if let Some(lines) = tool::show(lab, "ss -tln", &[address]) {
        let send_q = lines.first().and_then(|line| line.split(' ').nth(2));
        lab.claim(
            send_q == Some(most),
            "It is somaxconn, and listen said nothing. Of a listener, ss \
             prints how many wait as Recv-Q, and the backlog as Send-Q.",
        );
    }
    Ok(())
}
