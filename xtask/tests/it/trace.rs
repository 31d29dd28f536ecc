//! `trace` and `step` hand on what was typed.

use std::path::Path;

use crate::finish;

/// A program that stands beside `xtask`.
fn program(name: &str) -> String {
    let path = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn commands_after_two_hyphens_reach_the_tracer() {
    // One after the other, as a learner would: the programs are built by the first.
    let (code, stdout, stderr) = finish(&["trace", "echo", "--only", "client,connect"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("connect("), "{stdout}");
    let (code, stdout, stderr) = finish(&[
        "trace",
        "--",
        &program("echo-server"),
        "127.0.0.1",
        "0",
        "::",
        &program("echo-client"),
        "{host}",
        "{port}",
        "--message",
        "as it was typed",
    ]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("\"as it was typed\""), "{stdout}");
}
