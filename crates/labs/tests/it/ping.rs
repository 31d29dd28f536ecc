use std::process::Command;

use crate::story::{LAB, require_networks, run, run_command};

#[test]
fn a_host_answers_without_a_server_and_a_server_without_answers() {
    if !require_networks() {
        return;
    }
    let story = run(&["ping"]);
    let made = story.came("near", "socket(INET, DGRAM, ICMP)");
    assert_eq!(made, ["EACCES", "a socket", "a socket", "a socket"]);
    let made = story.came("near", "socket(INET6, DGRAM, ICMPV6)");
    let has_ipv6 = story.not_shown().is_empty();
    assert_eq!(made.len(), usize::from(has_ipv6));

    let mut expected = vec!["64"; 4];
    expected.extend(["EAGAIN", "EAGAIN", "EHOSTUNREACH", "64"]);
    expected.extend(has_ipv6.then_some("64"));
    assert_eq!(story.came("near", "recvmsg()"), expected);

    let connected = story.came("near", "connect(192.0.2.2:65432)");
    assert_eq!(connected[0], "ECONNREFUSED");
    assert!(connected[1].starts_with("connected from"), "{connected:?}");
    let lost = story.found("lost");
    assert_eq!(lost, ["0 of 4", "2 of 2", "1 of 1"]);
    assert_eq!(story.found("no way there, says"), ["192.0.2.2"]);
}

/// `lab ping HOST` in a network in which nobody may send echo requests, or in
/// which root may, after `setup`.
fn ping(host: &str, setup: &str) -> Command {
    let script = format!("ip link set lo up && {setup} && exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-c"]);
    command.args([&script, "sh", LAB, "ping", host]);
    command
}

const ALLOW: &str = "echo 0 0 >/proc/sys/net/ipv4/ping_group_range";

#[test]
fn a_host_of_ones_choice_is_asked() {
    if !require_networks() {
        return;
    }
    for host in ["127.0.0.1", "127.1", "::1"] {
        let mut command = ping(host, ALLOW);
        command.arg("--json");
        let story = run_command(command);
        assert_eq!(story.came("here", "recvmsg()"), ["64"; 4], "{host}");
        assert_eq!(story.found("lost"), ["0 of 4"], "{host}");
    }
}

#[test]
fn silence_takes_its_time_and_is_no_failure() {
    if !require_networks() {
        return;
    }
    let ignore = "echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all";
    let mut command = ping("127.0.0.1", &format!("{ALLOW} && {ignore}"));
    command.arg("--json");
    let story = run_command(command);
    assert_eq!(story.came("here", "recvmsg()"), ["EAGAIN"; 4]);
    assert_eq!(story.found("lost"), ["4 of 4"]);
    for call in story.of("call") {
        let is_wait = call["call"] == "recvmsg()";
        assert!(!is_wait || call["took"].as_f64().unwrap() > 0.7, "{call}");
    }
}

#[test]
fn no_way_to_a_host_is_told() {
    if !require_networks() {
        return;
    }
    let mut command = ping("192.0.2.1", ALLOW);
    command.arg("--json");
    let story = run_command(command);
    assert_eq!(story.came("here", "send("), ["ENETUNREACH"; 4]);
}

#[track_caller]
fn check_fails(host: &str, setup: &str, expected: &str) {
    let result = ping(host, setup).output().unwrap();
    let complaint = String::from_utf8(result.stderr).unwrap();
    assert_eq!(result.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains(expected), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

#[test]
fn what_is_not_permitted_comes_with_a_cure() {
    if !require_networks() {
        return;
    }
    let cure = "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"";
    check_fails("127.0.0.1", "true", cure);
    check_fails("::1", "true", cure);
}

#[test]
fn a_name_that_nobody_has_is_named() {
    if !require_networks() {
        return;
    }
    for host in ["nobody.invalid", "127.0.0.1:80", "", "\u{1b}[2J"] {
        check_fails(host, ALLOW, "cannot find an address of ");
    }
}

#[test]
fn without_hosts_of_its_own_it_asks_the_loopback() {
    if !require_networks() {
        return;
    }
    // In there nobody may make a user namespace any more.
    let script = format!(
        "ip link set lo up && {ALLOW} && \
         echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\""
    );
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-c", &script, "sh"]);
    command.args([LAB, "ping", "--json"]);
    let story = run_command(command);
    assert_eq!(story.not_shown(), ["a network of its own"]);
    assert_eq!(story.came("here", "recvmsg()"), ["64"; 4]);
}
