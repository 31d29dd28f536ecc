//! A name server that knows no names (RFC 1035, 4.1), or says nothing at all.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;

use super::network::NAME_SERVER;
use crate::tcp::TIMEOUT;

/// Questions over UDP are no longer (RFC 1035, 2.3.4).
const MAX_QUESTION: usize = 512;

/// It is there, and its questions are kept until they are read.
pub(super) struct NameServer(UdpSocket);

impl NameServer {
    pub(super) fn bind() -> io::Result<Self> {
        Ok(Self(UdpSocket::bind(NAME_SERVER)?))
    }

    /// The questions that have arrived and were never answered.
    pub(super) fn unanswered(&self) -> io::Result<Vec<String>> {
        self.0.set_nonblocking(true)?;
        let mut buffer = [0; MAX_QUESTION];
        let mut questions = Vec::new();
        loop {
            match self.0.recv(&mut buffer) {
                Ok(n) => questions.push(question(&buffer[..n])),
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(questions)
    }

    // ANCHOR: deny
    /// Says of each name that it doesn't exist, until an empty datagram comes.
    /// Returns the questions.
    pub(super) fn deny(&self) -> io::Result<Vec<String>> {
        /// An answer, to a question that allowed recursion, by one who offers
        /// it, and the name doesn't exist: RFC 1035, 4.1.1.
        const NO_SUCH_NAME: u16 = 0x8183;

        self.0.set_read_timeout(Some(TIMEOUT))?;
        let mut buffer = [0; MAX_QUESTION];
        let mut questions = Vec::new();
        loop {
            let (n, client) = self.0.recv_from(&mut buffer)?;
            if n == 0 {
                return Ok(questions);
            }
            questions.push(question(&buffer[..n]));
            // The answer repeats the question; only the flags are others.
            buffer[2..4].copy_from_slice(&NO_SUCH_NAME.to_be_bytes());
            self.0.send_to(&buffer[..n], client)?;
        }
    }
    // ANCHOR_END: deny

    /// Ends [`deny`](Self::deny).
    pub(super) fn stop(&self) -> io::Result<()> {
        self.0.send_to(&[], NAME_SERVER)?;
        Ok(())
    }
}

/// What a question asks for: `AAAA of server.example`.
fn question(datagram: &[u8]) -> String {
    read(datagram).unwrap_or_else(|| "something else".to_owned())
}

fn read(datagram: &[u8]) -> Option<String> {
    const HEADER: usize = 12;

    // Each part of the name is preceded by its length; the last one has none.
    let mut rest = datagram.get(HEADER..)?;
    let mut parts = Vec::new();
    loop {
        let (&length, after) = rest.split_first()?;
        if length == 0 {
            rest = after;
            break;
        }
        let (part, after) = after.split_at_checked(length.into())?;
        parts.push(part.escape_ascii().to_string());
        rest = after;
    }
    let kind = match rest {
        [0, 1, ..] => "A",
        [0, 28, ..] => "AAAA",
        _ => "another record",
    };
    Some(format!("{kind} of {}", parts.join(".")))
}
