use std::process::Command;

use serde_json::Value;

use crate::story::{LAB, Story, require_networks, run};

fn hostnames() -> Option<Story> {
    require_networks().then(|| run(&["hostnames"]))
}

#[test]
fn all_addresses_come_and_are_tried_in_turn() {
    let Some(story) = hostnames() else { return };
    let found = &story.came("client", "getaddrinfo(\"server.example\")")[0];
    for address in ["[2001:db8::9]:", "127.0.0.1:", "192.0.2.1:"] {
        assert!(found.contains(address), "{found}");
    }
    let nobody = story.came("client", "connect([2001:db8::9]:");
    assert_eq!(nobody, ["TimedOut"]);
    let times = story.took("connect([2001:db8::9]:");
    assert!(times[0] >= 0.3, "{times:?}");
    let answered = &story.came("client", "connect(192.0.2.1:")[0];
    assert!(answered.starts_with("connected"), "{answered}");
    assert!(story.not_shown().is_empty(), "{:?}", story.not_shown());
}

#[test]
fn localhost_is_found_by_one_of_its_addresses() {
    let Some(story) = hostnames() else { return };
    assert_eq!(story.came("client", "connect([::1]:"), ["ECONNREFUSED"]);
}

#[test]
fn literals_and_names_in_the_file_ask_nobody() {
    let Some(story) = hostnames() else { return };
    assert_eq!(story.found("questions that the name server got"), [0]);
}

#[test]
fn a_name_server_is_asked_for_both_kinds_and_its_silence_takes_a_second() {
    let Some(story) = hostnames() else { return };
    let asked = story.found("the name server was asked for");
    for kind in ["A", "AAAA"] {
        let question = format!("{kind} of no-such-name.example");
        let n = asked.iter().filter(|asked| ***asked == question).count();
        assert_eq!(n, 2, "once answered, once not: {asked:?}");
    }
    let times = story.took("getaddrinfo(\"no-such-name.example.\")");
    assert!(times[1] >= 1.0, "{times:?}");
    let given_up = story.came("client", "the same, in a thread");
    assert_eq!(given_up, ["TimedOut"]);
}

#[test]
fn a_name_of_ones_own_is_resolved() {
    let story = run(&["hostnames", "127.0.0.1"]);
    assert_eq!(story.found("to be tried as number 1"), ["127.0.0.1"]);
    let mut calls = story.of("call").into_iter();
    assert!(calls.all(|call| call["call"] == "getaddrinfo(\"127.0.0.1\")"));
}

#[test]
fn a_name_without_an_address_is_an_error_of_one_line() {
    // Too long for a name (RFC 1035, 2.3.4), so nobody is asked.
    let name = "n".repeat(300);
    let result = Command::new(LAB)
        .args(["hostnames", &name, "--json"])
        .output()
        .unwrap();
    assert_eq!(result.status.code(), Some(1));
    let complaint = String::from_utf8(result.stderr).unwrap();
    assert!(
        complaint.starts_with("error: cannot resolve \"nnn"),
        "{complaint}"
    );
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    for line in String::from_utf8(result.stdout).unwrap().lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
}
