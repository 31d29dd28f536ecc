//! Whose datagram a call received: there is no stream to count in, but loopback keeps the
//! order of what goes the same way.

use std::collections::VecDeque;

use super::sockets::canonical;
use crate::record::{Cause, SocketId, Step};

/// Datagrams may be lost, so what nobody has received is given up at some point.
const MAX_DATAGRAMS: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Datagrams(VecDeque<Datagram>);

#[derive(Debug)]
struct Datagram {
    step: Step,
    sender: SocketId,
    from: Option<String>,
    to: Option<String>,
    length: u64,
}

impl Datagrams {
    pub(super) fn send(
        &mut self,
        step: Step,
        sender: SocketId,
        from: Option<&str>,
        to: Option<&str>,
        length: u64,
    ) {
        if self.0.len() == MAX_DATAGRAMS {
            self.0.pop_front();
        }
        self.0.push_back(Datagram {
            step,
            sender,
            from: from.map(canonical),
            to: to.map(canonical),
            length,
        });
    }

    /// The datagram that came from `peer`, if the two sockets are joined, or else from the
    /// address `from` to `to`: the first that fits. Who only has a look gets it again.
    pub(super) fn receive(
        &mut self,
        peer: Option<SocketId>,
        from: Option<&str>,
        to: Option<&str>,
        length: u64,
        takes: bool,
    ) -> Vec<Cause> {
        let (from, to) = (from.map(canonical), to.map(canonical));
        let fits = |datagram: &Datagram| match peer {
            Some(peer) => datagram.sender == peer,
            None => {
                datagram.length >= length
                    && port(datagram.from.as_deref()) == port(from.as_deref())
                    && port(datagram.to.as_deref()) == port(to.as_deref())
            }
        };
        let Some(index) = self.0.iter().position(fits) else {
            return Vec::new();
        };
        let step = self.0[index].step;
        if takes {
            self.0.remove(index);
        }
        vec![Cause {
            step,
            bytes: Some(length),
        }]
    }
}

/// The port alone: a socket may be bound to all addresses.
fn port(address: Option<&str>) -> Option<&str> {
    address.map(|address| address.rsplit_once(':').map_or(address, |(_, port)| port))
}
