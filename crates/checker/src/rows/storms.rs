//! Row M-09: storms of connections, and what each leaves behind.

use std::thread;
use std::time::{Duration, Instant};

use crate::arena::{Arena, Server};
use crate::outcome::{Miss, Outcome, ensure};
use crate::span::span;

const KIBIBYTE: u64 = 1024;

/// How many connections a storm has.
const N: usize = 5_000;

/// What a storm may add without being seen as growth: pages come and go.
const NEXT_TO_NOTHING: u64 = 1024 * KIBIBYTE;

/// A heap with a garbage collector has found its size by then.
const MAX_STORMS: usize = 8;

/// So many storms that add the same, to a tenth, are no heap that finds its size.
const N_EVEN: usize = 4;

/// A server that starts a program for each connection is too slow for a storm.
const LONGEST_STORM: Duration = Duration::from_secs(30);

/// No further storm is begun after this.
const LONGEST: Duration = Duration::from_secs(60);

pub(super) fn storms(arena: &Arena<'_>) -> Outcome {
    arena.needs_process()?;
    let server = arena.serve()?;
    server.connect()?.round_trip(b"warm")?;
    let baseline = settled(&server)?;
    let begin = Instant::now();
    let mut highest = 0;
    let mut growths = Vec::new();
    for number in 1..=MAX_STORMS {
        storm(&server, N)?;
        let after = fallen_to(&server, baseline)?;
        ensure(after <= baseline, || {
            let doing = format!("{N} connections, opened and closed, half of them by a reset");
            let expected = format!("within 2 s the {baseline} open files of before");
            Miss::fails(doing, expected, format!("{after} open files"))
        })?;
        let memory = server.usage()?.memory;
        if number > 1 {
            growths.push(memory.saturating_sub(highest));
        }
        highest = highest.max(memory);
        match trend(&growths) {
            Trend::LevelsOff => return Ok(()),
            Trend::Leaks => break,
            Trend::Open if begin.elapsed() > LONGEST => break,
            Trend::Open => {}
        }
    }
    let each: Vec<_> = growths.iter().map(|n| (n / KIBIBYTE).to_string()).collect();
    let came = format!("each added more, in KiB: {}", each.join(", "));
    let doing = format!("{} storms of {N} connections each", growths.len() + 1);
    // Growth that grows less and less may yet end.
    let is_leak = growths.len() >= 2 && is_within(&growths, 2);
    ensure(is_leak, || Miss::not_judged(format!("{doing}: {came}")))?;
    Err(Miss::fails(
        doing,
        "memory levels off: one of them adds at most 1 MiB to that after the first",
        came,
    ))
}

/// What the memory that each further storm added tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trend {
    LevelsOff,
    Leaks,
    Open,
}

fn trend(growths: &[u64]) -> Trend {
    match growths.last() {
        Some(last) if *last <= NEXT_TO_NOTHING => Trend::LevelsOff,
        Some(_) if growths.len() >= N_EVEN && is_even(growths) => Trend::Leaks,
        _ => Trend::Open,
    }
}

/// True if all are the same, to a tenth.
fn is_even(growths: &[u64]) -> bool {
    let least = growths.iter().min().copied().unwrap_or(0);
    growths.iter().all(|growth| *growth <= least + least / 10)
}

/// True if none is more than `factor` times another.
fn is_within(growths: &[u64], factor: u64) -> bool {
    let least = growths.iter().min().copied().unwrap_or(0);
    growths.iter().all(|growth| *growth <= least * factor)
}

/// How many files are open once the first connection is surely gone.
fn settled(server: &Server<'_>) -> Outcome<usize> {
    let mut lowest = server.usage()?.n_descriptors;
    let end = Instant::now() + Duration::from_millis(200);
    while Instant::now() < end {
        thread::park_timeout(Duration::from_millis(10));
        lowest = lowest.min(server.usage()?.n_descriptors);
    }
    Ok(lowest)
}

/// How many files are open when they are down to `baseline`, or after 2 s.
fn fallen_to(server: &Server<'_>, baseline: usize) -> Outcome<usize> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        let now = server.usage()?.n_descriptors;
        if now <= baseline || Instant::now() > deadline {
            return Ok(now);
        }
        thread::park_timeout(Duration::from_millis(10));
    }
}

/// Every second one is ended by a reset, every fourth without a byte.
fn storm(server: &Server<'_>, n_connections: usize) -> Outcome {
    let begin = Instant::now();
    for number in 0..n_connections {
        if begin.elapsed() > LONGEST_STORM {
            let reason = format!(
                "{number} connections took {}: too slow a server",
                span(LONGEST_STORM)
            );
            return Err(Miss::not_judged(reason));
        }
        let mut peer = server.connect()?;
        if number % 4 != 0 {
            peer.round_trip(b"in and out")?;
        }
        if number % 2 == 0 {
            peer.reset();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(growths: &[u64], expected: Trend) {
        let growths: Vec<u64> = growths.iter().map(|n| n * KIBIBYTE).collect();
        assert_eq!(trend(&growths), expected);
    }

    #[test]
    fn only_even_growth_is_a_leak() {
        check(&[], Trend::Open);
        check(&[9_000, 1_024], Trend::LevelsOff);
        check(&[10_000, 10_200, 10_100], Trend::Open);
        check(&[10_000, 10_200, 10_100, 10_050], Trend::Leaks);
        check(&[10_000, 8_000, 6_000, 3_000], Trend::Open);
    }
}
