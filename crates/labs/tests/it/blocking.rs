use std::sync::LazyLock;

use serde_json::Value;

use crate::story::{Story, run};

/// Each test reads another part of it.
static STORY: LazyLock<Story> = LazyLock::new(|| run(&["blocking"]));

#[test]
fn each_call_waits_as_it_was_told() {
    let story = &*STORY;
    assert_eq!(story.not_shown(), Vec::<String>::new());

    assert_eq!(story.came("server", "recv, non"), ["EAGAIN"]);
    assert_eq!(story.came("server", "recv, 200 ms"), ["EAGAIN"]);
    assert_eq!(story.came("server", "recv, blocking"), ["6", "6"]);

    let part = &story.came("client", "send, non-blocking")[0];
    let part: u64 = part.parse().unwrap();
    let taken = story.found("bytes taken without waiting")[0];
    assert!(0 < part && part <= taken.as_u64().unwrap(), "{taken}");
    assert_eq!(story.came("client", "send again"), ["EAGAIN"]);
    assert_eq!(story.came("client", "send, 200 ms"), ["EAGAIN"]);
    assert_eq!(story.came("client", "send, blocking"), ["262144"]);

    assert_eq!(story.came("server", "accept, non"), ["EAGAIN"]);
    assert_eq!(story.came("server", "accept, 200 ms"), ["EAGAIN"]);

    // But for a tick of the kernel's clock.
    for call in ["recv, 200", "send, 200", "accept, 200", "connect_timeout"] {
        let took = story.took(call)[0];
        assert!(took >= 0.19, "{call}: {took}");
    }
    for call in ["send, blocking", "accept, blocking"] {
        assert!(story.took(call)[0] >= 0.3, "{call}");
    }
}

#[test]
fn a_connect_that_has_only_begun_is_finished_later() {
    let story = &*STORY;
    assert_eq!(story.came("client", "connect, non"), ["EINPROGRESS"]);
    let peers = story.came("client", "getpeername");
    assert_eq!(peers[0], "ENOTCONN");
    assert!(peers[1].starts_with("127.0.0.1:"), "{peers:?}");
    let events = story.of("call");
    let timed_out = events.iter().find(|event| {
        event["call"]
            .as_str()
            .unwrap()
            .starts_with("connect_timeout")
    });
    let error = &timed_out.unwrap()["failed"];
    assert_eq!(error["kind"], "TimedOut");
    assert_eq!(error["number"], Value::Null);
    // There was room before, but the system repeats itself only then.
    assert!(story.took("connect, blocking")[0] >= 0.6);
}

#[test]
fn a_signal_ends_only_a_receive_that_has_a_limit() {
    let story = &*STORY;
    assert_eq!(story.came("server", "recv, blocking")[1], "6");
    assert_eq!(story.came("server", "recv, 5 s"), ["EINTR"]);
    assert_eq!(story.came("server", "read_exact"), ["done"]);
    assert!(story.took("read_exact")[0] >= 0.3);
}
