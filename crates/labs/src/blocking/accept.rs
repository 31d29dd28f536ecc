//! `accept` where nobody has connected.

use std::net::TcpListener;

use socket2::{Domain, SockRef, Socket, Type};

use super::{LIMIT, PAUSE, meanwhile, would_block};
use crate::lab::Lab;

pub(super) fn accept(lab: &mut Lab) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    // It is made already, since the server would wait for it in vain if there
    // were no descriptor left.
    let client = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    lab.about(
        "accept, where nobody has connected. Somebody does after 300 ms.",
    );
    listener.set_nonblocking(true)?;
    let at_once =
        lab.call("server", "accept, non-blocking", || listener.accept());
    listener.set_nonblocking(false)?;

    // std has no such call for a listener.
    SockRef::from(&listener).set_read_timeout(Some(LIMIT))?;
    let in_time = lab.call("server", "accept, 200 ms", || listener.accept());
    SockRef::from(&listener).set_read_timeout(None)?;

    lab.call("server", "accept, blocking", || {
        let connect = || client.connect(&address.into());
        meanwhile(connect, || listener.accept().map(drop))
    })?;
    lab.claim(
        would_block(&at_once) && would_block(&in_time) && lab.took() >= PAUSE,
        "To accept is to receive a connection: a receive timeout bounds it, \
         too.",
    );
    Ok(())
}
