//! Row A-15: what many clients together make a server hold.

use std::io::{ErrorKind, Write};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::many::LARGER_THAN_A_READ;
use crate::arena::{Arena, Server};
use crate::bytes::{n_bytes, pattern, shown};
use crate::message::{CLIENT_BINARY, byte_order, frame, header};
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::Peer;
use crate::row::{Level, Row};
use crate::span::span;
use crate::speech::about;

pub(super) const ROWS: &[Row] = &[Row {
    id: "A-15",
    level: Level::Production,
    needs: &["A-02", "M-01"],
    title: "100 unfinished messages in little memory, answered later",
    cause: "each client may hold a whole content, and nobody adds them up",
    check: unfinished_messages,
    ..Row::PLAIN
}];

const N_CLIENTS: usize = 100;

/// No content of this row is larger, whatever the server accepts.
const LARGEST: usize = 8 << 20;

/// By how much the server's memory may grow.
const ALLOWED: u64 = 128 << 20;

/// How exactly the largest content is found that a server accepts.
const EXACTLY: usize = LARGEST / 64;

/// How long a refusal of a header is waited for before its content is sent. One that
/// comes later is heard behind the content.
const REFUSAL: Duration = Duration::from_millis(250);

/// The server takes no more when nothing has moved for so long.
const QUIET: Duration = Duration::from_secs(1);

/// How many times as long is waited for a server that has work to do and no processor. Not
/// for ever: one that polls always seems to have some.
const BUSY_FACTOR: u32 = 8;

/// Longer than any server takes that does nothing but read.
const LONGEST: Duration = Duration::from_secs(90);

/// How often the server's memory is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// A memory that has grown by less stands still.
const STANDSTILL: u64 = 1 << 20;

/// How much of a content is made at a time: the judge holds a piece for each client,
/// and no content.
const PIECE: usize = 64 * 1024;

/// So that a hundred connections hold little of the system's own memory.
const SEND_BUFFER: usize = 256 * 1024;

fn unfinished_messages(arena: &Arena<'_>) -> Outcome {
    arena.needs_process()?;
    let server = arena.serve()?;
    let mut other = server.connect()?;
    other.round_trip(b"before")?;
    let memory = server.usage()?.memory;
    let size = largest_accepted(&server, arena.trial.patience)?;
    let mut crowd = Crowd::gather(&server, memory, size)?;
    let doing = format!(
        "{N_CLIENTS} clients, each with all but the last byte of a content of {}",
        n_bytes(size)
    );
    crowd
        .go_on(Goal::LastByte, QUIET)
        .map_err(|miss| miss.after(&doing))?;
    let newcomer = server
        .connect()
        .and_then(|mut newcomer| newcomer.round_trip(b"small"));
    newcomer
        .and_then(|()| other.round_trip(b"small, too"))
        .map_err(|miss| miss.after(format!("{doing}; then a small request of another")))?;
    crowd
        .go_on(Goal::Answer, arena.trial.patience)
        .map_err(|miss| miss.after(format!("{doing}; then each the rest of it")))
}

/// The largest content that the server accepts, nearly.
fn largest_accepted(server: &Server<'_>, patience: Duration) -> Outcome<usize> {
    if is_accepted(server, LARGEST, patience)? {
        return Ok(LARGEST);
    }
    // As much was accepted in the row about many clients, on which this one rests.
    let mut accepted = LARGER_THAN_A_READ;
    let mut refused = LARGEST;
    while refused - accepted > EXACTLY {
        let size = accepted.midpoint(refused);
        if is_accepted(server, size, patience)? {
            accepted = size;
        } else {
            refused = size;
        }
    }
    Ok(accepted)
}

/// True if the right answer comes to a content of this size.
fn is_accepted(server: &Server<'_>, size: usize, patience: Duration) -> Outcome<bool> {
    let mut member = Member::join(server, 0, size)?;
    let peer = &mut member.peer;
    peer.send(&member.piece)?;
    if !peer.hears_within(REFUSAL) {
        for start in (0..size).step_by(PIECE) {
            let piece = pattern(start, PIECE.min(size - start));
            // What isn't taken is refused, and why can still be heard.
            if peer.stream.write_all(&piece).is_err() {
                break;
            }
        }
    }
    ensure(peer.hears_within(patience), || {
        let doing = format!("a message with a content of {}", n_bytes(size));
        Miss::fails(
            doing,
            "an answer, or an error",
            format!("nothing for {}", span(patience)),
        )
    })?;
    // In which form it refuses is the affair of other rows.
    let answer = peer.receive_message();
    Ok(answer.is_ok_and(|answer| answer.content == about(&pattern(0, 10))))
}

/// How far the clients go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// The last byte isn't sent.
    LastByte,
    /// All is sent, and the answer heard.
    Answer,
}

/// Clients that don't wait for each other: whom the server lets in first finishes first.
struct Crowd<'a> {
    server: &'a Server<'a>,
    /// The server's memory before they came.
    memory: u64,
    /// Those without an answer.
    members: Vec<Member>,
}

impl<'a> Crowd<'a> {
    fn gather(server: &'a Server<'a>, memory: u64, size: usize) -> Outcome<Self> {
        let members = (0..N_CLIENTS).map(|number| {
            let member = Member::join(server, number, size)?;
            let nonblocking = member.peer.stream.set_nonblocking(true);
            nonblocking.map_err(|error| Miss::own_trouble("cannot set socket options", &error))?;
            Ok(member)
        });
        Ok(Self {
            server,
            memory,
            members: members.collect::<Outcome<_>>()?,
        })
    }

    /// Goes on with all of them, until nothing has moved for `quiet`. If they go for
    /// an answer, each must have got it.
    fn go_on(&mut self, goal: Goal, quiet: Duration) -> Outcome {
        let begin = Instant::now();
        let (mut last_move, mut last_look) = (begin, begin);
        let mut growth = self.check_memory()?;
        let mut is_busy = false;
        let longest = |is_busy| if is_busy { BUSY_FACTOR * quiet } else { quiet };
        while !self.members.is_empty() && last_move.elapsed() < longest(is_busy) {
            if begin.elapsed() > LONGEST {
                let reason = format!(
                    "{N_CLIENTS} contents took {}: too slow a server",
                    span(LONGEST)
                );
                return Err(Miss::not_judged(reason));
            }
            let mut has_moved = self.turn(goal)?;
            if last_look.elapsed() > LOOK_INTERVAL {
                let now = self.check_memory()?;
                is_busy = self.server.process()?.tree().is_busy();
                has_moved |= now > growth + STANDSTILL;
                growth = growth.max(now);
                last_look = Instant::now();
            }
            if has_moved {
                last_move = Instant::now();
            } else {
                thread::park_timeout(Duration::from_millis(2));
            }
        }
        self.check_memory()?;
        let n_answered = N_CLIENTS - self.members.len();
        ensure(goal == Goal::LastByte || self.members.is_empty(), || {
            let came = format!(
                "{n_answered} answers, then nothing moves for {}",
                span(quiet)
            );
            Miss::fails("", format!("{N_CLIENTS} answers"), came)
        })
    }

    /// One step of each; true if anything moved.
    fn turn(&mut self, goal: Goal) -> Outcome<bool> {
        let mut has_moved = false;
        let mut waiting = Vec::with_capacity(self.members.len());
        for mut member in self.members.drain(..) {
            let is_sent = member.send(goal);
            // After an error there is only the answer, or its want, to be told.
            if is_sent.is_err() || member.hears() {
                member.hear()?;
                has_moved = true;
                continue;
            }
            has_moved |= is_sent.is_ok_and(|n_sent| n_sent > 0);
            waiting.push(member);
        }
        self.members = waiting;
        Ok(has_moved)
    }

    /// By how much the server's memory has grown.
    fn check_memory(&self) -> Outcome<u64> {
        let growth = self.server.usage()?.memory.saturating_sub(self.memory);
        ensure(growth <= ALLOWED, || {
            let n_taken: usize = self.members.iter().map(|member| member.n_taken).sum();
            let expected = format!("the server's memory grows by at most {} MiB", ALLOWED >> 20);
            let came = format!(
                "it had grown by {} MiB when {} MiB were on their way",
                growth >> 20,
                n_taken >> 20
            );
            Miss::fails("", expected, came)
        })?;
        Ok(growth)
    }
}

/// A client inside its message.
struct Member {
    peer: Peer,
    /// The place in the pattern at which its content begins: each has its own answer.
    start: usize,
    size: usize,
    /// How much of the content was made into pieces.
    n_made: usize,
    /// The header, then pieces of the content.
    piece: Vec<u8>,
    /// How much of the piece was taken.
    n_piece: usize,
    /// How much was taken in all.
    n_taken: usize,
}

impl Member {
    fn join(server: &Server<'_>, start: usize, size: usize) -> Outcome<Self> {
        let peer = server.connect()?;
        // With another buffer the row is heavier for the system, and no other.
        let _ = SockRef::from(&peer.stream).set_send_buffer_size(SEND_BUFFER);
        let length = size.to_string();
        let header = header(byte_order(), CLIENT_BINARY, "binary", &length, "");
        Ok(Self {
            peer,
            start,
            size,
            n_made: 0,
            piece: frame(&header, b""),
            n_piece: 0,
            n_taken: 0,
        })
    }

    /// Sends a piece, as far as it is taken. Returns how much that was.
    fn send(&mut self, goal: Goal) -> Result<usize, std::io::Error> {
        if self.n_piece == self.piece.len() {
            let end = match goal {
                Goal::LastByte => self.size - 1,
                Goal::Answer => self.size,
            };
            let length = PIECE.min(end - self.n_made);
            self.piece = pattern(self.start + self.n_made, length);
            self.n_made += length;
            self.n_piece = 0;
        }
        if self.piece.is_empty() {
            return Ok(0);
        }
        match self.peer.stream.write(&self.piece[self.n_piece..]) {
            Ok(n) => {
                self.n_piece += n;
                self.n_taken += n;
                Ok(n)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// True if an answer, or the end, is there.
    fn hears(&self) -> bool {
        let peeked = self.peer.stream.peek(&mut [0]);
        !peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Expects the answer. It may come early: ten bytes of the content are enough for it.
    fn hear(&mut self) -> Outcome {
        let blocking = self.peer.stream.set_nonblocking(false);
        blocking.map_err(|error| Miss::own_trouble("cannot set socket options", &error))?;
        let response = self.peer.receive_message()?;
        let expected = about(&pattern(self.start, 10));
        ensure(response.content == expected, || {
            let expected = format!("a response with the content {}", shown(&expected));
            Miss::fails("", expected, shown(&response.content))
        })
    }
}
