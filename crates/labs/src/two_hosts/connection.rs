//! A connection between the two hosts, by what its ends have asked for.

use std::net::TcpStream;

pub(super) struct Connection {
    pub(super) name: &'static str,
    pub(super) near: TcpStream,
    pub(super) far: TcpStream,
}
