//! An echo server for one client after another.
//!
//! Users reported: the echo of a long text stops in the middle, at another place
//! each time, and whoever types one character after another gets only the first one
//! back. Repaired in `serve`.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

use anyhow::{Context, bail};

const BUFFER_SIZE: usize = 64 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, port] = &args[..] else {
        bail!("expected HOST PORT");
    };
    let listener = listen(host, port).with_context(|| format!("cannot listen on {host}:{port}"))?;
    println!("listening on {}", listener.local_addr()?);
    for accepted in listener.incoming() {
        if let Err(error) = accepted.and_then(serve) {
            eprintln!("a client was lost: {error}");
        }
    }
    Ok(())
}

fn listen(host: &str, port: &str) -> anyhow::Result<TcpListener> {
    Ok(TcpListener::bind((host, port.parse()?))?)
}

/// Sends back what the client sends.
fn serve(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_SIZE];
    // A read gives what has arrived, which may be a part of what was sent. Only a read of
    // nothing says that the client has finished.
    loop {
        let n_read = stream.read(&mut buffer)?;
        if n_read == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..n_read])?;
    }
}
