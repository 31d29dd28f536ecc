//! What the kernel knows of a socket in a watched program: which one a descriptor names,
//! its addresses, its state and its queues.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};

use libc::pid_t;
use nix::errno::Errno;
use procfs::net::TcpNetEntry;
use rustix::net::SocketAddrAny;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use super::{decode, sys};
use crate::tracker::{Ends, SocketKey};

/// Which socket descriptor `number` of a thread's process names; `None` if it names
/// something else, or nothing.
///
/// The kernel's own table is asked each time: a copy of it would have to follow dup, fork,
/// exec, and descriptors that come through sockets.
pub(crate) fn socket_key(thread: pid_t, number: i32) -> Option<SocketKey> {
    let name = fs::read_link(format!("/proc/{thread}/fd/{number}")).ok()?;
    let inode = name.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    inode.parse().ok().map(SocketKey)
}

/// True if nobody but root is told what the descriptors of a thread's process name.
pub(crate) fn is_hidden(thread: pid_t) -> bool {
    // The dot makes the system go into the folder, which is what may be forbidden.
    let result = fs::metadata(format!("/proc/{thread}/fd/."));
    result.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

/// State and queues of a socket, as `ss` shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) state: &'static str,
    pub(crate) receive_queue: u64,
    pub(crate) send_queue: u64,
}

/// Both addresses of a socket, as text.
pub(crate) fn ends(process: pid_t, number: i32) -> Ends {
    let Some(socket) = take(process, number) else {
        return Ends::default();
    };
    Ends {
        local: rustix::net::getsockname(&socket).ok().and_then(address),
        peer: rustix::net::getpeername(&socket)
            .ok()
            .flatten()
            .and_then(address),
    }
}

/// What sort of socket a descriptor names: family and type, by their names.
pub(crate) fn sort(process: pid_t, number: i32) -> (String, String) {
    let Some(socket) = take(process, number) else {
        return Default::default();
    };
    let family = rustix::net::sockopt::socket_domain(&socket);
    let kind = rustix::net::sockopt::socket_type(&socket);
    match (family, kind) {
        (Ok(family), Ok(kind)) => decode::sort(family.as_raw().into(), kind.as_raw().cast_signed()),
        _ => Default::default(),
    }
}

/// State and queues of a socket that `process` has as descriptor `number`, if that
/// still is the one with `key`.
pub(crate) fn look(process: pid_t, number: i32, key: SocketKey) -> Option<Look> {
    let socket = take(process, number)?;
    if rustix::fs::fstat(&socket).ok()?.st_ino != key.0 {
        return None;
    }
    let waiting = rustix::io::ioctl_fionread(&socket).unwrap_or(0);
    let unsent = sys::send_queue(socket.as_fd()).unwrap_or(0);
    let Ok(info) = sys::tcp_info(socket.as_fd()) else {
        return Some(Look {
            state: "",
            receive_queue: waiting,
            send_queue: unsent,
        });
    };
    let state = state_name(info.state);
    let (receive_queue, send_queue) = match state {
        "LISTEN" => (info.waiting.into(), info.backlog.into()),
        _ => (waiting, unsent),
    };
    Some(Look {
        state,
        receive_queue,
        send_queue,
    })
}

/// Whether sockets may be taken from a process at all; `EBADF` if only that one isn't there.
pub(crate) fn can_take_from(process: pid_t) -> Result<(), Errno> {
    let number = |error: rustix::io::Errno| Errno::from_raw(error.raw_os_error());
    let process = Pid::from_raw(process).expect("no process has the id 0");
    let process = pidfd_open(process, PidfdFlags::empty()).map_err(number)?;
    pidfd_getfd(&process, i32::MAX, PidfdGetfdFlags::empty()).map_err(number)?;
    Ok(())
}

/// A copy of another process's descriptor; it names the same socket. Nothing is kept for
/// the next time: with many processes, there would be no descriptor left for anything.
fn take(process: pid_t, number: i32) -> Option<OwnedFd> {
    let process = pidfd_open(Pid::from_raw(process)?, PidfdFlags::empty()).ok()?;
    pidfd_getfd(&process, number, PidfdGetfdFlags::empty()).ok()
}

/// State and queues of a TCP socket that no program has any more, found by its addresses.
pub(crate) fn look_for_orphan(ends: &Ends) -> Option<Look> {
    let local: SocketAddr = ends.local.as_deref()?.parse().ok()?;
    let peer: SocketAddr = ends.peer.as_deref()?.parse().ok()?;
    let is_it = |entry: &TcpNetEntry| {
        let plain =
            |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        plain(entry.local_address) == plain(local) && plain(entry.remote_address) == plain(peer)
    };
    // One table only: the kernel takes milliseconds to write one.
    let table = match local {
        SocketAddr::V4(_) => procfs::net::tcp(),
        SocketAddr::V6(_) => procfs::net::tcp6(),
    };
    let entry = table.ok()?.into_iter().find(is_it)?;
    Some(Look {
        state: state_name(entry.state.to_u8()),
        receive_queue: entry.rx_queue.into(),
        send_queue: entry.tx_queue.into(),
    })
}

/// `net/tcp_states.h` of Linux, in the words of `netstat`.
fn state_name(state: u8) -> &'static str {
    match state {
        1 => "ESTABLISHED",
        2 => "SYN_SENT",
        3 => "SYN_RECV",
        4 => "FIN_WAIT1",
        5 => "FIN_WAIT2",
        6 => "TIME_WAIT",
        7 => "CLOSED",
        8 => "CLOSE_WAIT",
        9 => "LAST_ACK",
        10 => "LISTEN",
        11 => "CLOSING",
        12 => "SYN_RECV",
        _ => "",
    }
}

fn address(address: SocketAddrAny) -> Option<String> {
    if let Ok(inet) = SocketAddr::try_from(address.clone()) {
        return Some(inet.to_string());
    }
    let unix = rustix::net::SocketAddrUnix::try_from(address).ok()?;
    if let Some(path) = unix.path() {
        return Some(format!("unix:{}", path.to_string_lossy()));
    }
    // That of a socket without a name is empty; several may have none.
    let name = unix.abstract_name().filter(|name| !name.is_empty())?;
    Some(format!("unix:@{}", String::from_utf8_lossy(name)))
}
