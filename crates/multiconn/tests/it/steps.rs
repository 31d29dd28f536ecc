//! The small steps: each serves, and breaks the rows that its header names, which
//! is also how we know that the rows can fail.

use std::{env, fs};

use test_support::{Target, echo_rows, multiconn_rows};

type Row = fn(&Target, &str) -> anyhow::Result<()>;

/// Without E-03 and M-11, which `readiness` breaks on some days only.
const ROWS: [(&str, Row); 13] = [
    ("E-01", echo_rows::e_01),
    ("E-02", echo_rows::e_02),
    ("E-04", echo_rows::e_04),
    ("E-06", echo_rows::e_06),
    ("E-07", echo_rows::e_07),
    ("M-01", multiconn_rows::m_01),
    ("M-02", multiconn_rows::m_02),
    ("M-07", multiconn_rows::m_07),
    ("M-04", multiconn_rows::m_04),
    ("M-05", multiconn_rows::m_05),
    ("M-06", multiconn_rows::m_06),
    ("M-08", multiconn_rows::m_08),
    ("M-13", multiconn_rows::m_13),
];

/// Checks that `step` breaks exactly those of the rows that its header names.
#[track_caller]
fn check(step: &str, program: &str) {
    let target = Target::new(program, &[]);
    // Or every row would seem to be broken.
    target.start("127.0.0.1").unwrap();
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap();
    let source = fs::read_to_string(format!("{folder}/examples/{step}.rs")).unwrap();
    for (name, row) in ROWS {
        let is_named = source.contains(&format!("//! - {name}: "));
        let result = row(&target, "127.0.0.1");
        assert_eq!(result.is_err(), is_named, "{step}, {name}: {result:?}");
    }
    let n_named = source.matches("\n//! - ").count();
    let n_known = ROWS
        .iter()
        .filter(|(name, _)| source.contains(&format!("//! - {name}: ")))
        .count();
    assert_eq!(n_named, n_known, "{step} names a row that is not checked");
}

#[test]
fn threads_breaks_what_it_says() {
    check("threads", env!("CARGO_BIN_EXE_threads"));
}

#[test]
fn nonblocking_breaks_what_it_says() {
    check("nonblocking", env!("CARGO_BIN_EXE_nonblocking"));
}

#[test]
fn readiness_breaks_what_it_says() {
    check("readiness", env!("CARGO_BIN_EXE_readiness"));
}
