//! Row A-12: clients that never finish their message.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use crate::arena::{Arena, Server};
use crate::message::{KEEP_ALIVE, message};
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::{Peer, pause};
use crate::row::{Level, Row};
use crate::span::span;

pub(super) const ROWS: &[Row] = &[Row {
    id: "A-12",
    level: Level::Robust,
    is_waiting: true,
    needs: &["A-01"],
    title: "a client that never finishes its message is dropped",
    cause: "a part of the message has no deadline, or every byte starts it anew",
    check: endless_messages,
    ..Row::PLAIN
}];

/// How long a header and a content are at least.
const LENGTH: usize = 1_000;

/// How much of a header or a content comes at once, before the silence or the dribble.
const BEGUN: usize = 100;

/// Between two bytes of a dribble: far shorter than any deadline.
const INTERVAL: Duration = Duration::from_millis(20);

/// Two bytes that take so many intervals are late, since the machine is busy.
const LATE: u32 = 6;

/// How often all of it is tried until no byte was late when it mattered.
const N_TRIES: u32 = 5;

/// A client inside its message.
struct Unfinished {
    peer: Peer,
    /// What it does, for a report.
    told: String,
    /// What it still sends, a byte at a time; never the whole rest of the message.
    dribble: Vec<u8>,
    n_dribbled: usize,
}

fn endless_messages(arena: &Arena<'_>) -> Outcome {
    let trial = arena.trial;
    let arguments = trial.short_deadline.as_deref().unwrap_or_default();
    let server = arena.serve_as(|order| order.command.words.extend_from_slice(arguments))?;
    let limit = match trial.short_deadline {
        Some(_) => trial.patience + Duration::from_secs(5),
        None => trial.give_up,
    };
    for _ in 0..N_TRIES {
        if are_dropped(&server, limit)? {
            return Ok(());
        }
    }
    Err(Miss::not_judged(
        "this machine is too busy to send a byte when it is due",
    ))
}

/// Expects that all are dropped within `limit`. Returns false if one was while its next
/// byte was late: a deadline that starts anew with each byte drops it then, too.
fn are_dropped(server: &Server<'_>, limit: Duration) -> Outcome<bool> {
    // A dribble that ended before the limit would be a silence.
    let n_intervals = u32::try_from(LENGTH - BEGUN).expect("a thousand at most");
    let interval = INTERVAL.max(limit / n_intervals);
    let mut last_byte = Instant::now();
    let mut open = clients(server, interval)?;
    let deadline = Instant::now() + limit;
    let mut is_certain = true;
    while !open.is_empty() && Instant::now() < deadline {
        let byte_before = std::mem::replace(&mut last_byte, Instant::now());
        open.iter_mut().for_each(Unfinished::go_on);
        pause(interval);
        open.retain(|client| {
            let is_gone = client.is_gone();
            // It may have ended before the last byte, or after it.
            let is_late = byte_before.elapsed() > LATE * interval;
            is_certain &= !(is_gone && is_late && !client.dribble.is_empty());
            !is_gone
        });
    }
    ensure(open.is_empty(), || {
        let told: Vec<&str> = open.iter().map(|client| client.told.as_str()).collect();
        let expected = "the connection is ended at the deadline";
        Miss::fails(
            told.join("; "),
            expected,
            format!("open after {}", span(limit)),
        )
    })?;
    Ok(is_certain)
}

/// Silent ones and dribbling ones, in each part of a message and between two parts.
fn clients(server: &Server<'_>, interval: Duration) -> Outcome<Vec<Unfinished>> {
    let filler = format!(", \"filler\": \"{}\"", "x".repeat(LENGTH));
    let extra = [KEEP_ALIVE, &filler].concat();
    let request = message("text/json", "utf-8", &extra, &[b' '; LENGTH]);
    let content = request.len() - LENGTH;
    let unfinished = |told: String, n_sent: usize, dribble: &[u8]| {
        let mut peer = server.connect()?;
        peer.send(&request[..n_sent])?;
        let nonblocking = peer.stream.set_nonblocking(true);
        nonblocking.map_err(|error| Miss::own_trouble("cannot set socket options", &error))?;
        Ok(Unfinished {
            peer,
            told,
            dribble: dribble.to_vec(),
            n_dribbled: 0,
        })
    };
    let mut clients = Vec::new();
    for (n_sent, place) in [
        (1, "after a byte of the length"),
        (2, "behind the length"),
        (BEGUN, "inside the header"),
        (content, "behind the header"),
        (content + BEGUN, "inside the content"),
    ] {
        clients.push(unfinished(format!("silence {place}"), n_sent, b"")?);
    }
    let header = &request[..content];
    let content = &request[content..];
    for (n_sent, rest, place) in [
        (0, &header[..LENGTH], "from the length on"),
        (BEGUN, &header[BEGUN..LENGTH], "inside the header"),
        (
            header.len() + BEGUN,
            &content[BEGUN..LENGTH - 1],
            "inside the content",
        ),
    ] {
        let told = format!("a byte each {} {place}", span(interval));
        clients.push(unfinished(told, n_sent, rest)?);
    }
    Ok(clients)
}

impl Unfinished {
    fn go_on(&mut self) {
        if let Some(byte) = self.dribble.get(self.n_dribbled..=self.n_dribbled) {
            self.peer.send_what_is_taken(byte);
            self.n_dribbled += 1;
        }
    }

    /// True once the connection has ended, in order or by a reset; bytes are ignored.
    fn is_gone(&self) -> bool {
        match (&self.peer.stream).read(&mut [0; 4096]) {
            Ok(n_read) => n_read == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }
}
