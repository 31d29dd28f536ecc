//! Ports for programs under test.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};

use socket2::{Domain, Socket, Type};

use crate::outcome::{Miss, Outcome};

/// Below it are the ports of well-known services.
const LOWEST: u16 = 10_000;

/// Where the system's own choice begins on most systems.
const USUAL_EPHEMERAL: u16 = 32_768;

/// How far each process begins from the one with the id before: whoever checks at the same
/// time begins somewhere else.
const STRIDE: u32 = 97;

/// A port on which nobody listens now. It lies below the range from which the system takes
/// the ports of outgoing connections, so that none of those can take it away between the
/// choice and the program's start.
pub(crate) fn choose(host: IpAddr) -> Outcome<u16> {
    static N_CHOSEN: AtomicU32 = AtomicU32::new(0);
    let range = LOWEST..first_ephemeral().max(LOWEST + 1_000);
    for _ in range.clone() {
        let place = process::id()
            .wrapping_mul(STRIDE)
            .wrapping_add(N_CHOSEN.fetch_add(1, Ordering::Relaxed));
        let place = place % u32::from(range.end - range.start);
        let port = range.start + u16::try_from(place).expect("a remainder of a u16");
        if is_free(SocketAddr::new(host, port)) {
            return Ok(port);
        }
    }
    Err(Miss::not_judged(format!("no port is free on {host}")))
}

/// True if a program could listen on `address` now, even one that doesn't know SO_REUSEADDR.
pub(crate) fn is_free(address: SocketAddr) -> bool {
    // A program that is being started would inherit the socket for a moment.
    let _no_start = starting();
    BlockedPort::taken(address.ip(), address.port()).is_ok()
}

/// Held while a program is started, and while a port is tried: between fork and exec a
/// child has its parent's sockets, and would keep a port that was only looked at.
pub(crate) fn starting() -> MutexGuard<'static, ()> {
    static STARTING: Mutex<()> = Mutex::new(());
    STARTING
        .lock()
        .expect("nobody panics while starting a program")
}

/// The first port that the system gives to outgoing connections.
fn first_ephemeral() -> u16 {
    fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse().ok())
        .unwrap_or(USUAL_EPHEMERAL)
}

/// A port on which nobody can listen while this exists: it is bound.
#[derive(Debug)]
pub(crate) struct BlockedPort {
    _socket: Socket,
    pub(crate) address: SocketAddr,
}

impl BlockedPort {
    /// A port on `host` that refuses connections, since nobody listens on it.
    pub(crate) fn refusing(host: IpAddr) -> Outcome<Self> {
        Self::bound(SocketAddr::new(host, 0), false)
    }

    /// A port on `host` that somebody listens on already.
    pub(crate) fn taken(host: IpAddr, port: u16) -> Outcome<Self> {
        Self::bound(SocketAddr::new(host, port), true)
    }

    fn bound(address: SocketAddr, listens: bool) -> Outcome<Self> {
        let bind = || {
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            socket.bind(&address.into())?;
            if listens {
                socket.listen(1)?;
            }
            let address = socket.local_addr()?.as_socket();
            Ok((socket, address.expect("bound to an IP address")))
        };
        let (socket, address) =
            bind().map_err(|error| Miss::own_trouble("cannot bind a port", &error))?;
        Ok(Self {
            _socket: socket,
            address,
        })
    }
}
