//! Whether a program can be judged at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use crate::arena::{Arena, Server};
use crate::fixed_port::who_listens_on;
use crate::outcome::{Miss, limit_of};
use crate::stage::Side;
use crate::subject::Subject;
use crate::system::{Listening, reaches};
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
        for address in self.fixed_addresses() {
            if let Some(owner) = who_listens_on(address) {
                return Err(owner);
            }
        }
        if self.side == Side::Client {
            return Ok(());
        }
        match Arena::new(self, self.longest_row(), None).serve() {
            Ok(server) => self.check_address(&server),
            Err(Miss::NotJudged(reason)) => Err(reason),
            Err(Miss::Fails(failure)) => Err(failure.came),
        }
    }

    /// Where a program that can't be told a port is to listen, or may come to.
    fn fixed_addresses(&self) -> Vec<SocketAddr> {
        let mut hosts = vec![self.host];
        // `localhost` is one of these, and which one, the machine decides.
        let is_client = self.side == Side::Client;
        if is_client && self.host.is_loopback() && !self.is_told("{host}") {
            hosts = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        let ports = self.fixed_port.into_iter();
        ports
            .flat_map(|port| hosts.iter().map(move |host| SocketAddr::new(*host, port)))
            .collect()
    }

    /// A server that isn't told its address may have another one than it is asked at.
    fn check_address(&self, server: &Server<'_>) -> Result<(), String> {
        let listens_on = &server.listens_on;
        let is_there = |listening: &SocketAddr| reaches(server.address, *listening);
        match listens_on.first() {
            Some(elsewhere) if !self.is_told("{host}") && !listens_on.iter().any(is_there) => {
                let (there, asked) = (elsewhere.ip(), server.address);
                Err(format!(
                    "it listens on {elsewhere}, and not on {asked}: put {{host}} into the \
                     command, or try --host {there}"
                ))
            }
            _ => Ok(()),
        }
    }

    fn is_told(&self, placeholder: &str) -> bool {
        match &self.subject {
            Subject::Command(template) => template.has(placeholder),
            Subject::Running(_) => false,
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
            let is_reached = |(listening, _): &(SocketAddr, u64)| reaches(address, *listening);
            address.ip().is_loopback() && !sockets.iter().any(is_reached)
        }
        Listening::Unknown => false,
    }
}
