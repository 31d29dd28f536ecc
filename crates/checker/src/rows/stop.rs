//! Row M-13: a server that is told to stop.

use std::time::Duration;

use super::many::MORE_THAN_ANY_BUFFER;
use crate::arena::{Arena, Server};
use crate::bytes::pattern;
use crate::outcome::{Miss, Outcome, ensure};
use crate::row::{Level, Row};
use crate::span::span;
use crate::speech::{Speech, about};
use crate::system::Signal;

pub(super) const ROWS: &[Row] = &[Row {
    id: "M-13",
    level: Level::Production,
    is_timed: true,
    needs: &["M-06"],
    title: "told to stop, it answers what came, ends in order, with 0",
    cause: "SIGTERM isn't handled, or the connections are closed with work undone",
    check: stops,
    ..Row::PLAIN
}];

/// What the row gives beyond the drain deadline.
const GRACE: Duration = Duration::from_secs(2);

fn stops(arena: &Arena<'_>) -> Outcome {
    arena.needs_process()?;
    let once = [Signal::Terminate, Signal::Interrupt].map(|signal| stops_in_order(arena, signal));
    let twice = stops_at_once_when_told_twice(arena);
    Miss::together(once.into_iter().chain([twice]))
}

fn stops_in_order(arena: &Arena<'_>, signal: Signal) -> Outcome {
    let server = arena.serve()?;
    let mut idle = server.connect()?;
    idle.round_trip(b"served before")?;
    let mut busy = server.connect()?;
    busy.round_trip(b"served before")?;
    // Under 64 KiB with its header: a system takes that much without the server.
    let payload = pattern(0, 60_000);
    // Both the bytes and the signal are there when the server goes on.
    server.signal(Signal::Stop)?;
    busy.say(&payload)?;
    server.signal(signal)?;
    server.signal(Signal::Continue)?;
    let doing = format!("60,000 bytes, then the signal {signal:?}");
    let answered = match arena.trial.speech() {
        Speech::Echo => busy.expect(&payload),
        Speech::Messages => busy.expect_content(&about(&payload)),
    };
    let ended = answered.and_then(|()| busy.expect_end());
    ended.map_err(|miss| miss.after(&doing))?;
    let ended = idle.expect_end();
    ended.map_err(|miss| miss.after(format!("nothing on an idle connection; {signal:?}")))?;
    ensure(is_refused(&server)?, || {
        Miss::fails(&doing, "newcomers are refused", "one was accepted")
    })?;
    drop((busy, idle));
    let limit = arena.trial.drain_deadline + GRACE;
    let expected = format!("exit status 0 within {}", span(limit));
    match server.status(limit)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Miss::fails(doing, expected, format!("it ended ({status})"))),
        None => Err(Miss::fails(doing, expected, "it goes on")),
    }
}

fn stops_at_once_when_told_twice(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut stuck = server.connect()?;
    stuck.round_trip(b"served before")?;
    // Full in both directions, so that the server has output to wait for.
    stuck.offer(MORE_THAN_ANY_BUFFER, Duration::from_millis(500))?;
    server.signal(Signal::Terminate)?;
    wait_until_it_refuses(arena, &server)?;
    let doing = "more than is read, SIGTERM, and then SIGTERM again";
    // Whether it waited for its client or not: after the second signal it is gone.
    if server.status(Duration::ZERO)?.is_none() {
        server.signal(Signal::Terminate)?;
    }
    let ended = server.status(GRACE)?;
    ensure(ended.is_some(), || {
        Miss::fails(doing, "it ends at once", "it goes on")
    })
}

/// True if a newcomer isn't accepted.
fn is_refused(server: &Server<'_>) -> Outcome<bool> {
    match server.connect() {
        Ok(_) => Ok(false),
        Err(Miss::Fails(_)) => Ok(true),
        Err(not_judged) => Err(not_judged),
    }
}

/// The first signal has arrived when newcomers are refused.
fn wait_until_it_refuses(arena: &Arena<'_>, server: &Server<'_>) -> Outcome {
    let deadline = std::time::Instant::now() + arena.trial.patience;
    while !is_refused(server)? {
        ensure(std::time::Instant::now() < deadline, || {
            Miss::fails("SIGTERM", "newcomers are refused", "they are accepted")
        })?;
        std::thread::park_timeout(Duration::from_millis(5));
    }
    Ok(())
}
