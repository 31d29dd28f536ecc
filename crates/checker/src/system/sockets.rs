//! Who listens where, by the system's own table of sockets: a connection made to
//! find out would be one that a server of one client then lacks.

use std::net::SocketAddr;

/// Where a port is listened on.
#[derive(Debug)]
pub(crate) enum Listening {
    /// On these addresses, each with its socket's inode.
    On(Vec<(SocketAddr, u64)>),
    /// This system has no such table.
    Unknown,
}

impl Listening {
    /// The sockets that would keep a program from listening on `address`.
    pub(crate) fn in_the_way_of(self, address: SocketAddr) -> Vec<u64> {
        let Self::On(sockets) = self else {
            return Vec::new();
        };
        let is_in_the_way = |(other, _): &(SocketAddr, u64)| {
            let (other_ip, ip) = (other.ip().to_canonical(), address.ip().to_canonical());
            let is_same = other_ip == ip || other_ip.is_unspecified() || ip.is_unspecified();
            other.port() == address.port() && is_same
        };
        let sockets = sockets.into_iter().filter(is_in_the_way);
        sockets.map(|(_, inode)| inode).collect()
    }

    /// Everybody who listens now.
    #[cfg(target_os = "linux")]
    pub(crate) fn now() -> Self {
        use procfs::net::{TcpState, tcp, tcp6};

        let (Ok(ipv4), ipv6) = (tcp(), tcp6().unwrap_or_default()) else {
            return Self::Unknown;
        };
        let sockets = ipv4.into_iter().chain(ipv6);
        let listening = sockets.filter(|socket| socket.state == TcpState::Listen);
        Self::On(
            listening
                .map(|socket| (socket.local_address, socket.inode))
                .collect(),
        )
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn now() -> Self {
        Self::Unknown
    }
}

/// True if no process has the socket of a connection from `local` to `remote` any more:
/// what is still in the table of such a one has no inode.
#[cfg(target_os = "linux")]
pub(crate) fn is_unowned(local: SocketAddr, remote: SocketAddr) -> bool {
    let (Ok(ipv4), ipv6) = (procfs::net::tcp(), procfs::net::tcp6().unwrap_or_default()) else {
        return false;
    };
    let is_same = |one: SocketAddr, other: SocketAddr| {
        one.port() == other.port() && one.ip().to_canonical() == other.ip().to_canonical()
    };
    let mut sockets = ipv4.into_iter().chain(ipv6);
    !sockets.any(|socket| {
        is_same(socket.local_address, local)
            && is_same(socket.remote_address, remote)
            && socket.inode != 0
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_unowned(_: SocketAddr, _: SocketAddr) -> bool {
    false
}
