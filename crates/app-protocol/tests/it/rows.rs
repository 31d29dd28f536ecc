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
    const SERVER: &str = env!("CARGO_BIN_EXE_app-server");
    let server = Subject::command(&[SERVER, "{host}", "{port}"]);
    let mut trial = Trial::new(Stage::AppProtocol, Side::Server, server);
    let short = ["--header-timeout", "0.5", "--idle-timeout", "0.5"];
    trial.short_deadline = Some(short.map(str::to_owned).to_vec());
    check(trial, row);
}

#[track_caller]
fn check_client(row: &str) {
    const CLIENT: &str = env!("CARGO_BIN_EXE_app-client");
    let words = [CLIENT, "{host}", "{port}", "{action}", "{value}"];
    let client = Subject::command(&words);
    let mut trial = Trial::new(Stage::AppProtocol, Side::Client, client);
    trial.short_deadline =
        Some(["--timeout", "0.5"].map(str::to_owned).to_vec());
    check(trial, row);
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
fn m_01_many_clients_get_their_own_answers() {
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
fn a_01_search_knows_some_values_and_no_others() {
    check_server("A-01");
}

#[test]
fn a_02_the_first_ten_bytes_of_anything_else() {
    check_server("A-02");
}

#[test]
fn a_03_one_request_one_response_then_the_end() {
    check_server("A-03");
}

#[test]
fn a_04_a_message_split_anywhere_is_the_same_message() {
    check_server("A-04");
}

#[test]
fn a_05_headers_may_look_any_way_that_json_allows() {
    check_server("A-05");
}

#[test]
fn a_06_the_response_is_well_formed() {
    check_server("A-06");
}

#[test]
fn a_07_each_text_encoding_is_understood() {
    check_server("A-07");
}

#[test]
fn a_08_bad_input_is_answered_and_harms_nobody() {
    check_server("A-08");
}

#[test]
fn a_09_a_length_beyond_the_limit_is_refused_at_once() {
    check_server("A-09");
}

#[test]
fn a_10_kept_connections_answer_one_by_one_and_pipelined() {
    check_server("A-10");
}

#[test]
fn a_11_the_answer_arrives_though_much_more_was_sent() {
    check_server("A-11");
}

#[test]
fn a_12_a_message_that_never_ends_is_dropped() {
    check_server("A-12");
}

#[test]
fn a_13_sums_come_in_both_byte_orders() {
    check_server("A-13");
}

#[test]
fn a_14_empty_content_is_a_message_too() {
    check_server("A-14");
}

#[test]
fn a_15_unfinished_messages_take_little_memory() {
    check_server("A-15");
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
fn m_24_a_server_that_never_answers_is_an_error() {
    check_client("M-24");
}

#[test]
fn a_21_the_request_bytes_are_the_guides() {
    check_client("A-21");
}

#[test]
fn a_22_a_response_in_any_pieces_is_understood() {
    check_client("A-22");
}

#[test]
fn a_23_a_malformed_response_is_an_error() {
    check_client("A-23");
}

#[test]
fn a_24_an_error_response_is_shown_and_no_match_is_an_answer() {
    check_client("A-24");
}
