//! The small steps: each breaks the rows that its header names, and holds all others;
//! which is also how we know that the rows can fail.

use std::thread;

use checker::{Miss, Row, Side, Stage, Subject, Trial, rows};

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
    let rows = rows(Stage::Multiconn, Side::Server);
    let n_named = source.matches("\n//! - ").count();
    let n_known = rows
        .iter()
        .filter(|row| claim(source, row.id) == Claim::Breaks);
    assert_eq!(n_known.count(), n_named, "it names a row that there isn't");
    // Most of them wait for the server, or for time to pass.
    let wrong: Vec<String> = thread::scope(|scope| {
        let check = |row: &'static Row| contradiction(&trial, source, row);
        let checks: Vec<_> = rows
            .iter()
            .map(|row| scope.spawn(move || check(row)))
            .collect();
        let results = checks.into_iter().map(|check| check.join().unwrap());
        results.flatten().collect()
    });
    assert!(wrong.is_empty(), "{program}\n{}", wrong.join("\n"));
}

/// What is otherwise than the header in `source` says, if it is.
fn contradiction(trial: &Trial, source: &str, row: &Row) -> Option<String> {
    let claim = claim(source, row.id);
    if claim == Claim::BreaksOnABadDay {
        return None; // Nothing that it does today would prove anything.
    }
    let result = trial.check(row, None);
    let is_as_claimed = match claim {
        Claim::Breaks => matches!(result, Err(Miss::Fails(_))),
        _ => result.is_ok(),
    };
    (!is_as_claimed).then(|| format!("{}: {result:?}", row.id))
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
