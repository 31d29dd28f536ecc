//! What both programs promise, as the judge checks it: over IPv4 and over IPv6.

use checker::{Side, Stage, Subject, Trial};
use test_support::HOSTS;

#[track_caller]
fn check(mut trial: Trial, row: &str) {
    for host in HOSTS {
        trial.host = host.parse().unwrap();
        trial.assert_holds(row);
    }
}

/// The server, for one client and for one client after another.
#[track_caller]
fn check_server(row: &str) {
    const SERVER: &str = env!("CARGO_BIN_EXE_echo-server");
    for words in [
        &[SERVER, "{host}", "{port}"] as &[&str],
        &[SERVER, "{host}", "{port}", "--forever"],
    ] {
        let server = Subject::command(words);
        check(Trial::new(Stage::Echo, Side::Server, server), row);
    }
}

#[track_caller]
fn check_client(row: &str) {
    const CLIENT: &str = env!("CARGO_BIN_EXE_echo-client");
    let client = Subject::command(&[CLIENT, "{host}", "{port}"]);
    let mut trial = Trial::new(Stage::Echo, Side::Client, client);
    trial.stdin = Some(vec!["-".to_owned()]);
    check(trial, row);
}

#[test]
fn e_01_what_is_sent_comes_back() {
    check_server("E-01");
}

#[test]
fn e_02_all_comes_back_then_the_end() {
    check_server("E-02");
}

#[test]
fn e_03_a_large_payload_comes_back_whole() {
    check_server("E-03");
}

#[test]
fn e_04_single_bytes_come_back() {
    check_server("E-04");
}

#[test]
fn e_05_half_close_loses_nothing() {
    check_server("E-05");
}

#[test]
fn e_06_a_client_that_leaves_does_no_harm() {
    check_server("E-06");
}

#[test]
fn e_07_a_reset_does_no_harm() {
    check_server("E-07");
}

#[test]
fn e_08_it_listens_where_it_was_told_again_and_again() {
    check_server("E-08");
}

#[test]
fn e_09_it_says_why_it_cannot_listen() {
    check_server("E-09");
}

#[test]
fn e_11_it_prints_what_came_back() {
    check_client("E-11");
}

#[test]
fn e_12_pieces_are_put_together() {
    check_client("E-12");
}

#[test]
fn e_13_a_server_that_ends_early_or_lies_is_an_error() {
    check_client("E-13");
}

#[test]
fn e_14_nobody_listening_is_an_error() {
    check_client("E-14");
}

#[test]
fn e_15_standard_input_comes_back_without_a_deadlock() {
    check_client("E-15");
}
