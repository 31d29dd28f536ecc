//! The resolver: the C library's `getaddrinfo`, as std calls it.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::lab::{Lab, seconds};

/// It goes into each address as it is. Where nobody connects, this one stands.
pub(super) const PORT: u16 = 80;

/// The addresses of a name, in order. It takes as long as it takes.
pub(super) fn resolve(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((name, port).to_socket_addrs()?.collect())
}

/// The same, told.
pub(super) fn ask(
    lab: &mut Lab,
    name: &str,
    port: u16,
) -> io::Result<Vec<SocketAddr>> {
    let call = format!("getaddrinfo({name:?})");
    lab.call("client", call, || resolve(name, port))
}

// ANCHOR: resolve_within
/// The same, with a deadline, which the call itself doesn't have: a thread
/// waits, and is left behind if it takes too long.
pub(super) fn resolve_within(
    name: &str,
    port: u16,
    patience: Duration,
) -> io::Result<Vec<SocketAddr>> {
    let (sender, answer) = mpsc::channel();
    let name = name.to_owned();
    let ask = move || sender.send(resolve(&name, port));
    thread::Builder::new().spawn(ask)?;
    answer.recv_timeout(patience).unwrap_or_else(|_| {
        let limit = seconds(patience.as_secs_f64());
        let text = format!("no answer from the resolver within {limit}");
        Err(io::Error::new(ErrorKind::TimedOut, text))
    })
}
// ANCHOR_END: resolve_within
