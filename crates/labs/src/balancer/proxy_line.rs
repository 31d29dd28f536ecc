//! A server behind a balancer sees the balancer's address, unless it is told.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};

use anyhow::Context;
use socket2::SockRef;

use crate::lab::Lab;
use crate::tcp::TIMEOUT;

/// As the balancer's configuration has them: its own port, and ours behind it.
const FRONT: &str = "127.0.0.1:65440";
const BEHIND: &str = "127.0.0.1:65441";

pub(super) fn shown(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about(
        "Who is the client? This lab listens behind the balancer, too, where \
         the configuration says send-proxy.",
    );
    let listener = TcpListener::bind(BEHIND)
        .with_context(|| format!("cannot listen on {BEHIND}"))?;
    // Nobody waits for ever, not even in `accept`.
    SockRef::from(&listener).set_read_timeout(Some(TIMEOUT))?;
    let client = lab.call("client", format!("connect({FRONT})"), || {
        TcpStream::connect(FRONT)
    })?;
    let (server, _) = listener.accept().context("nobody connects")?;
    server.set_read_timeout(Some(TIMEOUT))?;
    let peer = lab.call("server", "getpeername()", || server.peer_addr())?;
    let mut line = String::new();
    lab.call("server", "recv, up to the end of a line", || {
        BufReader::new(&server).read_line(&mut line)
    })?;
    let line = line.trim_end();
    lab.found("the line", line);
    let client = client.local_addr()?;
    // PROXY TCP4 SOURCE DESTINATION SOURCE-PORT DESTINATION-PORT
    let words: Vec<&str> = line.split(' ').collect();
    lab.claim(
        peer != client
            && words.get(2) == Some(&&*client.ip().to_string())
            && words.get(4) == Some(&&*client.port().to_string()),
        "The peer of the connection is the balancer. The first line, which it \
         puts before the client's bytes, names the client.",
    );
    Ok(())
}
