//! Help and wrong usage.

use test_support::usage::{check_screen, check_wrong, run};

use crate::command::LOAD;

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    for arguments in [
        &["-h"][..],
        &["--help"],
        &["echo", "-h"],
        &["echo", "--help"],
        &["app-protocol", "-h"],
        &["app-protocol", "--help"],
    ] {
        check_screen(LOAD, arguments);
    }
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    check_wrong(LOAD, &[], "Usage: load <COMMAND>");
    check_wrong(LOAD, &["multiconn"], "multiconn");
    let echo = |arguments: &[&str], named| {
        check_wrong(
            LOAD,
            &[&["echo", "127.0.0.1", "1"], arguments].concat(),
            named,
        );
    };
    echo(&["50"], "50");
    echo(&["--connections", "0"], "--connections");
    echo(&["--size", "0"], "--size");
    echo(&["--size", "67108865"], "--size");
    echo(&["--rate", "0"], "messages a second");
    echo(&["--rate", "NaN"], "messages a second");
    echo(&["--depth", "0"], "--depth");
    echo(&["--depth", "2", "--in-flight", "2"], "--in-flight");
    echo(&["--never-read", "--rate", "9"], "--never-read");
    echo(&["--push", "--rate", "9"], "--push");
    echo(&["--push", "--depth", "9"], "--push");
    echo(&["--push", "--in-flight", "9"], "--push");
    echo(&["--push", "--reconnect"], "--push");
    echo(&["--push", "--never-read"], "--push");
    echo(&["--duration", "soon"], "expected seconds");
    echo(&["--timeout", "inf"], "expected seconds");
    let ask = |arguments: &[&str], named| {
        let all = [&["app-protocol", "127.0.0.1", "1"], arguments].concat();
        check_wrong(LOAD, &all, named);
    };
    ask(&["search"], "<VALUE|--file <FILE>|--size <BYTES>>");
    ask(&["x", "y", "--size", "9"], "--size");
    ask(&["x", "y", "--file", "z"], "--file");
    ask(&["x", "--size", "9", "--file", "z"], "--file");
    ask(
        &["search", "x", "--encoding", "klingon"],
        "expected one of utf-8",
    );
    ask(
        &["search", "x", "--byteorder", "middle"],
        "expected little or big",
    );
}

#[test]
fn what_cannot_be_asked_is_named() {
    for (arguments, named) in [
        (&["sum", "1,x"][..], "expected numbers from 0 to 4294967295"),
        (&["search", "é", "--encoding", "ascii"], "ascii has no 'é'"),
        (
            &["search", "--file", "no/such/file"],
            "cannot read no/such/file: No such file",
        ),
    ] {
        let arguments = [&["app-protocol", "127.0.0.1", "1"], arguments].concat();
        let (code, stdout, stderr) = run(LOAD, &arguments);
        assert_eq!((code, stdout.as_str()), (Some(1), ""));
        assert!(
            stderr.starts_with("error: ") && stderr.contains(named),
            "{stderr}"
        );
    }
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    for protocol in ["echo", "app-protocol"] {
        let (code, _, stderr) = run(LOAD, &[protocol, "no such host", "1"]);
        assert_eq!(code, Some(1));
        let expected = "error: cannot resolve \"no such host\": ";
        assert!(stderr.starts_with(expected), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}
