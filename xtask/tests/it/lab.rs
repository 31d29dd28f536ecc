//! `lab` hands on what was typed, and what the experiment's status is.

use crate::finish;

#[test]
fn the_experiments_are_listed_and_run() {
    let (code, stdout, stderr) = finish(&["lab"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("\n  stream "), "{stdout}");
    let (code, stdout, stderr) = finish(&["lab", "stream"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("stream: "), "{stdout}");
    assert!(
        stdout.contains("\nchapter: docs/src/stream.md\n"),
        "{stdout}"
    );
}

#[test]
fn an_experiment_that_isn_t_there_is_wrong_usage() {
    let (code, _, stderr) = finish(&["lab", "nonsense"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("'nonsense'"), "{stderr}");
}
