//! Rows M-01 to M-07 but M-04 and M-05: many clients, none of whom notices another.

use std::time::{Duration, Instant};

use super::inherited::{SMALL_BACKLOG, unless_limited};
use crate::arena::{Arena, Server};
use crate::bytes::pattern;
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::Peer;
use crate::row::{Level, Row};
use crate::span::span;
use crate::speech::Speech;
use crate::system::Signal;

/// More than a single read of most programs takes.
pub(super) const LARGER_THAN_A_READ: usize = 32 * 1024;

/// Far beyond what both systems' buffers and any server hold for one connection.
pub(super) const MORE_THAN_ANY_BUFFER: usize = 64 << 20;

/// More than both systems' buffers take for a client that reads nothing (4 MiB for each
/// socket's output is Linux's most, tcp(7)), so that the rest waits in the server.
const LEAVES_OUTPUT_PENDING: usize = 8 << 20;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "M-01",
        is_guide: true,
        needs: &["E-01"],
        title: "many clients at once, each gets its own bytes back",
        cause: "one client is served to its end before the next, or not all is read that came",
        check: many_clients,
        ..Row::PLAIN
    },
    Row {
        id: "M-02",
        needs: &["M-01"],
        title: "a client that sends nothing delays no other",
        cause: "a blocking call (accept, recv, a handshake) for one client inside the loop",
        check: silent_client,
        ..Row::PLAIN
    },
    Row {
        id: "M-03",
        level: Level::Production,
        needs: &["M-01"],
        title: "1,000 connections open at once, each served",
        cause: "one accept for several newcomers under edge triggering, or a limit of 1,024",
        check: a_thousand_connections,
        ..Row::PLAIN
    },
    Row {
        id: "M-06",
        level: Level::Robust,
        needs: &["M-01", "A-10"],
        title: "half-close with output pending: all arrives, then the end",
        cause: "the connection is closed at the end of input, while output still waits",
        check: half_close_with_output_pending,
        ..Row::PLAIN
    },
    Row {
        id: "M-07",
        level: Level::Robust,
        needs: &["M-01"],
        title: "a reset by one client, also in a burst, harms no other",
        cause: "an error at one connection ends the loop that serves all of them",
        check: resets_harm_nobody,
        ..Row::PLAIN
    },
];

fn many_clients(arena: &Arena<'_>) -> Outcome {
    const N: usize = 50;
    let server = arena.serve()?;
    let mut peers = Vec::new();
    let result = serve_each_its_own(&server, &mut peers, N);
    result.map_err(|miss| unless_limited(&server, miss, N))
}

fn serve_each_its_own(server: &Server<'_>, peers: &mut Vec<Peer>, n: usize) -> Outcome {
    for number in 0..n {
        let mut peer = server.connect()?;
        peer.round_trip(format!("client {number} comes").as_bytes())?;
        peers.push(peer);
    }
    for round in 1..=3 {
        let payload = |number| pattern(round * 1_000 + number, LARGER_THAN_A_READ);
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.say(&payload(number))?;
        }
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.hear(&payload(number))?;
        }
    }
    Ok(())
}

fn silent_client(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut silent = server.connect()?;
    let mut other = server.connect()?;
    let served = other.round_trip(b"served meanwhile");
    served.map_err(|miss| miss.after("a connection without a byte; bytes on a second one"))?;
    silent.round_trip(b"and served itself")
}

/// How many connections are open at once.
const N: usize = 1_000;

fn a_thousand_connections(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut peers = Vec::new();
    let result = open_a_thousand(&server, &mut peers);
    result.map_err(|miss| unless_limited(&server, miss, N))
}

fn open_a_thousand(server: &Server<'_>, peers: &mut Vec<Peer>) -> Outcome {
    const LONGEST: Duration = Duration::from_secs(30);
    // A server that stands still finds several newcomers when it goes on, however
    // fast it is. The system completes a few connections without its help.
    let stands_still = server.signal(Signal::Stop).is_ok();
    peers.extend(server.connect_many(2)?);
    if stands_still {
        server.signal(Signal::Continue)?;
    }
    let begin = Instant::now();
    let (mut n_slow, mut lost) = (0, Duration::ZERO);
    for number in peers.len()..N {
        ensure(begin.elapsed() < LONGEST, || {
            let came = format!("{number} after {}", span(LONGEST));
            let miss = Miss::fails(format!("{N} connections"), "they are accepted", came);
            match lost > begin.elapsed() / 2 {
                true => miss.because(SMALL_BACKLOG),
                false => miss,
            }
        })?;
        let asked = Instant::now();
        peers.push(server.connect()?);
        if asked.elapsed() > TRIED_AGAIN {
            n_slow += 1;
            lost += asked.elapsed();
        }
        ensure(n_slow < SURELY_SLOW, || {
            let doing = format!("{N} connections, one after another, {number} so far");
            let came = format!("{n_slow} of them were completed only after about a second or more");
            Miss::fails(doing, "they are completed at once", came).because(SMALL_BACKLOG)
        })?;
    }
    let name = |number: usize| format!("connection {number} of {N}");
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.say(name(number).as_bytes())?;
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        let heard = peer.hear(name(number).as_bytes());
        heard.map_err(|miss| miss.after(format!("{N} connections; bytes on number {number}")))?;
    }
    Ok(())
}

/// A system that isn't answered asks again after 1 s (RFC 6298, 2.1).
const TRIED_AGAIN: Duration = Duration::from_millis(900);

/// With so many connections that were asked for again, half of the time is gone, and the
/// rest won't go faster; a few of them are no harm.
const SURELY_SLOW: usize = 12;

fn half_close_with_output_pending(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    if arena.trial.speech() == Speech::Echo {
        // The end of input comes while a slow reader is behind.
        let slow = server.connect_narrow()?.slow_down();
        slow.exchange_all(&pattern(0, LEAVES_OUTPUT_PENDING))?;
    }
    let mut peer = server.connect_narrow()?;
    // Until both directions are full, so that the server has output that waits.
    let n_taken = peer.offer(LEAVES_OUTPUT_PENDING, Duration::from_millis(500))?;
    peer.half_close()?;
    match arena.trial.speech() {
        Speech::Echo => peer.expect(&pattern(0, n_taken))?,
        Speech::Messages => {
            let content = Speech::streamed_content();
            for _ in 0..Speech::Messages.n_streamed(n_taken) {
                peer.expect_content(&content)?;
            }
        }
    }
    peer.expect_end()
}

fn resets_harm_nobody(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut others = server.connect_many(5)?;
    for other in &mut others {
        other.round_trip(b"before")?;
    }
    for number in 0..20 {
        let rude = reset_after(&server, number * 10_000)?;
        rude.reset();
        for other in &mut others {
            other
                .round_trip(b"unharmed")
                .map_err(|miss| miss.after(format!("a reset by one client, then {TOLD}")))?;
        }
    }
    server.connect()?.round_trip(b"a newcomer")
}

const TOLD: &str = "a round trip of another";

fn reset_after(server: &Server<'_>, length: usize) -> Outcome<Peer> {
    let mut rude = server.connect()?;
    rude.send_what_is_taken(&pattern(0, length));
    Ok(rude)
}
