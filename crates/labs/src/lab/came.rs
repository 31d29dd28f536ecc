//! What came of a call, as a lab tells it.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};

use common::Printable;
use socket2::{SockAddr, Socket};

use super::event::Returned;

/// A value that a call returned, and how it is told.
pub(crate) trait Came {
    fn returned(&self) -> Returned;
}

/// In words alone.
pub(crate) fn words(text: impl Into<String>) -> Returned {
    Returned {
        value: None,
        text: text.into(),
    }
}

/// Where a socket is, as the system says.
fn place(address: io::Result<SocketAddr>) -> Returned {
    match address {
        Ok(address) => words(address.to_string()),
        Err(error) => words(error.to_string()),
    }
}

fn number(value: usize, text: String) -> Returned {
    Returned {
        value: Some(value as u64),
        text,
    }
}

impl Came for () {
    fn returned(&self) -> Returned {
        words("done")
    }
}

impl Came for usize {
    fn returned(&self) -> Returned {
        number(*self, String::new())
    }
}

impl Came for String {
    fn returned(&self) -> Returned {
        words(self)
    }
}

/// Bytes that were received.
impl Came for Vec<u8> {
    fn returned(&self) -> Returned {
        let text = match self.is_empty() {
            true => String::new(),
            false => Printable::excerpt(self).to_string(),
        };
        number(self.len(), text)
    }
}

/// A datagram, and who sent it.
impl Came for (Vec<u8>, SocketAddr) {
    fn returned(&self) -> Returned {
        let (bytes, sender) = self;
        let bytes = bytes.returned();
        Returned {
            text: format!("{} from {sender}", bytes.text),
            ..bytes
        }
    }
}

impl Came for SocketAddr {
    fn returned(&self) -> Returned {
        words(self.to_string())
    }
}

impl Came for Vec<SocketAddr> {
    fn returned(&self) -> Returned {
        let addresses: Vec<String> =
            self.iter().map(ToString::to_string).collect();
        words(addresses.join(", "))
    }
}

impl Came for TcpListener {
    fn returned(&self) -> Returned {
        place(self.local_addr())
    }
}

impl Came for UdpSocket {
    fn returned(&self) -> Returned {
        place(self.local_addr())
    }
}

/// A connection, from `connect`.
impl Came for TcpStream {
    fn returned(&self) -> Returned {
        words(match self.local_addr() {
            Ok(address) => format!("connected from {address}"),
            Err(error) => error.to_string(),
        })
    }
}

/// A connection, from `accept`.
impl Came for (TcpStream, SocketAddr) {
    fn returned(&self) -> Returned {
        words(format!("connection from {}", self.1))
    }
}

/// A connection, from `accept`, whatever its family.
impl Came for (Socket, SockAddr) {
    fn returned(&self) -> Returned {
        words(match self.1.as_socket() {
            Some(address) => format!("connection from {address}"),
            None => "from a socket with no name".to_owned(),
        })
    }
}

/// What a text was read as.
impl Came for IpAddr {
    fn returned(&self) -> Returned {
        words(self.to_string())
    }
}
