//! Rows M-04, M-05, M-08, M-09 and M-11: memory, processor, descriptors, time.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::many::MORE_THAN_ANY_BUFFER;
use crate::arena::{Arena, Server};
use crate::bytes::pattern;
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::{Peer, pause};
use crate::row::{Level, Row};
use crate::span::span;

const MEBIBYTE: u64 = 1 << 20;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "M-04",
        level: Level::Production,
        needs: &["M-01", "A-10"],
        title: "a client that never reads is held back, with little memory",
        cause: "output is kept without a bound: stop reading while it waits",
        check: never_reads,
        ..Row::PLAIN
    },
    Row {
        id: "M-05",
        level: Level::Production,
        needs: &["M-01"],
        title: "with idle connections open, the server uses no CPU",
        cause: "write interest without output, or polling: a busy loop",
        check: idle_connections,
        ..Row::PLAIN
    },
    Row {
        id: "M-08",
        level: Level::Production,
        needs: &["M-01", "M-05", "A-10"],
        title: "out of descriptors it serves on, and newcomers soon after",
        cause: "a failed accept (EMFILE) ends the loop, spins, or is never tried again",
        check: out_of_descriptors,
        ..Row::PLAIN
    },
    Row {
        id: "M-09",
        level: Level::Production,
        needs: &["M-01", "M-07"],
        title: "storms of connections leave no descriptor and no memory",
        cause: "a socket isn't closed on an error, or its entry stays in a table",
        check: super::storms::storms,
        ..Row::PLAIN
    },
    Row {
        id: "M-11",
        level: Level::Production,
        is_timed: true,
        needs: &["M-01", "A-10"],
        title: "four streaming clients leave room for a fifth's round trips",
        cause: "one client is read until would-block, without a budget",
        check: streams_leave_room,
        ..Row::PLAIN
    },
];

fn never_reads(arena: &Arena<'_>) -> Outcome {
    const ALLOWED: u64 = 16 * MEBIBYTE;
    arena.needs_process()?;
    let server = arena.serve()?;
    let mut other = server.connect()?;
    other.round_trip(b"before")?;
    let before = server.usage()?.memory;
    let mut greedy = server.connect()?;
    // Sure as soon as it has grown so far: nothing that comes later makes it good.
    let stays_small = || {
        let growth = server.usage()?.memory.saturating_sub(before);
        ensure(growth <= ALLOWED, || {
            let expected = "the server's memory grows by at most 16 MiB";
            let came = format!("it grew by {} MiB", growth / MEBIBYTE);
            Miss::fails("bytes, none read back", expected, came)
        })
    };
    let window = Duration::from_secs(1);
    let n_taken = greedy.offer_while(MORE_THAN_ANY_BUFFER, window, stays_small)?;
    let doing = format!("{n_taken} bytes, none read back");
    stays_small().map_err(|miss| miss.after(&doing))?;
    ensure(n_taken < MORE_THAN_ANY_BUFFER, || {
        Miss::fails(
            &doing,
            "the client is held back",
            "the server took all of it",
        )
    })?;
    other
        .round_trip(b"meanwhile")
        .map_err(|miss| miss.after(format!("{doing}; bytes of another client")))
}

fn idle_connections(arena: &Arena<'_>) -> Outcome {
    arena.needs_process()?;
    let server = arena.serve()?;
    let mut peers = server.connect_many(20)?;
    // Half of them have spoken.
    for peer in peers.iter_mut().step_by(2) {
        peer.round_trip(b"then idle")?;
    }
    ensure_idle(&server, "20 connections that are idle")?;
    for peer in peers.iter_mut().step_by(2) {
        let served = peer.round_trip(b"and awake");
        served.map_err(|miss| miss.after("nothing for 2 s on a connection, then bytes"))?;
    }
    Ok(())
}

/// Under 2 % of a core over 2 s.
fn ensure_idle(server: &Server<'_>, doing: &str) -> Outcome {
    const WINDOW: Duration = Duration::from_secs(2);
    let before = server.usage()?.cpu_time;
    pause(WINDOW);
    let used = server.usage()?.cpu_time.saturating_sub(before);
    ensure(used < WINDOW / 50, || {
        let came = format!("{} ms of CPU time in 2 s", used.as_millis());
        Miss::fails(doing, "less than 40 ms of CPU time in 2 s", came)
    })
}

fn out_of_descriptors(arena: &Arena<'_>) -> Outcome {
    const MAX_FILES: u32 = 64;
    // With a small backlog, a system asks again after 1 s, and 2 s later.
    const ASKED_AGAIN: Duration = Duration::from_millis(3_500);
    arena.needs_process()?;
    let server = arena.serve_as(|order| order.max_files = Some(MAX_FILES))?;
    // As many as the server and its backlog take.
    let mut peers = Vec::new();
    while peers.len() < 100
        && let Ok(peer) = server.connect_within(ASKED_AGAIN)
    {
        peers.push(peer);
    }
    let doing = format!("100 connections to a server that may have at most {MAX_FILES} open files");
    let are_all_in = peers.len() == 100;
    let (mut served, mut waiting) =
        who_is_served(peers).map_err(|miss| miss.after(format!("{doing}; a byte on each")))?;
    let told = format!("{} are served, {} wait", served.len(), waiting.len());
    ensure(served.len() >= 8, || {
        Miss::fails(
            &doing,
            "most of what its descriptors allow is served",
            &told,
        )
    })?;
    // With a small backlog, only a few can wait.
    if waiting.is_empty() || (are_all_in && waiting.len() < 8) {
        return Err(Miss::not_judged(format!(
            "{doing}: {told}; the limit isn't in force"
        )));
    }
    ensure_idle(&server, &doing)?;
    for peer in &mut served {
        peer.round_trip(b"still served").map_err(|miss| {
            miss.after(format!("{doing}; then bytes of one that was served before"))
        })?;
    }
    served.truncate(3);
    // The row's own 5 s, and those that waited have to be served within them.
    let deadline = Instant::now() + Duration::from_secs(5);
    for peer in waiting.iter_mut().take(5) {
        let left = deadline.saturating_duration_since(Instant::now());
        peer.be_patient_for(left.max(Duration::from_millis(100)));
        let heard = peer.hear(b"?");
        heard.map_err(|miss| miss.after(format!("{doing}; all but 3 then left")))?;
    }
    served[0].round_trip(b"still here")
}

/// Who gets an answer, and who waits for the server to accept. Connections are
/// accepted in their order, so the first without an answer tells of all behind it.
fn who_is_served(mut peers: Vec<Peer>) -> Outcome<(Vec<Peer>, Vec<Peer>)> {
    for peer in &mut peers {
        // Those in the backlog can be written to as well.
        peer.say(b"?")?;
    }
    let mut served = Vec::new();
    while !peers.is_empty() && peers[0].hears_within(Duration::from_secs(1)) {
        let mut peer = peers.remove(0);
        peer.hear(b"?")?;
        served.push(peer);
    }
    Ok((served, peers))
}

fn streams_leave_room(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let is_over = AtomicBool::new(false);
    let (streaming, started) = mpsc::channel();
    let speech = arena.trial.speech();
    thread::scope(|scope| {
        for _ in 0..4 {
            let writer = server.connect()?.stream;
            let reader = writer.try_clone();
            let reader =
                reader.map_err(|error| Miss::own_trouble("cannot share a socket", &error))?;
            let piece = speech.request(&pattern(0, 64 * 1024));
            let streaming = streaming.clone();
            let is_over = &is_over;
            scope.spawn(move || stream_until(is_over, writer, &piece));
            scope.spawn(move || read_all(reader, &streaming));
        }
        let flowing = (0..4).try_for_each(|_| {
            started.recv_timeout(arena.trial.patience).map_err(|_| {
                Miss::fails(
                    "four streams of bytes",
                    "they come back",
                    "not all of them flow",
                )
            })
        });
        let result = flowing.and_then(|()| short_round_trips(&server));
        is_over.store(true, Ordering::Relaxed);
        result
    })
}

fn stream_until(is_over: &AtomicBool, mut writer: TcpStream, piece: &[u8]) {
    while !is_over.load(Ordering::Relaxed) && writer.write_all(piece).is_ok() {}
    let _ = writer.shutdown(Shutdown::Both);
}

/// Reads to the end, and says when the stream surely flows.
fn read_all(mut reader: TcpStream, streaming: &mpsc::Sender<()>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut n_read = 0;
    while let Ok(n @ 1..) = reader.read(&mut buffer) {
        if n_read < 4096 && n_read + n >= 4096 {
            let _ = streaming.send(());
        }
        n_read += n;
    }
}

fn short_round_trips(server: &Server<'_>) -> Outcome {
    let mut fifth = server.connect()?;
    for number in 1..=20 {
        let begin = Instant::now();
        fifth.round_trip(b"between the streams")?;
        let took = begin.elapsed();
        ensure(took < Duration::from_secs(1), || {
            let doing = format!("four streams, and round trip {number} of 20 of a fifth client");
            Miss::fails(doing, "less than 1 s", span(took))
        })?;
    }
    Ok(())
}
