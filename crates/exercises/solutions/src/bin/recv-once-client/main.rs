//! An echo client: sends a message, or its standard input, and prints what comes back.
//!
//! Users reported: with a server near by all is well. With one far away, it now and
//! then says that something else came back, and the server's log shows that this
//! isn't so. Repaired in `ask`.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};

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
        return pass_on(&stream);
    }
    let answer = ask(&stream, message.as_bytes())?;
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

/// Sends a message, and returns what comes back.
fn ask(mut stream: &TcpStream, message: &[u8]) -> anyhow::Result<Vec<u8>> {
    stream.write_all(message).map_err(explain)?;
    let mut answer = vec![0; message.len()];
    // In as many reads as it takes: what was sent at once may arrive in pieces.
    stream.read_exact(&mut answer).map_err(explain)?;
    ensure!(answer == message, "other bytes came back than were sent");
    Ok(answer)
}

/// Sends standard input as it comes, and writes its echo as it comes back.
fn pass_on(mut stream: &TcpStream) -> anyhow::Result<()> {
    let n_sent = Arc::new(OnceLock::new());
    let sent = Arc::clone(&n_sent);
    let mut sending = stream.try_clone()?;
    // Not joined: it may wait for an input that nobody needs any more.
    thread::spawn(move || {
        if let Ok(n_sent) = io::copy(&mut io::stdin(), &mut sending) {
            // First told and then done, since the server closes in turn.
            let _ = sent.set(n_sent);
            let _ = sending.shutdown(Shutdown::Write);
        }
    });
    let n_received = io::copy(&mut stream, &mut io::stdout()).map_err(explain)?;
    ensure!(
        n_sent.get() == Some(&n_received),
        "the server closed before everything was back"
    );
    Ok(())
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
