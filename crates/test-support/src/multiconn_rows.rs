//! Rows M-01 to M-13: what a server of many connections does.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::sys::signal::Signal;

use crate::peer::pattern;
use crate::{DEADLINE, Peer, Server, Target, require_descriptors};

/// More than any server may hold for a client that doesn't read (M-04), and than
/// the system's own buffers do.
const MORE_THAN_ANY_BUFFER: usize = 64 << 20;
const MEBIBYTE: u64 = 1 << 20;

/// Many clients at once, each gets its own bytes back.
///
/// # Errors
///
/// If the row doesn't hold; the same for each row below.
pub fn m_01(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut peers = connect(&server, 50)?;
    for round in 0..10 {
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.say(format!("round {round}, client {number}").as_bytes())?;
        }
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.hear(format!("round {round}, client {number}").as_bytes())?;
        }
    }
    Ok(())
}

/// A client that sends nothing delays no other.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_02(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut silent = server.connect()?;
    let mut other = server.connect()?;
    // A server that waits for the silent one would never answer.
    other
        .stream
        .set_read_timeout(Some(Duration::from_secs(5)))?;
    other.round_trip(b"served meanwhile")?;
    silent.round_trip(b"and served itself")
}

/// A thousand connections open at once, each served.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_03(target: &Target, host: &str) -> anyhow::Result<()> {
    many_at_once(target, host, 1_000)
}

/// `n_connections` open at once, each served.
///
/// # Errors
///
/// If one isn't.
pub fn many_at_once(target: &Target, host: &str, n_connections: usize) -> anyhow::Result<()> {
    if !require_descriptors(n_connections as u64) {
        return Ok(());
    }
    let server = target.start(host)?;
    let mut peers = connect(&server, n_connections)?;
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.say(&number.to_be_bytes())?;
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.hear(&number.to_be_bytes())
            .with_context(|| format!("connection {number} of {n_connections}"))?;
    }
    Ok(())
}

/// A client that sends and never reads is held back, with little memory, and the
/// others are served meanwhile.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_04(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut other = server.connect()?;
    other.round_trip(b"before")?;
    let memory_before = server.memory()?;
    let mut greedy = server.connect()?;
    let n_taken = greedy.offer(MORE_THAN_ANY_BUFFER, Duration::from_secs(1))?;
    ensure!(
        n_taken < MORE_THAN_ANY_BUFFER,
        "the server took {n_taken} bytes from a client that doesn't read"
    );
    let growth = server.memory()?.saturating_sub(memory_before);
    ensure!(growth <= 16 * MEBIBYTE, "the server grew by {growth} bytes");
    other.round_trip(b"meanwhile")
}

/// With idle connections open, the server uses no CPU.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_05(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut peers = connect(&server, 100)?;
    for peer in &mut peers {
        peer.round_trip(b"then idle")?;
    }
    ensure_idle(&server, &mut peers[0])
}

/// Under 2 % of a core over 2 s.
fn ensure_idle(server: &Server, peer: &mut Peer) -> anyhow::Result<()> {
    let window = Duration::from_secs(2);
    let before = server.cpu_time()?;
    peer.expect_silence(window)?;
    let used = server.cpu_time()?.saturating_sub(before);
    ensure!(
        used < window / 50,
        "idle, it used {used:?} of CPU in {window:?}"
    );
    Ok(())
}

/// Half-close with output pending: all of it arrives, then the end.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_06(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut peer = server.connect()?;
    // Until both directions are full, so that the server has output that waits.
    let n_taken = peer.offer(MORE_THAN_ANY_BUFFER, Duration::from_millis(500))?;
    peer.half_close()?;
    peer.expect(&peer.speech.stream_response(n_taken))?;
    peer.expect_end()
}

/// A reset by one client, also in the middle of a burst, harms no other.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_07(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let mut others = connect(&server, 5)?;
    for number in 0..20 {
        let mut rude = server.connect()?;
        rude.send(&pattern(0, number * 10_000))?;
        rude.reset()?;
        for other in &mut others {
            other.round_trip(b"unharmed")?;
        }
    }
    server.connect()?.round_trip(b"a newcomer")
}

/// At its limit of open files, a server keeps serving the clients it has, without
/// spinning, and serves those that waited soon after some leave.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_08(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start_as(target.limited_command(host, 32))?;
    let mut peers = connect(&server, 60)?;
    for peer in &mut peers {
        peer.say(b"?")?;
    }
    // Connections are accepted in their order, so the first that gets no answer
    // tells that all behind it wait, too.
    let mut served = Vec::new();
    let mut waiting = Vec::new();
    for mut peer in peers {
        peer.stream
            .set_read_timeout(Some(Duration::from_millis(500)))?;
        if waiting.is_empty() && peer.hear(b"?").is_ok() {
            served.push(peer);
        } else {
            waiting.push(peer);
        }
    }
    ensure!(
        served.len() >= 10 && waiting.len() >= 10,
        "{} served, {} waiting: is the limit in force?",
        served.len(),
        waiting.len()
    );
    ensure_idle(&server, &mut served[0])?;
    for peer in &mut served {
        peer.round_trip(b"still served")?;
    }
    drop(served.split_off(5));
    for peer in waiting.iter_mut().take(10) {
        peer.stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        peer.hear(b"?").context("those that waited")?;
    }
    served[0].round_trip(b"still here")
}

/// Connections opened and closed in a storm leave nothing behind.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_09(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    server.connect()?.round_trip(b"warm")?;
    wait_until(DEADLINE, || Ok(server.n_descriptors()? <= 16))?;
    let baseline = server.n_descriptors()?;
    let mut memory = Vec::new();
    for _ in 0..2 {
        storm(&server, 5_000)?;
        wait_until(Duration::from_secs(2), || {
            Ok(server.n_descriptors()? <= baseline)
        })
        .context("descriptors back at the baseline")?;
        memory.push(server.memory()?);
    }
    ensure!(
        memory[1] <= memory[0] + MEBIBYTE,
        "memory after each storm: {memory:?}"
    );
    Ok(())
}

/// Every second one is ended by a reset, every fourth without a byte.
fn storm(server: &Server, n_connections: usize) -> anyhow::Result<()> {
    for number in 0..n_connections {
        let mut peer = server.connect()?;
        if number % 4 != 0 {
            peer.round_trip(b"in and out")?;
        }
        if number % 2 == 0 {
            peer.reset()?;
        }
    }
    Ok(())
}

/// Four clients stream and read their echoes without pause; a fifth's round trips
/// stay short.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_11(target: &Target, host: &str) -> anyhow::Result<()> {
    let server = target.start(host)?;
    let is_over = AtomicBool::new(false);
    let (streaming, started) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..4 {
            let writer = server.connect()?.stream;
            let reader = writer.try_clone()?;
            let streaming = streaming.clone();
            let is_over = &is_over;
            let chunk = server.speech.request(&pattern(0, 64 * 1024));
            scope.spawn(move || stream_until(is_over, writer, &chunk));
            scope.spawn(move || read_stream(reader, &streaming));
        }
        let result = (0..4)
            .try_for_each(|_| started.recv_timeout(DEADLINE))
            .context("the streams do not flow")
            .and_then(|()| short_round_trips(&server));
        is_over.store(true, Ordering::Relaxed);
        result
    })
}

fn stream_until(is_over: &AtomicBool, mut writer: TcpStream, chunk: &[u8]) {
    while !is_over.load(Ordering::Relaxed) && writer.write_all(chunk).is_ok() {}
    let _ = writer.shutdown(Shutdown::Write);
}

/// Reads to the end, and says when the stream surely flows.
fn read_stream(mut reader: TcpStream, streaming: &mpsc::Sender<()>) {
    if io::copy(&mut (&mut reader).take(4 * 1024), &mut io::sink()).is_ok() {
        let _ = streaming.send(());
        let _ = io::copy(&mut reader, &mut io::sink());
    }
}

fn short_round_trips(server: &Server) -> anyhow::Result<()> {
    let mut fifth = server.connect()?;
    fifth
        .stream
        .set_read_timeout(Some(Duration::from_secs(1)))?;
    for number in 0..20 {
        fifth
            .round_trip(b"between the streams")
            .with_context(|| format!("round trip {number} within 1 s"))?;
    }
    Ok(())
}

/// Told to stop, a server answers what arrived before, ends each connection without
/// a reset, refuses newcomers, and ends with status 0; told twice, at once.
///
/// # Errors
///
/// If the row doesn't hold.
pub fn m_13(target: &Target, host: &str) -> anyhow::Result<()> {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        stops_in_order(target, host, signal)?;
    }
    stops_at_once(target, host)
}

/// The drain deadline by default is 3 s; the row gives 2 s more.
const DRAIN_DEADLINE: Duration = Duration::from_secs(5);

fn stops_in_order(target: &Target, host: &str, signal: Signal) -> anyhow::Result<()> {
    let mut server = target.start(host)?;
    let mut idle = server.connect()?;
    idle.round_trip(b"served before")?;
    let mut busy = server.connect()?;
    busy.round_trip(b"served before")?;
    // With its header under 64 KiB: a system takes that much without the server's help.
    let payload = pattern(0, 60_000);
    busy.say(&payload)?;
    server.signal(signal)?;
    busy.hear_last(&payload)
        .context("what arrived before the signal")?;
    idle.expect_end()?;
    ensure!(server.connect().is_err(), "a newcomer was not refused");
    drop((busy, idle));
    let status = server.status(DRAIN_DEADLINE)?;
    ensure!(status.success(), "told to stop, it ended with {status}");
    Ok(())
}

fn stops_at_once(target: &Target, host: &str) -> anyhow::Result<()> {
    let mut server = target.start(host)?;
    let mut stuck = server.connect()?;
    // Full in both directions, so that the server has output to wait for.
    stuck.offer(MORE_THAN_ANY_BUFFER, Duration::from_millis(500))?;
    server.signal(Signal::SIGTERM)?;
    wait_until(DEADLINE, || Ok(server.connect().is_err()))?;
    ensure!(
        server.is_running()?,
        "it did not wait for its client to read"
    );
    server.signal(Signal::SIGTERM)?;
    server
        .status(Duration::from_secs(1))
        .context("a second signal")?;
    Ok(())
}

fn connect(server: &Server, n_connections: usize) -> anyhow::Result<Vec<Peer>> {
    (0..n_connections).map(|_| server.connect()).collect()
}

/// Looks again and again until `condition` holds: what happens inside another
/// process, there is no event for.
fn wait_until(
    within: Duration,
    mut condition: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + within;
    while !condition()? {
        ensure!(Instant::now() < deadline, "it was not so within {within:?}");
        thread::park_timeout(Duration::from_millis(5));
    }
    Ok(())
}
