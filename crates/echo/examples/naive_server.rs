//! The first server: one client, and back comes whatever it sends. It breaks
//! E-09: its error doesn't name the address.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let host = arguments.next().unwrap_or("127.0.0.1".to_owned());
    let port = arguments.next().unwrap_or("65432".to_owned());
    let listener = TcpListener::bind(format!("{host}:{port}"))?;
    println!("listening on {}", listener.local_addr()?);
    let (mut stream, peer) = listener.accept()?;
    println!("connected by {peer}");
    let mut buffer = [0; 1024];
    loop {
        let n_read = stream.read(&mut buffer)?;
        if n_read == 0 {
            return Ok(()); // The client has finished sending.
        }
        stream.write_all(&buffer[..n_read])?;
    }
}
