//! A socket for echoes: ICMP without root, as Linux has it (icmp(7)).
//!
//! It is a datagram socket. What is sent by it can only be an echo request, and
//! what it receives are only the replies to it.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use nix::libc::c_int;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrStorage, recvmsg,
    setsockopt, sockopt,
};
use socket2::{Domain, Protocol, Socket, Type};

use super::message::{self, Version};
use crate::lab::{Came, Returned, seconds, words};

pub(super) struct EchoSocket {
    socket: Socket,
    version: Version,
    target: SocketAddr,
    /// Of all that this socket sends: its "port", which the kernel has chosen.
    identifier: u16,
    /// That of the last request, and when it was sent.
    sent: (u16, Instant),
}

/// What came back.
pub(super) struct Reply {
    pub(super) sequence: u16,
    pub(super) n_bytes: usize,
    /// What the kernel didn't tell is missing.
    pub(super) ttl: Option<c_int>,
    pub(super) round_trip: Duration,
    /// The one in it is the one that we compute. Not looked at in IPv6, where
    /// it goes over the addresses, too.
    pub(super) checksum_holds: Option<bool>,
}

impl EchoSocket {
    /// As `socket(2)` is called for it.
    pub(super) fn call(target: IpAddr) -> &'static str {
        match target {
            IpAddr::V4(_) => "socket(INET, DGRAM, ICMP)",
            IpAddr::V6(_) => "socket(INET6, DGRAM, ICMPV6)",
        }
    }

    // ANCHOR: new
    pub(super) fn new(target: SocketAddr) -> io::Result<Self> {
        let (domain, protocol, version) = match target {
            SocketAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4, Version::V4),
            SocketAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6, Version::V6),
        };
        let socket = Socket::new(domain, Type::DGRAM, Some(protocol))?;
        // With each reply, the TTL that it came with; and what routers say.
        match version {
            Version::V4 => {
                setsockopt(&socket, sockopt::Ipv4RecvTtl, &true)?;
                setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
            }
            Version::V6 => {
                setsockopt(&socket, sockopt::Ipv6RecvHopLimit, &true)?;
                setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?;
            }
        }
        // ANCHOR_END: new
        Ok(Self {
            socket,
            version,
            target,
            identifier: 0,
            sent: (0, Instant::now()),
        })
    }

    pub(super) fn send(&mut self, sequence: u16) -> io::Result<usize> {
        let request = message::request(self.version, sequence);
        self.sent = (sequence, Instant::now());
        let n_sent = self.socket.send_to(&request, &self.target.into())?;
        // The first send has bound it.
        let local = self.socket.local_addr()?.as_socket();
        self.identifier = local.map_or(0, |local| local.port());
        Ok(n_sent)
    }

    /// The reply to the last request.
    ///
    /// # Errors
    ///
    /// EAGAIN if none comes in time; what a router has said, if one has.
    pub(super) fn receive(&self, timeout: Duration) -> io::Result<Reply> {
        let (sequence, sent_at) = self.sent;
        // ANCHOR: receive
        loop {
            // A timeout of 0 would be none.
            let left = timeout.saturating_sub(sent_at.elapsed());
            let left = left.max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(left))?;
            let (bytes, ttl) = self.receive_one()?;
            let Self {
                version,
                identifier,
                ..
            } = *self;
            // Else it is a late one, to a request before.
            if message::is_reply(&bytes, version, identifier, sequence) {
                return Ok(Reply {
                    sequence,
                    n_bytes: bytes.len(),
                    ttl,
                    round_trip: sent_at.elapsed(),
                    checksum_holds: (version == Version::V4)
                        .then(|| message::checksum(&bytes) == 0),
                });
            }
        }
        // ANCHOR_END: receive
    }

    fn receive_one(&self) -> io::Result<(Vec<u8>, Option<c_int>)> {
        let mut buffer = vec![0; 1500];
        let mut control = nix::cmsg_space!(c_int);
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let received = recvmsg::<SockaddrStorage>(
            self.socket.as_raw_fd(),
            &mut parts,
            Some(&mut control),
            MsgFlags::empty(),
        )?;
        let ttl = received.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::Ipv4Ttl(ttl)
            | ControlMessageOwned::Ipv6HopLimit(ttl) => Some(ttl),
            _ => None,
        });
        let n_bytes = received.bytes;
        buffer.truncate(n_bytes);
        Ok((buffer, ttl))
    }

    /// Which host has said that a request couldn't be delivered (ip(7),
    /// IP_RECVERR), if one has.
    pub(super) fn who_complained(&self) -> Option<IpAddr> {
        let mut control = nix::cmsg_space!([u8; 64]);
        // This never waits.
        let received = recvmsg::<SockaddrStorage>(
            self.socket.as_raw_fd(),
            &mut [],
            Some(&mut control),
            MsgFlags::MSG_ERRQUEUE,
        );
        received
            .ok()?
            .cmsgs()
            .ok()?
            .find_map(|message| match message {
                ControlMessageOwned::Ipv4RecvErr(_, Some(address)) => {
                    Some(IpAddr::V4(SockaddrIn::from(address).ip()))
                }
                ControlMessageOwned::Ipv6RecvErr(_, Some(address)) => {
                    Some(IpAddr::from(address.sin6_addr.s6_addr))
                }
                _ => None,
            })
    }
}

impl Came for EchoSocket {
    fn returned(&self) -> Returned {
        words("a socket")
    }
}

impl Came for Reply {
    fn returned(&self) -> Returned {
        let Self {
            sequence,
            n_bytes,
            ttl,
            round_trip,
            ..
        } = self;
        let ttl = ttl.map_or("unknown".to_owned(), |ttl| ttl.to_string());
        let time = seconds(round_trip.as_secs_f64());
        Returned {
            value: Some(*n_bytes as u64),
            text: format!("reply {sequence}, TTL {ttl}, {time}"),
        }
    }
}
