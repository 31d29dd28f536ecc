//! What both programs promise, as the judge checks it: over IPv4 and over IPv6.

use checker::{Side, Stage, Subject, Trial};
use test_support::{HOSTS, require_descriptors};

#[track_caller]
fn check_server(row: &str) {
    if row == "M-03" && !require_descriptors(1_000) {
        return;
    }
    const SERVER: &str = env!("CARGO_BIN_EXE_multiconn-server");
    let server = Subject::command(&[SERVER, "{host}", "{port}"]);
    Trial::new(Stage::Multiconn, Side::Server, server)
        .assert_holds_on(&HOSTS, row);
}

#[track_caller]
fn check_client(row: &str) {
    const CLIENT: &str = env!("CARGO_BIN_EXE_multiconn-client");
    let words = [CLIENT, "{host}", "{port}", "{connections}"];
    let client = Subject::command(&words);
    let mut trial = Trial::new(Stage::Multiconn, Side::Client, client);
    trial.short_deadline =
        Some(["--timeout", "0.5"].map(str::to_owned).to_vec());
    trial.assert_holds_on(&HOSTS, row);
}

checker::row_tests! {
    mod server, check_server, Stage::Multiconn, Side::Server;
    e_01 e_02 e_03 e_04 e_05 e_06 e_07 e_08 e_09 m_01 m_02 m_03 m_04 m_05
    m_06 m_07 m_08 m_09 m_11 m_13
}

checker::row_tests! {
    mod client, check_client, Stage::Multiconn, Side::Client;
    e_13 e_14 m_21 m_22 m_23 m_24
}
