//! Why a port is still in use a minute later, and what SO_REUSEADDR does about
//! it.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use procfs::net::TcpState;
use socket2::{Domain, SockAddr, Socket, Type};

use super::ends::Ends;
use crate::lab::Lab;
use crate::linux::tool;
use crate::tcp::{close, failed_with};

pub(super) fn take_again(
    lab: &mut Lab,
    ends: Ends,
    listener: TcpListener,
) -> anyhow::Result<()> {
    lab.about("The server ends. Nobody has a socket of this port any more.");
    lab.call("server", "close() of the listener", || close(listener))?;
    let asked = lab.ask(
        "The server is started again: its bind to the same port?",
        &["EADDRINUSE", "done"],
    );
    let plain = bind(lab, ends.server, false);
    lab.answer(
        asked,
        match &plain {
            Ok(_) => Some(1),
            Err(_) => is_in_use(&plain).then_some(0),
        },
    );
    let seen = ends.look(lab)?;
    lab.claim(
        is_in_use(&plain) && seen.server_is(&TcpState::TimeWait),
        "The port is in use, by a connection that is over: in TIME_WAIT the \
         kernel waits for what of it may still be on its way.",
    );
    tools(lab, ends);

    lab.about("SO_REUSEADDR says: a port in TIME_WAIT will do.");
    let reusing = bind(lab, ends.server, true);
    let second = bind(lab, ends.server, true);
    lab.claim(
        reusing.is_ok() && is_in_use(&second),
        "With SO_REUSEADDR the port can be taken again at once, but not from a \
         listener that is alive. In Rust, TcpListener::bind sets it on Unix.",
    );
    Ok(())
}

// ANCHOR: bind
/// A listener on this address, with or without SO_REUSEADDR.
fn bind(
    lab: &mut Lab,
    address: SocketAddr,
    reuses: bool,
) -> io::Result<TcpListener> {
    let call = match reuses {
        true => "SO_REUSEADDR, bind, listen(128)",
        false => "bind, listen(128)",
    };
    lab.call("server", call, || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(reuses)?;
        socket.bind(&SockAddr::from(address))?;
        socket.listen(128)?;
        Ok(TcpListener::from(socket))
    })
}
// ANCHOR_END: bind

fn is_in_use(result: &io::Result<TcpListener>) -> bool {
    failed_with(result, ErrorKind::AddrInUse)
}

/// Whose it is, and how long it lasts.
fn tools(lab: &mut Lab, ends: Ends) {
    let Ends { client, server } = ends;
    let command = format!("lsof -nPl -a -p {} -iTCP", std::process::id());
    if let Some(lines) = tool::lines(lab, &command, &[server]) {
        lab.found("lsof, lines about this port", lines.len());
        lab.claim(
            lines.is_empty(),
            "lsof lists what processes have, and no process has this.",
        );
    }
    lab.about("How much of its minute is left, ss tells with -o.");
    tool::show(lab, "ss -tano", &[server, client]);
}
