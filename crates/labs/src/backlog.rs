//! Connections wait in the kernel to be accepted, and may be written to; when
//! no more may wait, a client isn't refused, it is left without an answer.

mod gone;
#[cfg(target_os = "linux")]
mod overflow;

use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::Context;
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use crate::lab::Lab;
use crate::tcp::{TIMEOUT, send};

/// How many may wait, as `listen` is told.
const BACKLOG: i32 = 2;

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let listener = listen(lab)?;
    let clients = unaccepted(lab, &listener)?;
    #[cfg(target_os = "linux")]
    overflow::beyond(lab, &listener)?;
    #[cfg(not(target_os = "linux"))]
    lab.not_shown(
        "what happens when no more may wait",
        "this reads Linux's table of sockets; the chapter says what your \
         system does",
    );
    gone::accept_all(lab, &listener, clients)?;
    #[cfg(target_os = "linux")]
    overflow::cap(lab, &listener)?;
    Ok(())
}

fn listen(lab: &mut Lab) -> anyhow::Result<TcpListener> {
    lab.about(
        "A server listens with a backlog of 2, and is then busy: it doesn't \
         call accept.",
    );
    // ANCHOR: listen
    let listener = lab.call("server", "bind, listen(2)", || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0))))?;
        socket.listen(BACKLOG)?;
        Ok(TcpListener::from(socket))
    })?;
    // ANCHOR_END: listen
    // So that no accept waits for ever.
    SockRef::from(&listener).set_read_timeout(Some(TIMEOUT))?;
    Ok(listener)
}

/// Three clients connect and send. Nobody has accepted them.
fn unaccepted(
    lab: &mut Lab,
    listener: &TcpListener,
) -> anyhow::Result<[TcpStream; 3]> {
    let address = listener.local_addr()?;
    let first = connect_and_send(lab, "first", address)?;
    let second = connect_and_send(lab, "second", address)?;
    let third = connect_and_send(lab, "third", address)?;
    let clients = [first, second, third];
    #[cfg(target_os = "linux")]
    overflow::look(lab, address, &clients)?;
    Ok(clients)
}

fn connect_and_send(
    lab: &mut Lab,
    who: &str,
    address: SocketAddr,
) -> anyhow::Result<TcpStream> {
    let stream = lab
        .call(who, format!("connect({address})"), || {
            TcpStream::connect_timeout(&address, TIMEOUT)
        })
        .context("cannot connect on this host")?;
    let text = format!("I am the {who}.");
    lab.call(who, format!("send({text:?})"), || {
        send(&stream, text.as_bytes())
    })?;
    Ok(stream)
}
