//! What both programs promise, as the judge checks it: over IPv4 and over IPv6.

use checker::{Side, Stage, Subject, Trial};
use test_support::{HOSTS, require_descriptors};

#[track_caller]
fn check(mut trial: Trial, row: &str) {
    for host in HOSTS {
        trial.host = host.parse().unwrap();
        trial.assert_holds(row);
    }
}

#[track_caller]
fn check_server(row: &str) {
    const SERVER: &str = env!("CARGO_BIN_EXE_multiconn-server");
    let server = Subject::command(&[SERVER, "{host}", "{port}"]);
    check(Trial::new(Stage::Multiconn, Side::Server, server), row);
}

#[track_caller]
fn check_client(row: &str) {
    const CLIENT: &str = env!("CARGO_BIN_EXE_multiconn-client");
    let words = [CLIENT, "{host}", "{port}", "{connections}"];
    let client = Subject::command(&words);
    let mut trial = Trial::new(Stage::Multiconn, Side::Client, client);
    trial.short_deadline =
        Some(["--timeout", "0.5"].map(str::to_owned).to_vec());
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
fn m_01_many_clients_get_their_own_bytes() {
    check_server("M-01");
}

#[test]
fn m_02_a_silent_client_delays_no_other() {
    check_server("M-02");
}

#[test]
fn m_03_a_thousand_connections_at_once() {
    if !require_descriptors(1_000) {
        return;
    }
    check_server("M-03");
}

#[test]
fn m_04_a_client_that_never_reads_is_held_back() {
    check_server("M-04");
}

#[test]
fn m_05_idle_connections_cost_no_cpu() {
    check_server("M-05");
}

#[test]
fn m_06_half_close_with_output_pending_loses_nothing() {
    check_server("M-06");
}

#[test]
fn m_07_a_reset_harms_no_other() {
    check_server("M-07");
}

#[test]
fn m_08_out_of_descriptors_it_serves_those_it_has() {
    check_server("M-08");
}

#[test]
fn m_09_a_storm_leaves_nothing_behind() {
    check_server("M-09");
}

#[test]
fn m_11_streams_leave_room_for_round_trips() {
    check_server("M-11");
}

#[test]
fn m_13_it_stops_in_order_and_at_once_when_told_twice() {
    check_server("M-13");
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
fn m_21_each_connection_counts_what_comes_back() {
    check_client("M-21");
}

#[test]
fn m_22_an_answer_in_other_pieces_is_understood() {
    check_client("M-22");
}

#[test]
fn m_23_a_server_that_resets_or_lies_is_an_error() {
    check_client("M-23");
}

#[test]
fn m_24_a_server_that_never_answers_is_an_error() {
    check_client("M-24");
}
