use std::sync::LazyLock;

use crate::story::{Story, run};

/// Each test reads another part of it.
static STORY: LazyLock<Story> = LazyLock::new(|| run(&["closing"]));

#[test]
fn each_direction_is_closed_by_itself() {
    let story = &*STORY;
    let received = story.came("server", "recv(64)");
    assert_eq!(received, ["6", "0"]);
    assert_eq!(story.came("server", "send(\"Bye."), ["4"]);
    let received = story.came("client", "recv(64)");
    assert_eq!(received[..2], ["4", "0"]);
    assert_eq!(story.found("state at the client")[0], "FIN_WAIT2");
    assert_eq!(story.found("state at the server"), ["CLOSE_WAIT"]);
}

#[test]
fn a_copy_closes_nothing_and_a_shutdown_is_of_all_copies() {
    let story = &*STORY;
    let received = story.came("client", "recv(64)");
    assert_eq!(received[2..4], ["5", "0"]);
    assert_eq!(story.came("server", "send on the other"), ["EPIPE"]);
}

#[test]
fn a_reset_destroys_what_waits_at_the_sender_and_order_loses_nothing() {
    let story = &*STORY;
    // Of a plain close, with input unread.
    assert_eq!(story.came("client", "recv(64)")[4], "ECONNRESET");

    let sent = story.came("server", "send(1 MiB)");
    let sent: Vec<u64> = sent.iter().map(|n| n.parse().unwrap()).collect();
    let received = story.counts("bytes received");
    let lost = story.counts("bytes lost");
    assert_eq!(sent.len(), 3);
    for way in 0..3 {
        assert_eq!(sent[way], received[way] + lost[way]);
    }
    assert!(lost[0] > 0 && lost[1] > 0, "{lost:?}");
    assert_eq!(lost[2], 0);
    let ends = story.came("client", "recv until the end");
    assert_eq!(ends, ["ECONNRESET", "ECONNRESET", "done"]);
}

#[test]
fn what_had_arrived_before_the_reset_is_told_as_it_came() {
    let story = &*STORY;
    let queue = story.counts("bytes in the client's receive queue");
    assert_eq!(queue, [6]);
    let received = story.came("client", "recv(64)");
    // Which of them is the system's affair (RFC 9293 would empty the queue).
    let kept = ["6", "ECONNRESET"];
    assert!(
        received[5..] == kept || received[5] == "ECONNRESET",
        "{received:?}"
    );
}
