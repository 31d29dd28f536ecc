use crate::story::{Story, run};

fn count(story: &Story, name: &str) -> u64 {
    story.found(name)[0].as_u64().unwrap()
}

#[test]
fn datagrams_keep_their_boundaries_and_are_cut_off_in_silence() {
    let story = run(&["datagram"]);
    let came = story.came("receiver", "recv(64)");
    assert_eq!(came, ["6", "4", "0", "4"]);
    assert_eq!(story.came("receiver", "recv(10)"), ["10"]);
    assert_eq!(story.came("receiver", "recv(10, MSG_TRUNC)"), ["26"]);
}

#[test]
fn what_finds_no_room_is_lost_and_only_the_kernel_counts_it() {
    let story = run(&["datagram"]);
    assert_eq!(count(&story, "sends that failed"), 0);
    let n_came = count(&story, "datagrams that came");
    assert!(n_came < 2000, "{n_came}");
    let n_dropped = count(&story, "drops of this socket in /proc/net/udp");
    assert!(n_dropped > 0);
    assert!(n_came + n_dropped <= 2000, "{n_came} and {n_dropped}");
    let last = count(&story, "number that came last before");
    assert!(last < 1999, "{last}");
    assert_eq!(count(&story, "number that came now"), 2000);
}

#[test]
fn tcp_takes_no_more_than_there_is_room_for_and_loses_nothing() {
    let story = run(&["datagram"]);
    assert_eq!(story.came("sender", "send, again and again"), ["EAGAIN"]);
    let n_taken = count(&story, "bytes that were taken");
    assert!((1..2_000_000).contains(&n_taken), "{n_taken}");
    assert_eq!(count(&story, "messages that came, in order"), 2000);
}

#[test]
fn nobody_there_is_an_error_of_the_call_after_the_send() {
    let story = run(&["datagram"]);
    assert_eq!(story.came("sender", "send(\"Hello?\")"), ["6"]);
    let came = story.came("sender", "recv(64)");
    assert_eq!(came, ["EAGAIN", "ECONNREFUSED"]);
    let calls = story.of("call").into_iter();
    let waited = calls.filter(|call| call["failed"]["name"] == "EAGAIN");
    let longest = waited.map(|call| call["took"].as_f64().unwrap());
    assert!(longest.fold(0.0, f64::max) >= 0.19);
    assert_eq!(story.not_shown(), Vec::<String>::new());
}
