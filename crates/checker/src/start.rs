//! Whether a program can be judged at all.

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};

use crate::arena::Arena;
use crate::fixed_port::who_listens_on;
use crate::outcome::{Miss, limit_of};
use crate::stage::Side;
use crate::subject::Subject;
use crate::system::Listening;
use crate::trial::Trial;

impl Trial {
    /// Checks that the program can be judged at all: this machine connects to itself, the
    /// port is free, and a server starts, or runs.
    ///
    /// # Errors
    ///
    /// The reason, if it can't.
    pub fn check_start(&self) -> Result<(), String> {
        if let Subject::Running(address) = self.subject {
            // Not connected to: a server of one client would then have had it.
            return if nobody_listens(address) {
                Err(format!(
                    "nobody listens on {address}: is the server running, and on this port?"
                ))
            } else {
                Ok(())
            };
        }
        check_loopback(self.host)?;
        let port = self.fixed_port.map(|port| SocketAddr::new(self.host, port));
        if let Some(owner) = port.and_then(who_listens_on) {
            return Err(owner);
        }
        if self.side == Side::Client {
            return Ok(());
        }
        match Arena::new(self, self.longest_row(), None).serve() {
            Ok(_) => Ok(()),
            Err(Miss::NotJudged(reason)) => Err(reason),
            Err(Miss::Fails(failure)) => Err(failure.came),
        }
    }
}

/// Connects to itself once: where that fails, no program could do better.
fn check_loopback(host: IpAddr) -> Result<(), String> {
    let listener = TcpListener::bind((host, 0)).map_err(|error| {
        format!("nobody can listen on {host} here; is it an address of this machine?: {error}")
    })?;
    let connected = listener.local_addr().and_then(TcpStream::connect);
    connected.map(|_| ()).map_err(|error| {
        let why = limit_of(&error).unwrap_or_else(|| error.to_string());
        format!("the checker can't connect to itself on {host}: {why}")
    })
}

/// True if this machine's table of sockets says so; other machines have their own.
fn nobody_listens(address: SocketAddr) -> bool {
    match Listening::now() {
        Listening::On(sockets) => {
            let is_this = |(listening, _): &(SocketAddr, u64)| listening.port() == address.port();
            address.ip().is_loopback() && !sockets.iter().any(is_this)
        }
        Listening::Unknown => false,
    }
}
