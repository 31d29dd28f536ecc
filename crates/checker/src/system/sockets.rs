//! Who listens where, by the system's own table of sockets: a connection made to
//! find out would be one that a server of one client then lacks.

use std::net::{IpAddr, SocketAddr};

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
            let is_wide = address.ip().is_unspecified() && other.port() == address.port();
            is_wide || reaches(address, *other)
        };
        let sockets = sockets.into_iter().filter(is_in_the_way);
        sockets.map(|(_, inode)| inode).collect()
    }

    /// Everybody who listens now.
    #[cfg(target_os = "linux")]
    pub(crate) fn now() -> Self {
        table::listening().map_or(Self::Unknown, |sockets| {
            let sockets = sockets.into_iter();
            Self::On(
                sockets
                    .map(|socket| (socket.local_address, socket.inode))
                    .collect(),
            )
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn now() -> Self {
        Self::Unknown
    }
}

/// True if a connection to `address` comes to who listens on `listening`.
pub(crate) fn reaches(address: SocketAddr, listening: SocketAddr) -> bool {
    let (ip, listening_ip) = (address.ip().to_canonical(), listening.ip());
    let is_same = match listening_ip {
        // IPv4 comes there, too, unless the socket is told otherwise (ipv6(7)).
        IpAddr::V6(any) if any.is_unspecified() => true,
        IpAddr::V4(any) if any.is_unspecified() => ip.is_ipv4(),
        listening_ip => listening_ip.to_canonical() == ip,
    };
    is_same && address.port() == listening.port()
}

/// True if no process has the socket of a connection from `local` to `remote` any more:
/// what is still in the table of such a one has no inode.
#[cfg(target_os = "linux")]
pub(crate) fn is_unowned(local: SocketAddr, remote: SocketAddr) -> bool {
    let is_same = |one: SocketAddr, other: SocketAddr| {
        one.port() == other.port() && one.ip().to_canonical() == other.ip().to_canonical()
    };
    let Some(mut sockets) = table::with_port(local.port()) else {
        return false;
    };
    sockets.retain(|socket| {
        is_same(socket.local_address, local) && is_same(socket.remote_address, remote)
    });
    sockets.iter().all(|socket| socket.inode == 0)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_unowned(_: SocketAddr, _: SocketAddr) -> bool {
    false
}

/// The system's table (proc(5), `/proc/net/tcp`). After a storm of connections it has tens
/// of thousands of lines, and rows look at it every few milliseconds: so no more of it is
/// read and taken apart than somebody asks for.
#[cfg(target_os = "linux")]
mod table {
    use std::fs::File;
    use std::io::{self, BufRead, BufReader, Lines};

    use procfs::net::{TcpNetEntries, TcpNetEntry};
    use procfs::{FromBufReadSI, current_system_info};

    /// A few lines: who reads more makes the system walk over all connections.
    const CAPACITY: usize = 1024;

    /// How the table calls a socket that listens.
    const LISTENING: &str = "0A";

    /// Those that listen: they come first.
    pub(super) fn listening() -> Option<Vec<TcpNetEntry>> {
        let is_listening = |line: &str| line.split_whitespace().nth(3) == Some(LISTENING);
        both(|lines| {
            lines
                .take_while(|line| line.as_ref().map_or(true, |line| is_listening(line)))
                .collect()
        })
    }

    /// Those with this port at either end.
    pub(super) fn with_port(port: u16) -> Option<Vec<TcpNetEntry>> {
        let address_end = format!(":{port:04X} ");
        both(|lines| {
            lines
                .filter(|line| {
                    line.as_ref()
                        .map_or(true, |line| line.contains(&address_end))
                })
                .collect()
        })
    }

    /// What is `chosen` of the table of IPv4, and of that of IPv6 where there is one.
    fn both(
        chosen: impl Fn(&mut Lines<BufReader<File>>) -> io::Result<Vec<String>>,
    ) -> Option<Vec<TcpNetEntry>> {
        let entries = |path: &str| {
            let file = File::open(path).ok()?;
            let mut lines = BufReader::with_capacity(CAPACITY, file).lines();
            let header = lines.next()?.ok()?;
            let chosen = chosen(&mut lines).ok()?;
            let text = [vec![header], chosen].concat().join("\n");
            TcpNetEntries::from_buf_read(text.as_bytes(), current_system_info()).ok()
        };
        let TcpNetEntries(mut sockets) = entries("/proc/net/tcp")?;
        sockets.extend(
            entries("/proc/net/tcp6")
                .into_iter()
                .flat_map(|more| more.0),
        );
        Some(sockets)
    }
}
