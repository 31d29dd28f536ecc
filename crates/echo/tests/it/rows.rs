//! What both programs promise, as the judge checks it: over IPv4 and over IPv6.

use checker::{Side, Stage, Subject, Trial};
use test_support::HOSTS;

/// The server, for one client and for one client after another.
#[track_caller]
fn check_server(row: &str) {
    const SERVER: &str = env!("CARGO_BIN_EXE_echo-server");
    for words in [
        &[SERVER, "{host}", "{port}"] as &[&str],
        &[SERVER, "{host}", "{port}", "--forever"],
    ] {
        let server = Subject::command(words);
        Trial::new(Stage::Echo, Side::Server, server)
            .assert_holds_on(&HOSTS, row);
    }
}

#[track_caller]
fn check_client(row: &str) {
    const CLIENT: &str = env!("CARGO_BIN_EXE_echo-client");
    let client = Subject::command(&[CLIENT, "{host}", "{port}"]);
    let mut trial = Trial::new(Stage::Echo, Side::Client, client);
    trial.stdin = Some(vec!["-".to_owned()]);
    trial.assert_holds_on(&HOSTS, row);
}

checker::row_tests! {
    mod server, check_server, Stage::Echo, Side::Server;
    e_01 e_02 e_03 e_04 e_05 e_06 e_07 e_08 e_09
}

checker::row_tests! {
    mod client, check_client, Stage::Echo, Side::Client;
    e_11 e_12 e_13 e_14 e_15
}
