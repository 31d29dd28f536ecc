//! The first server: one client, and back comes whatever it sends.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:65432".to_owned());
    let listener = TcpListener::bind(&address)?;
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
