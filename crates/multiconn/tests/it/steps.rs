//! The small steps: each breaks the rows that its header names, and holds all others;
//! which is also how we know that the rows can fail.

use checker::{Miss, Side, Stage, Subject, Trial};

/// What a step's header says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Holds,
    Breaks,
    BreaksOnABadDay,
}

/// Reads the header in `source`, where a line for each row that it always breaks begins
/// with its name, and a last paragraph is about bad days.
fn claim(source: &str, row: &str) -> Claim {
    let header: String = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .collect();
    let (always, on_a_bad_day) =
        header.split_once("on a bad day").unwrap_or((&header, ""));
    if always.contains(&format!("- {row}: ")) {
        Claim::Breaks
    } else if on_a_bad_day.contains(row) {
        Claim::BreaksOnABadDay
    } else {
        Claim::Holds
    }
}

/// Checks that the step of `source` breaks exactly the rows that it says.
#[track_caller]
fn check(program: &str, source: &str) {
    let server = Subject::command(&[program, "{host}", "{port}"]);
    let trial = Trial::new(Stage::Multiconn, Side::Server, server);
    let n_named = source.matches("\n//! - ").count();
    let mut n_broken = 0;
    for (row, result) in trial.check_all() {
        let claim = claim(source, row.id);
        let is_as_claimed = match claim {
            Claim::Breaks => matches!(result, Err(Miss::Fails(_))),
            Claim::Holds => result.is_ok(),
            // Nothing that it does today would prove anything.
            Claim::BreaksOnABadDay => true,
        };
        assert!(is_as_claimed, "{program}, {}: {result:?}", row.id);
        n_broken += usize::from(claim == Claim::Breaks);
    }
    assert_eq!(n_broken, n_named, "{program} names a row that there isn't");
}

#[test]
fn threads_breaks_what_it_says() {
    let source = include_str!("../../examples/threads.rs");
    check(env!("CARGO_BIN_EXE_threads"), source);
}

#[test]
fn nonblocking_breaks_what_it_says() {
    let source = include_str!("../../examples/nonblocking.rs");
    check(env!("CARGO_BIN_EXE_nonblocking"), source);
}

#[test]
fn readiness_breaks_what_it_says() {
    let source = include_str!("../../examples/readiness.rs");
    check(env!("CARGO_BIN_EXE_readiness"), source);
}

#[test]
fn backpressure_breaks_what_it_says() {
    let source = include_str!("../../examples/backpressure.rs");
    check(env!("CARGO_BIN_EXE_backpressure"), source);
}

#[test]
fn robust_breaks_nothing() {
    let source = include_str!("../../examples/robust.rs");
    check(env!("CARGO_BIN_EXE_robust"), source);
}
