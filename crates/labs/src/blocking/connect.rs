//! `connect` where the backlog is full: its first packet gets no answer.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::Context;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, SockAddr, Socket, Type};

use super::{LIMIT, PAUSE, meanwhile};
use crate::lab::Lab;

/// Linux lets one more wait than it was told.
const BACKLOG: i32 = 1;
const N_WAITING: usize = 2;
/// Longer than a connection takes here, even at the third attempt.
const TIMEOUT: Duration = Duration::from_secs(8);

pub(super) fn connect(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about(
        "connect, where the backlog is full, so that the system doesn't \
         answer. The server accepts after 300 ms, and so makes room.",
    );
    let listener = tcp_socket()?;
    let (target, _waiting) = fill(&listener)?;
    let address = SockAddr::from(target);

    // Asked here, since the answer takes time: a connect that has begun would
    // ask again ever more rarely.
    let asked = lab.ask(
        "There is room 300 ms after a blocking connect. When is it connected?",
        &["then", "later", "never"],
    );

    // ANCHOR: connect
    let client = tcp_socket()?;
    client.set_nonblocking(true)?;
    let begun = lab.call("client", "connect, non-blocking", || {
        client.connect(&address)
    });
    let early = lab.call("client", "getpeername", || peer(&client));

    let in_time = lab.call("client", "connect_timeout, 200 ms", || {
        TcpStream::connect_timeout(&target, LIMIT)
    });

    // To accept takes a descriptor, and without one nobody would make room.
    let spare = listener.try_clone()?;
    let make_room = || {
        drop(spare);
        (0..N_WAITING).try_for_each(|_| accept(&listener))
    };
    lab.call("client", "connect, blocking", || {
        meanwhile(make_room, || TcpStream::connect(target).map(drop))
    })?;
    // ANCHOR_END: connect
    let is_late = lab.took() >= PAUSE * 2;
    lab.answer(asked, usize::from(is_late));
    lab.claim(
        is_timeout_of_std(&in_time) && is_late,
        "connect_timeout gives an error that std has made, without a number. \
         The blocking connect came back long after there was room: only then \
         has its system asked again.",
    );

    in_progress(lab, &client, target, &begun, &early)
}

/// What has become of the connect that had only begun.
fn in_progress(
    lab: &mut Lab,
    client: &Socket,
    target: SocketAddr,
    begun: &io::Result<()>,
    early: &io::Result<SocketAddr>,
) -> anyhow::Result<()> {
    // ANCHOR: in_progress
    lab.call("client", "poll for writable", || until_writable(client))?;
    let error = lab.call("client", "getsockopt(SO_ERROR)", || {
        let error = client.take_error()?;
        Ok(error.map_or("no error".to_owned(), |error| error.to_string()))
    })?;
    let late = lab.call("client", "getpeername", || peer(client));
    // ANCHOR_END: in_progress
    lab.claim(
        is_in_progress(begun)
            && early.is_err()
            && error == "no error"
            && late.is_ok_and(|peer| peer == target),
        "The first one had only begun, and has been connected meanwhile. A \
         socket that has become writable is connected, or has failed: SO_ERROR \
         tells which.",
    );
    Ok(())
}

/// Listens, and lets as many wait as may. Returns where, and who waits.
fn fill(listener: &Socket) -> anyhow::Result<(SocketAddr, Vec<TcpStream>)> {
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(BACKLOG)?;
    let address = listener.local_addr()?.as_socket();
    let address = address.expect("it was given an IPv4 address");
    let waiting = (0..N_WAITING)
        .map(|_| TcpStream::connect_timeout(&address, TIMEOUT))
        .collect::<io::Result<_>>()
        .context("the backlog is smaller than it was said to be")?;
    Ok((address, waiting))
}

/// std has no stable ErrorKind for it.
fn is_in_progress(begun: &io::Result<()>) -> bool {
    begun.as_ref().is_err_and(|error| {
        error.raw_os_error() == Some(Errno::EINPROGRESS as i32)
    })
}

fn is_timeout_of_std(came: &io::Result<TcpStream>) -> bool {
    came.as_ref().is_err_and(|error| {
        error.kind() == ErrorKind::TimedOut && error.raw_os_error().is_none()
    })
}

fn tcp_socket() -> io::Result<Socket> {
    Socket::new(Domain::IPV4, Type::STREAM, None)
}

fn accept(listener: &Socket) -> io::Result<()> {
    listener.accept().map(drop)
}

fn peer(socket: &Socket) -> io::Result<SocketAddr> {
    let peer = socket.peer_addr()?.as_socket();
    peer.ok_or_else(|| ErrorKind::InvalidData.into())
}

fn until_writable(socket: &Socket) -> io::Result<usize> {
    let mut sockets = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    let timeout = PollTimeout::try_from(TIMEOUT).expect("some seconds");
    Ok(usize::try_from(poll(&mut sockets, timeout)?).expect("a count"))
}
