//! The first client: sends standard input, and prints what comes back. It
//! breaks E-12 to E-15: one read is not the answer, and to send all of it first
//! is too much.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let host = arguments.next().unwrap_or("127.0.0.1".to_owned());
    let port = arguments.next().unwrap_or("65432".to_owned());
    let mut message = Vec::new();
    io::stdin().read_to_end(&mut message)?;
    let mut stream = TcpStream::connect(format!("{host}:{port}"))?;
    stream.write_all(&message)?;
    let mut buffer = [0; 1024];
    let n_read = stream.read(&mut buffer)?;
    let reply = String::from_utf8_lossy(&buffer[..n_read]);
    println!("sent {} bytes, received {n_read}: {reply}", message.len());
    Ok(())
}
