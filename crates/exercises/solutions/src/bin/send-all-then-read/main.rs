//! An echo client: sends a message, or its standard input, and prints what comes back.
//!
//! Users reported: it copies files of a few megabytes and less. With larger ones it
//! stands still for ten seconds and gives up, whatever the server. Repaired in
//! `exchange`.
#![forbid(unsafe_code)]

use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};

const BUFFER_SIZE: usize = 64 * 1024;

/// The longest time in which nothing moves.
const DEADLINE: Duration = Duration::from_secs(10);

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
    let [host, port, .., message] = &args[..] else {
        bail!("expected HOST PORT MESSAGE; - for standard input");
    };
    let stream = connect(host, port).with_context(|| format!("cannot connect to {host}:{port}"))?;
    if message == "-" {
        return exchange(&stream, io::stdin(), io::stdout());
    }
    let mut answer = Vec::new();
    exchange(&stream, Cursor::new(message.clone()), &mut answer)?;
    ensure!(
        answer == message.as_bytes(),
        "other bytes came back than were sent"
    );
    println!("received {:?}", String::from_utf8_lossy(&answer));
    Ok(())
}

fn connect(host: &str, port: &str) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect((host, port.parse()?))?;
    stream.set_read_timeout(Some(DEADLINE))?;
    // A write that took a part is followed by another: half the time for each.
    stream.set_write_timeout(Some(DEADLINE / 2))?;
    Ok(stream)
}

/// Sends the input to its end, and writes its echo to the output.
fn exchange(
    mut stream: &TcpStream,
    input: impl Read + Send + 'static,
    mut output: impl Write,
) -> anyhow::Result<()> {
    let n_sent = Arc::new(OnceLock::new());
    let sent = Arc::clone(&n_sent);
    let sending = stream.try_clone()?;
    // Beside the reading, because the echo is under way while there is more to send: if
    // nobody took it, the server could not write, then not read, and then nobody could
    // send. Not joined: it may wait for an input that nobody needs any more.
    thread::spawn(move || {
        if let Ok(n_sent) = send(&sending, input) {
            // First told and then done, since the server closes in turn.
            let _ = sent.set(n_sent);
            let _ = sending.shutdown(Shutdown::Write);
        }
    });
    let n_received = io::copy(&mut stream, &mut output).map_err(explain)?;
    ensure!(
        n_sent.get() == Some(&n_received),
        "the server closed before everything was back"
    );
    Ok(())
}

/// Sends the input to its end, and returns how long it is.
fn send(mut stream: &TcpStream, mut input: impl Read) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER_SIZE];
    let mut n_sent = 0;
    loop {
        let n_read = input.read(&mut buffer)?;
        if n_read == 0 {
            return Ok(n_sent);
        }
        stream.write_all(&buffer[..n_read])?;
        n_sent += n_read as u64;
    }
}

/// Says what a failed read or write means.
fn explain(error: io::Error) -> anyhow::Error {
    match error.kind() {
        // How a timeout shows depends on the system.
        ErrorKind::WouldBlock | ErrorKind::TimedOut => anyhow!("nothing moved for {DEADLINE:?}"),
        ErrorKind::UnexpectedEof => anyhow!("the server closed before everything was back"),
        _ => anyhow::Error::from(error).context("the connection broke"),
    }
}
