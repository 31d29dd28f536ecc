use std::process::Command;

use crate::story::{LAB, Story, run, run_command};

fn check(story: &Story) {
    for (who, n_sent) in [("first", "15"), ("second", "16"), ("third", "15")] {
        assert!(story.came(who, "connect")[0].starts_with("connected"));
        assert_eq!(story.came(who, "send"), [n_sent]);
    }
    assert_eq!(story.came("fourth", "connect"), ["TimedOut"]);
    assert_eq!(story.came("fifth", "connect"), ["EINPROGRESS"]);
    assert_eq!(story.found("the fifth"), ["SYN_SENT"]);
    assert_eq!(story.found("server's end of it"), ["not in the table"]);
    assert_eq!(story.found("the listener"), ["LISTEN, Recv-Q 3"; 3]);
    // The last two are of who has closed, and of who has reset.
    let received = story.came("server", "recv");
    assert_eq!(received[..3], ["15", "16", "0"]);
    assert_eq!(received.last().unwrap(), "ECONNRESET");
}

#[test]
fn who_waits_is_connected_and_who_is_one_too_many_is_not_answered() {
    let story = run(&["backlog"]);
    check(&story);
    let waited = story.found("since its first SYN")[0].as_f64().unwrap();
    assert!(waited > 0.9, "{waited}");
}

#[test]
fn ss_need_not_be_there() {
    let mut command = Command::new(LAB);
    command.args(["backlog", "--json"]).env("PATH", "");
    check(&run_command(command));
}

#[test]
fn the_backlog_is_cut_to_somaxconn() {
    let story = run(&["backlog"]);
    let missing = story.not_shown().join(", ");
    if !test_support::require(missing.is_empty(), &missing) {
        return;
    }
    let most = story.found("net.core.somaxconn")[0].as_str().unwrap();
    let line = story.found("ss")[0].as_str().unwrap();
    assert!(line.starts_with(&format!("LISTEN 1 {most} ")), "{line}");
}
