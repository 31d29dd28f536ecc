//! The rows that every server owes, in messages: E-06 to E-09, M-01 to M-13.

use test_support::{HOSTS, Target, echo_rows, multiconn_rows};

use crate::wire::target;

#[track_caller]
fn check(row: fn(&Target, &str) -> anyhow::Result<()>) {
    for host in HOSTS {
        row(&target(&[]).in_messages(), host).unwrap();
    }
}

#[test]
fn e_06_a_client_that_leaves_does_no_harm() {
    check(echo_rows::e_06);
}

#[test]
fn e_07_a_reset_does_no_harm() {
    check(echo_rows::e_07);
}

#[test]
fn e_08_it_listens_where_it_was_told_again_and_again() {
    check(echo_rows::e_08);
}

#[test]
fn e_09_it_says_why_it_cannot_listen() {
    check(echo_rows::e_09);
}

#[test]
fn m_01_many_clients_get_their_own_answers() {
    check(multiconn_rows::m_01);
}

#[test]
fn m_02_a_silent_client_delays_no_other() {
    check(multiconn_rows::m_02);
}

#[test]
fn m_03_a_thousand_connections_at_once() {
    check(multiconn_rows::m_03);
}

#[test]
fn m_04_a_client_that_never_reads_is_held_back() {
    check(multiconn_rows::m_04);
}

#[test]
fn m_05_idle_connections_cost_no_cpu() {
    check(multiconn_rows::m_05);
}

#[test]
fn m_06_half_close_with_answers_pending_loses_none() {
    check(multiconn_rows::m_06);
}

#[test]
fn m_07_a_reset_harms_no_other() {
    check(multiconn_rows::m_07);
}

#[test]
fn m_08_out_of_descriptors_it_serves_those_it_has() {
    check(multiconn_rows::m_08);
}

#[test]
fn m_09_a_storm_leaves_nothing_behind() {
    check(multiconn_rows::m_09);
}

#[test]
fn m_11_streams_leave_room_for_round_trips() {
    check(multiconn_rows::m_11);
}

#[test]
fn m_13_it_stops_in_order_and_at_once_when_told_twice() {
    check(multiconn_rows::m_13);
}
