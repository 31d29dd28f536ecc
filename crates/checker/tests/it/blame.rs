//! Good programs that are easily blamed for what isn't their doing, and bad ones
//! whose cause is easily mistaken.

use test_support::require_tool;

use crate::checker::{checker, complaints, finish};

/// Judges `row` of the command; its verdict, and what was told of it.
#[track_caller]
fn judged(judged: &str, row: &str, command: &str) -> (String, String) {
    let run = finish(checker(&format!(
        "{judged} --format json --timeout 2 --only {row} -- {command}"
    )));
    let verdicts = run.verdicts();
    let told = complaints(&verdicts);
    (verdicts[row].0.clone(), told)
}

#[track_caller]
fn check_holds(stage: &str, row: &str, command: &str) {
    let (verdict, told) = judged(stage, row, command);
    assert_eq!(verdict, "holds", "{told}");
}

#[test]
fn a_heap_that_finds_its_size_is_no_leak() {
    if require_tool("node") {
        check_holds("multiconn", "M-09", "node blame/echo.js {host} {port}");
    }
}
