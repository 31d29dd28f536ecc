//! An echo as a Rust user would write it: a task for each client.
#![forbid(unsafe_code)]

use std::io;
use std::process::ExitCode;

use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_peers::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    common::exit_code(args.serve_with(|stream| echo(stream, args.buffer)))
}

async fn echo(mut stream: TcpStream, size: usize) -> io::Result<()> {
    let mut buffer = vec![0; size];
    loop {
        let n_read = stream.read(&mut buffer).await?;
        if n_read == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..n_read]).await?;
    }
}
