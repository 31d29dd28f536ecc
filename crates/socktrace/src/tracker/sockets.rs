//! Sockets, by what the kernel calls them, and which of them are joined.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::{Ends, Holder, Seen, SocketKey};
use crate::record::{Connection, Micros, SocketId};

/// How many descriptors of a socket are remembered: a server that hands its listener to
/// each of a thousand children has one open itself.
const MAX_HOLDERS: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Sockets {
    /// In the order of their numbers, from 1.
    table: Vec<Known>,
    by_key: HashMap<SocketKey, SocketId>,
    /// The latest socket with these addresses, its own first.
    by_ends: HashMap<(String, String), SocketId>,
}

#[derive(Debug)]
struct Known {
    key: SocketKey,
    /// Those that were seen to have it, the latest last. Some may have closed it since.
    holders: Vec<Holder>,
    ends: Ends,
    is_accepted: bool,
    is_datagram: bool,
    peer: Option<SocketId>,
}

impl Sockets {
    pub(super) fn number(&self, key: SocketKey) -> Option<SocketId> {
        self.by_key.get(&key).copied()
    }

    /// The number of a socket, and whether it is a new one.
    pub(super) fn meet(&mut self, seen: &Seen, is_accepted: bool) -> (SocketId, bool) {
        if let Some(number) = self.number(seen.key) {
            let holders = &mut self.known_mut(number).holders;
            if holders.last() != Some(&seen.holder) {
                holders.retain(|holder| *holder != seen.holder);
                if holders.len() == MAX_HOLDERS {
                    holders.remove(0);
                }
                holders.push(seen.holder);
            }
            return (number, false);
        }
        self.table.push(Known {
            key: seen.key,
            holders: vec![seen.holder],
            ends: Ends::default(),
            is_accepted,
            is_datagram: seen.kind.starts_with("SOCK_DGRAM"),
            peer: None,
        });
        let number = SocketId::try_from(self.table.len()).unwrap_or(SocketId::MAX);
        self.by_key.insert(seen.key, number);
        (number, true)
    }

    /// Notes what became known of a socket's addresses. Returns the connection that this
    /// completes.
    pub(super) fn learn(&mut self, socket: SocketId, ends: Ends, at: Micros) -> Option<Connection> {
        let known = self.known_mut(socket);
        known.ends.local = ends.local.or(known.ends.local.take());
        known.ends.peer = ends.peer.or(known.ends.peer.take());
        let (local, peer) = (known.ends.local.as_deref()?, known.ends.peer.as_deref()?);
        let (local, peer) = (canonical(local), canonical(peer));
        let is_joined = known.peer.is_some();
        self.by_ends.insert((local.clone(), peer.clone()), socket);
        let &other = self.by_ends.get(&(peer, local))?;
        if is_joined || other == socket || self.known(other).peer.is_some() {
            return None;
        }
        let (connected, accepted) = match self.known(socket).is_accepted {
            true => (other, socket),
            false => (socket, other),
        };
        Some(self.join(connected, accepted, at))
    }

    pub(super) fn join(
        &mut self,
        connected: SocketId,
        accepted: SocketId,
        at: Micros,
    ) -> Connection {
        self.pair(connected, accepted);
        let local = |socket| self.ends(socket).local;
        Connection {
            at,
            connected,
            accepted,
            // Only a Unix socket connects without an address of its own.
            from: local(connected).unwrap_or_else(|| "unix:".to_owned()),
            to: local(accepted).unwrap_or_default(),
        }
    }

    pub(super) fn pair(&mut self, one: SocketId, other: SocketId) {
        self.known_mut(one).peer = Some(other);
        self.known_mut(other).peer = Some(one);
    }

    pub(super) fn peer(&self, socket: SocketId) -> Option<SocketId> {
        self.known(socket).peer
    }

    pub(super) fn ends(&self, socket: SocketId) -> Ends {
        self.known(socket).ends.clone()
    }

    pub(super) fn is_datagram(&self, socket: SocketId) -> bool {
        self.known(socket).is_datagram
    }

    /// Who had it when it was last seen; everybody who is met is noted.
    pub(super) fn holder(&self, socket: SocketId) -> Holder {
        let holders = &self.known(socket).holders;
        *holders.last().expect("somebody had it when it was met")
    }

    /// All who were seen to have it, the latest first.
    pub(super) fn holders(&self, socket: SocketId) -> Vec<Holder> {
        self.known(socket).holders.iter().rev().copied().collect()
    }

    pub(super) fn key(&self, socket: SocketId) -> SocketKey {
        self.known(socket).key
    }

    fn known(&self, socket: SocketId) -> &Known {
        &self.table[index(socket)]
    }

    fn known_mut(&mut self, socket: SocketId) -> &mut Known {
        &mut self.table[index(socket)]
    }
}

/// Numbers are given by `meet` alone, so each has its place.
fn index(socket: SocketId) -> usize {
    socket as usize - 1
}

/// An IPv4 address that an IPv6 socket has as `::ffff:127.0.0.1` is the other end's
/// `127.0.0.1`.
pub(super) fn canonical(address: &str) -> String {
    match address.parse::<SocketAddr>() {
        Ok(address) => SocketAddr::new(address.ip().to_canonical(), address.port()).to_string(),
        Err(_) => address.to_owned(),
    }
}
