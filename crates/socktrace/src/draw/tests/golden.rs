//! Whole drawings of small traces.

use super::*;

#[track_caller]
fn check(trace: &str, options: Options, expected: &str) {
    let drawing = drawn(trace, options);
    // Git may give a file the line ends of its platform.
    let expected = expected.replace('\r', "");
    assert!(
        drawing == expected,
        "drawn:\n{drawing}\nexpected:\n{expected}"
    );
}

#[test]
fn an_echo() {
    let expected = include_str!("../../../tests/fixtures/echo.txt");
    check(ECHO, Options::default(), expected);
}

#[test]
fn an_echo_in_ascii_on_a_narrow_terminal() {
    let options = Options {
        width: 60,
        ascii: true,
        ..Options::default()
    };
    let expected = include_str!("../../../tests/fixtures/echo-narrow.txt");
    check(ECHO, options, expected);
}

#[test]
fn a_server_with_readiness_and_messages() {
    let expected = include_str!("../../../tests/fixtures/app.txt");
    check(APP, Options::default(), expected);
}

#[test]
fn a_server_that_never_waits() {
    let expected = include_str!("../../../tests/fixtures/busy.txt");
    check(BUSY, Options::default(), expected);
}

#[test]
fn bytes_that_would_play_with_the_terminal() {
    let expected = include_str!("../../../tests/fixtures/hostile.txt");
    check(HOSTILE, Options::default(), expected);
}
