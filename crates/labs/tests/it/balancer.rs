use test_support::usage::run as run_program;

use crate::story::{LAB, Story, require_networks, require_programs, run};

fn balancer() -> Option<Story> {
    let is_possible = require_networks() && require_programs("balancer");
    is_possible.then(|| run(&["balancer"]))
}

#[test]
fn each_server_has_its_share() {
    let Some(story) = balancer() else { return };
    for name in ["one", "two", "three"] {
        let says = story.found(&format!("haproxy says of {name}"));
        assert_eq!(*says[0], "UP");
    }
    let given = story.counts("connections to it so far");
    assert_eq!(given.len(), 3);
    assert!(given.iter().all(|n| *n > 0), "{given:?}");
}

#[test]
fn only_what_was_under_way_at_the_killed_server_fails() {
    let Some(story) = balancer() else { return };
    let waiting = story.counts("requests that wait at one");
    let failed = story.counts("requests that began before and failed");
    assert_eq!(waiting, [4]);
    assert!((1..=4).contains(&failed[0]), "{failed:?}");
    assert!(story.counts("requests that began after it")[0] >= 30);
    assert_eq!(story.counts("of those failed"), [0]);
}

#[test]
fn a_server_that_is_stopped_in_order_answers_what_waits_at_it() {
    let Some(story) = balancer() else { return };
    assert_eq!(*story.found("haproxy says of two")[1], "DRAIN");
    assert_eq!(story.counts("requests that wait at two"), [4]);
    let ended = story.found("server two ended with");
    assert_eq!(*ended[0], "exit status: 0");
    // At the beginning, and at the end.
    assert_eq!(story.counts("failed"), [0, 0]);
}

#[test]
fn the_balancer_names_the_client_in_a_first_line() {
    let Some(story) = balancer() else { return };
    let client = &story.came("client", "connect(")[0];
    let (_, port) = client.rsplit_once(':').unwrap();
    let line = format!("PROXY TCP4 127.0.0.1 127.0.0.1 {port} 65440");
    assert_eq!(*story.found("the line")[0], line);
    let peer = &story.came("server", "getpeername()")[0];
    assert!(!peer.ends_with(&format!(":{port}")), "{peer} is the client");
}

#[test]
fn without_the_servers_their_package_is_named() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let lab = folder.path().join("lab");
    // No copy: what is open for writing, also in a process that another test has
    // just forked, can't be run.
    std::fs::hard_link(LAB, &lab).unwrap();
    let (code, _, stderr) = run_program(lab.to_str().unwrap(), &["balancer"]);
    assert_eq!(code, Some(1), "{stderr}");
    if require_networks() {
        let expected = "`cargo build -p app-protocol` builds it";
        assert!(stderr.contains(expected), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}
