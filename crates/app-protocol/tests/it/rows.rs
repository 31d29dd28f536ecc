//! What both programs promise, as the judge checks it: over IPv4 and over IPv6.

use checker::{Side, Stage, Subject, Trial};
use test_support::{HOSTS, require_descriptors};

#[track_caller]
fn check_server(row: &str) {
    if row == "M-03" && !require_descriptors(1_000) {
        return;
    }
    const SERVER: &str = env!("CARGO_BIN_EXE_app-server");
    let server = Subject::command(&[SERVER, "{host}", "{port}"]);
    let mut trial = Trial::new(Stage::AppProtocol, Side::Server, server);
    let short = ["--header-timeout", "0.5", "--idle-timeout", "0.5"];
    trial.short_deadline = Some(short.map(str::to_owned).to_vec());
    trial.assert_holds_on(&HOSTS, row);
}

#[track_caller]
fn check_client(row: &str) {
    const CLIENT: &str = env!("CARGO_BIN_EXE_app-client");
    let words = [CLIENT, "{host}", "{port}", "{action}", "{value}"];
    let client = Subject::command(&words);
    let mut trial = Trial::new(Stage::AppProtocol, Side::Client, client);
    trial.short_deadline =
        Some(["--timeout", "0.5"].map(str::to_owned).to_vec());
    trial.assert_holds_on(&HOSTS, row);
}

checker::row_tests! {
    mod server, check_server, Stage::AppProtocol, Side::Server;
    e_06 e_07 e_08 e_09 m_01 m_02 m_03 m_04 m_05 m_06 m_07 m_08 m_09 m_11
    m_13 a_01 a_02 a_03 a_04 a_05 a_06 a_07 a_08 a_09 a_10 a_11 a_12 a_13
    a_14 a_15
}

checker::row_tests! {
    mod client, check_client, Stage::AppProtocol, Side::Client;
    e_13 e_14 m_24 a_21 a_22 a_23 a_24
}
