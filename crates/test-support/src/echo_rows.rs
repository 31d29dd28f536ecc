//! Rows E-01 to E-09: what an echo server does, whether it serves one client or
//! many.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::signal::Signal;
use procfs::process::FDTarget;

use crate::peer::pattern;
use crate::{DEADLINE, Program, Server, Target};

/// The deadline that E-08 and E-09 give.
const TWO_SECONDS: Duration = Duration::from_secs(2);

/// What is sent comes back: text, all byte values, zero bytes.
///
/// # Errors
///
/// If the row doesn't hold; the same for each row below.
pub fn e_01(target: &Target, host: &str) -> anyhow::Result<()> {
    let all_values: Vec<u8> = (0..=255).collect();
    for payload in ["Hello, world 🐶".as_bytes(), &all_values, &[0; 500]] {
        target.start(host)?.connect()?.round_trip(payload)?;
    }
    Ok(())
}

/// When the client finishes sending, everything comes back, then the end.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_02(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut peer = server.connect()?;
    let payload = pattern(0, 1024);
    peer.send(&payload)?;
    peer.half_close()?;
    peer.expect(&payload)?;
    peer.expect_end()
}

/// 8 MiB come back whole while the client reads and writes at once.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_03(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    server.connect()?.exchange_all(&pattern(0, 8 << 20))
}

/// Bytes sent one at a time all come back.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_04(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut peer = server.connect()?;
    let payload = pattern(0, 300);
    for byte in payload.chunks(1) {
        peer.send(byte)?;
    }
    peer.expect(&payload)?;
    // And each by itself, so that the server surely read more than once.
    for byte in payload.chunks(1) {
        peer.round_trip(byte)?;
    }
    Ok(())
}

/// The client finishes sending right after its last byte: everything comes back.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_05(target: &Target, host: &str) -> anyhow::Result<()> {
    for length in [1, 1000, 64 * 1024] {
        let server = target.start(host)?;
        server.connect()?.exchange_all(&pattern(0, length))?;
    }
    Ok(())
}

/// A client that leaves without a byte does no harm.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_06(target: &Target, host: &str) -> anyhow::Result<()> {
    let mut server = target.start(host)?;
    drop(server.connect()?);
    server.check_unharmed()
}

/// A client that resets in the middle of its stream does no harm.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_07(target: &Target, host: &str) -> anyhow::Result<()> {
    let mut server = target.start(host)?;
    let mut peer = server.connect()?;
    peer.round_trip(b"so far, so good")?;
    peer.send(&pattern(0, 100_000))?;
    peer.reset()?;
    server.check_unharmed()
}

/// It listens where it was told and nowhere else; ended while a client is
/// connected, the same command listens on that port again within two seconds.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_08(target: &Target, host: &str) -> anyhow::Result<()> {
    let mut server = target.start(host)?;
    let told = SocketAddr::new(host.parse()?, server.address.port());
    ensure!(
        server.address == told,
        "told {told}, said {}",
        server.address
    );
    ensure!(listening(&server)? == [told], "it listens elsewhere, too");

    let mut peer = server.connect()?;
    peer.round_trip(b"connected")?;
    server.signal(Signal::SIGTERM)?;
    server.status(DEADLINE)?;
    let restarted = std::time::Instant::now();
    let port = told.port().to_string();
    target
        .start_as(target.command(host, &port))
        .context("the second start")?;
    ensure!(
        restarted.elapsed() < TWO_SECONDS,
        "the second start was slow"
    );
    Ok(())
}

/// Told a port in use, a bad port or a bad address, it says so in its first line,
/// and ends with a status that is not 0, within two seconds.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn e_09(target: &Target, host: &str) -> anyhow::Result<()> {
    let taken = TcpListener::bind((host, 0))?;
    let port = taken.local_addr()?.port().to_string();
    refuses(target.command(host, &port), &[&port, "in use"])?;
    refuses(target.command(host, "99999"), &["99999"])?;
    refuses(target.command(host, "http"), &["http"])?;
    refuses(target.command("300.1.1.1", "0"), &["300.1.1.1"])?;
    // A documentation address (RFC 5737), which no interface has.
    let missing = Ipv4Addr::new(192, 0, 2, 1).to_string();
    refuses(target.command(&missing, "0"), &[&missing, "not available"])
        .or_else(|_| refuses(target.command(&missing, "0"), &[&missing, "assign"]))
}

fn refuses(command: Command, words: &[&str]) -> anyhow::Result<()> {
    let told = format!("{command:?}");
    let (status, _, stderr) = Program::start(command)?.finish(TWO_SECONDS)?;
    let first_line = stderr.lines().next().unwrap_or_default();
    ensure!(
        !status.success() && words.iter().all(|word| first_line.contains(word)),
        "{told} ended with {status}, and said {first_line:?} instead of {words:?}"
    );
    Ok(())
}

/// The addresses that the server's process listens on.
fn listening(server: &Server) -> anyhow::Result<Vec<SocketAddr>> {
    let mut inodes = Vec::new();
    for descriptor in server.process()?.fd()? {
        if let FDTarget::Socket(inode) = descriptor?.target {
            inodes.push(inode);
        }
    }
    let sockets = procfs::net::tcp()?.into_iter().chain(procfs::net::tcp6()?);
    Ok(sockets
        .filter(|socket| socket.state == procfs::net::TcpState::Listen)
        .filter(|socket| inodes.contains(&socket.inode))
        .map(|socket| socket.local_address)
        .collect())
}
