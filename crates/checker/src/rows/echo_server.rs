//! Rows E-01 to E-07: bytes sent to a server, and what comes back.

use std::time::Duration;

use crate::arena::{Arena, Server};
use crate::bytes::pattern;
use crate::outcome::{Miss, Outcome, ensure};
use crate::row::{Level, Row};
use crate::system::said;

/// More than both systems' buffers take for one connection.
const LARGE: usize = 8 << 20;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "E-01",
        is_guide: true,
        title: "what is sent comes back: text, all byte values, zeros",
        cause: "bytes go through text, or stop at a zero byte or at the end of a line",
        check: every_byte_value,
        ..Row::PLAIN
    },
    Row {
        id: "E-02",
        is_guide: true,
        needs: &["E-01"],
        title: "when the client has finished, all comes back, then the end",
        cause: "a read of 0 bytes isn't taken for the end, or the socket isn't closed then",
        check: end_after_everything,
        ..Row::PLAIN
    },
    Row {
        id: "E-03",
        needs: &["E-01"],
        title: "8 MiB come back whole while the client reads and writes",
        cause: "a write may take less than it was given: the rest has to be kept and sent",
        check: large_payload,
        ..Row::PLAIN
    },
    Row {
        id: "E-04",
        needs: &["E-01"],
        title: "bytes sent one at a time all come back",
        cause: "one read is taken for all that the client sends: read until the end",
        check: byte_by_byte,
        ..Row::PLAIN
    },
    Row {
        id: "E-05",
        level: Level::Robust,
        needs: &["E-01"],
        title: "the client half-closes right after sending: all comes back",
        cause: "the end of input is taken for the end of the connection",
        check: half_close,
        ..Row::PLAIN
    },
    Row {
        id: "E-06",
        level: Level::Robust,
        needs: &["E-01"],
        title: "a client that leaves without a byte does no harm",
        cause: "an empty read, or an error at the socket, ends the whole program",
        check: leave_at_once,
        ..Row::PLAIN
    },
    Row {
        id: "E-07",
        level: Level::Robust,
        needs: &["E-01"],
        title: "a client that resets in the middle does no harm",
        cause: "an error at one connection (ECONNRESET, EPIPE) isn't caught where it belongs",
        check: reset_in_the_middle,
        ..Row::PLAIN
    },
];

fn every_byte_value(arena: &Arena<'_>) -> Outcome {
    let all_values: Vec<u8> = (0..=255).collect();
    let lines = b" two\r\nlines, and spaces behind \n ";
    for payload in ["Hello, world 🐶".as_bytes(), lines, &all_values, &[0; 500]] {
        arena.serve()?.connect()?.round_trip(payload)?;
    }
    Ok(())
}

fn end_after_everything(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut peer = server.connect()?;
    let payload = pattern(0, 1024);
    peer.send(&payload)?;
    peer.expect(&payload)?;
    peer.half_close()?;
    peer.expect_end()
}

fn large_payload(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    // With little room here, a write there is sure to be taken only in part.
    server.connect_narrow()?.exchange_all(&pattern(0, LARGE))
}

fn byte_by_byte(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut peer = server.connect()?;
    let payload = pattern(1, 300);
    for byte in payload.chunks(1) {
        peer.send(byte)?;
    }
    peer.expect(&payload)?;
    // And each by itself, so that the server surely reads more than once.
    for byte in payload.chunks(1) {
        peer.round_trip(byte)?;
    }
    Ok(())
}

fn half_close(arena: &Arena<'_>) -> Outcome {
    for length in [1, 1_000, 64 * 1024] {
        let server = arena.serve()?;
        let mut peer = server.connect()?;
        let payload = pattern(0, length);
        peer.send(&payload)?;
        peer.half_close()?;
        peer.expect(&payload)?;
        peer.expect_end()?;
    }
    // The end of input comes while a slow reader is behind.
    let server = arena.serve()?;
    let slow = server.connect_narrow()?.slow_down();
    slow.exchange_all(&pattern(0, LARGE))
}

fn leave_at_once(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    drop(server.connect()?);
    check_unharmed(&server, "a connection, closed without a byte")
}

fn reset_in_the_middle(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut peer = server.connect()?;
    peer.round_trip(b"so far, so good")?;
    // As much as the server takes: one that is busy writing may take less.
    peer.send_what_is_taken(&pattern(0, 100_000));
    peer.reset();
    check_unharmed(&server, "100,000 bytes, then a reset (RST)")?;
    // And while the server is sure to be writing: nothing of it is read.
    let server = arena.serve()?;
    let mut peer = server.connect_narrow()?;
    peer.round_trip(b"so far, so good")?;
    peer.offer(LARGE, Duration::from_millis(500))?;
    peer.reset();
    check_unharmed(
        &server,
        "bytes until no more are taken, none read back, then a reset (RST)",
    )
}

/// Checks that the server still does its work, or has ended as it should when its one
/// client is gone: status 0 or 1, at most one line on standard error, no panic.
fn check_unharmed(server: &Server<'_>, after: &str) -> Outcome {
    let served = server
        .connect()
        .and_then(|mut peer| peer.round_trip(b"are you there?"));
    let Err(miss @ Miss::Fails(_)) = served else {
        return served;
    };
    let Ok(process) = server.process() else {
        return Err(Miss::fails(after, "the next client is served", "it is not"));
    };
    let expected = "it serves the next client, or ends with status 0 or 1 and at most one line \
                    on standard error";
    let Some(status) = process.status(server.arena.trial.patience) else {
        return Err(miss.after(format!("{after}; then the next client's bytes")));
    };
    let stderr = server.arena.trial.foreign.own_words(process);
    let is_clean = matches!(status.code(), Some(0 | 1)) && stderr.lines().count() <= 1;
    ensure(is_clean, || {
        let came = format!("it ended ({status}){}", said(&stderr, ""));
        Miss::fails(after, expected, came)
    })
}
