use crate::story::run;

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
    assert_eq!(story.counts("sends that failed")[0], 0);
    let n_came = story.counts("datagrams that came")[0];
    assert!(n_came < 2000, "{n_came}");
    let n_dropped = story.counts("drops of this socket in /proc/net/udp")[0];
    assert!(n_dropped > 0);
    assert!(n_came + n_dropped <= 2000, "{n_came} and {n_dropped}");
    let last = story.counts("number that came last before")[0];
    assert!(last < 1999, "{last}");
    assert_eq!(story.counts("number that came now")[0], 2000);
}

#[test]
fn tcp_takes_no_more_than_there_is_room_for_and_loses_nothing() {
    let story = run(&["datagram"]);
    assert_eq!(story.came("sender", "send, again and again"), ["EAGAIN"]);
    let n_taken = story.counts("bytes that were taken")[0];
    assert!((1..2_000_000).contains(&n_taken), "{n_taken}");
    assert_eq!(story.counts("messages that came, in order")[0], 2000);
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
