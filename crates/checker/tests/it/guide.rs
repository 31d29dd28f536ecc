//! Programs in the guide's design hold on the guide's rows.

use crate::checker::{checker, complaints, finish};

#[track_caller]
fn check(judged: &str, command: &str) {
    let run = finish(checker(&format!(
        "{judged} --profile guide --format json -- python3 ../../{command}"
    )));
    let verdicts = run.verdicts();
    let told = complaints(&verdicts);
    assert!(!verdicts.is_empty());
    assert!(
        verdicts.values().all(|(verdict, _)| verdict == "holds"),
        "{told}"
    );
    assert_eq!(run.code, Some(0));
}

#[test]
fn its_servers_hold() {
    check("echo", "echo/tests/peers/echo_server.py {host} {port}");
    check(
        "multiconn",
        "multiconn/tests/peers/multiconn_server.py {host} {port}",
    );
    check(
        "app-protocol",
        "app-protocol/tests/peers/app_server.py {host} {port}",
    );
}

#[test]
fn its_clients_hold() {
    check(
        "echo --client",
        "echo/tests/peers/echo_client.py {host} {port} {value}",
    );
    check(
        "multiconn --client",
        "multiconn/tests/peers/multiconn_client.py {host} {port} {connections}",
    );
    check(
        "app-protocol --client",
        "app-protocol/tests/peers/app_client.py {host} {port} {action} {value}",
    );
}
