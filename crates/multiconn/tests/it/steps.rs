//! The small steps: each breaks the rows that its header names, and holds all others;
//! which is also how we know that the rows can fail.

use std::path::Path;

use test_support::{Target, echo_rows, multiconn_rows};

type Row = fn(&Target, &str) -> anyhow::Result<()>;

/// All rows of an echo server for many clients.
const ROWS: [(&str, Row); 20] = [
    ("E-01", echo_rows::e_01),
    ("E-02", echo_rows::e_02),
    ("E-03", echo_rows::e_03),
    ("E-04", echo_rows::e_04),
    ("E-05", echo_rows::e_05),
    ("E-06", echo_rows::e_06),
    ("E-07", echo_rows::e_07),
    ("E-08", echo_rows::e_08),
    ("E-09", echo_rows::e_09),
    ("M-01", multiconn_rows::m_01),
    ("M-02", multiconn_rows::m_02),
    ("M-03", multiconn_rows::m_03),
    ("M-04", multiconn_rows::m_04),
    ("M-05", multiconn_rows::m_05),
    ("M-06", multiconn_rows::m_06),
    ("M-07", multiconn_rows::m_07),
    ("M-08", multiconn_rows::m_08),
    ("M-09", multiconn_rows::m_09),
    ("M-11", multiconn_rows::m_11),
    ("M-13", multiconn_rows::m_13),
];

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
    let target = Target::new(Path::new(program), &[]);
    // Or every row would seem to be broken.
    target.start("127.0.0.1").unwrap();
    let n_named = source.matches("\n//! - ").count();
    let mut n_broken = 0;
    for (name, row) in ROWS {
        let claim = claim(source, name);
        if claim == Claim::BreaksOnABadDay {
            continue; // Nothing that it does today would prove anything.
        }
        let result = row(&target, "127.0.0.1");
        let is_broken = claim == Claim::Breaks;
        assert_eq!(result.is_err(), is_broken, "{program}, {name}: {result:?}");
        n_broken += usize::from(is_broken);
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
