//! Help and wrong usage.

use test_support::usage::{check_screen, check_unresolvable, check_wrong, run};

const SERVER: &str = env!("CARGO_BIN_EXE_app-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_app-client");

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    for program in [SERVER, CLIENT] {
        check_screen(program, &["-h"]);
        check_screen(program, &["--help"]);
    }
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    check_wrong(SERVER, &["127.0.0.1", "65536"], "65536");
    check_wrong(SERVER, &["--max-content", "-1"], "-1");
    check_wrong(SERVER, &["--keep-alive-max", "0"], "--keep-alive-max");
    check_wrong(SERVER, &["--header-timeout", "soon"], "expected seconds");
    check_wrong(CLIENT, &["127.0.0.1"], "<PORT>");
    check_wrong(CLIENT, &["127.0.0.1", "1"], "<ACTION>");
    check_wrong(CLIENT, &["127.0.0.1", "1", "search"], "<VALUE>");
    check_wrong(
        CLIENT,
        &["127.0.0.1", "0", "search", "x"],
        "0 is not in 1..=65535",
    );
    let search = ["127.0.0.1", "1", "search", "x"];
    for (flags, named) in [
        (
            ["--encoding", "klingon"],
            "expected one of utf-8, ascii, latin-1",
        ),
        (["--byteorder", "middle"], "expected little or big"),
        (["--repeat", "0"], "--repeat"),
        (["--file", "y"], "--file"),
    ] {
        check_wrong(CLIENT, &[search.as_slice(), &flags].concat(), named);
    }
}

#[test]
fn what_cannot_be_asked_is_named() {
    for (arguments, named) in [
        (
            ["sum", "1,x"].as_slice(),
            "expected numbers from 0 to 4294967295",
        ),
        (&["sum", "4294967296"], "got \"4294967296\""),
        (&["search", "é", "--encoding", "ascii"], "ascii has no 'é'"),
        (
            &["search", "--file", "no/such/file"],
            "cannot read no/such/file: No such file",
        ),
    ] {
        let arguments = [&["127.0.0.1", "1"], arguments].concat();
        let (code, _, stderr) = run(CLIENT, &arguments);
        assert_eq!(code, Some(1));
        assert!(
            stderr.starts_with("error: ") && stderr.contains(named),
            "{stderr}"
        );
    }
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    check_unresolvable(SERVER);
    let (code, _, stderr) = run(CLIENT, &["no such host", "1", "search", "x"]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("error: cannot resolve \"no such host\""),
        "{stderr}"
    );
}

#[test]
fn a_file_of_values_that_is_missing_is_named() {
    let (code, _, stderr) =
        run(SERVER, &["127.0.0.1", "0", "--values", "no/such/file"]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("error: cannot read no/such/file: "),
        "{stderr}"
    );
}
