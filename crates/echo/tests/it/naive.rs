//! The naive pair: it breaks the rows that its headers and these tests name, and holds
//! the rest.

use checker::{Failure, Miss, Side, Stage, Subject, Trial};

/// The rows that a program breaks, and how.
#[track_caller]
fn broken(side: Side, program: &str) -> Vec<(&'static str, Failure)> {
    let program = Subject::command(&[program, "{host}", "{port}"]);
    let mut trial = Trial::new(Stage::Echo, side, program);
    // The client sends its standard input without being told to.
    trial.stdin = Some(Vec::new());
    let misses = trial
        .check_all()
        .into_iter()
        .filter_map(|(row, result)| Some((row.id, result.err()?)));
    misses
        .map(|(row, miss)| match miss {
            Miss::Fails(failure) => (row, failure),
            Miss::NotJudged(reason) => panic!("{row}: {reason}"),
        })
        .collect()
}

#[test]
fn the_server_breaks_e_09_and_no_other_row() {
    let broken = broken(Side::Server, env!("CARGO_BIN_EXE_naive_server"));
    let rows: Vec<&str> = broken.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows, ["E-09"], "{broken:#?}");
}

#[test]
fn the_client_breaks_e_12_to_e_15_and_holds_e_11() {
    let mut broken = broken(Side::Client, env!("CARGO_BIN_EXE_naive_client"));
    broken.sort_by_key(|(row, _)| *row);
    let rows: Vec<&str> = broken.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows, ["E-12", "E-13", "E-14", "E-15"], "{broken:#?}");
    // Both ends send, and neither reads.
    let deadlock = &broken[3].1.came;
    assert!(deadlock.starts_with("neither side reads: "), "{deadlock}");
}
