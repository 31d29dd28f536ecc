use super::*;
use crate::record::{Argument, Cause, Data, Value, Way};

/// A story told call by call, on sockets that are known by their keys alone.
#[derive(Default)]
struct Story {
    tracker: Tracker,
    n_threads: u32,
}

fn seen(key: u64, kind: &str) -> Seen {
    Seen {
        key: SocketKey(key),
        holder: Holder {
            process: 1,
            descriptor: 3,
        },
        family: "AF_INET".to_owned(),
        kind: kind.to_owned(),
    }
}

fn bytes(way: Way, length: u64) -> Data {
    Data {
        way,
        length,
        room: 1024,
        bytes: Vec::new(),
    }
}

impl Story {
    /// Two joined sockets, 1 and 2, of a stream or of datagrams.
    fn of_pair(kind: &str) -> Self {
        let mut story = Self::default();
        let thread = story.begin(Kind::SocketPair, None, 0);
        let mut ended = Ended::new(0, Outcome::Returned(0));
        ended.made = vec![seen(1, kind), seen(2, kind)];
        story.tracker.end(thread, ended, |_| Vec::new());
        story.tracker.take();
        story
    }

    fn begin(&mut self, kind: Kind, key: Option<u64>, offered: u64) -> u32 {
        self.n_threads += 1;
        self.tracker.begin(Begun {
            at: 0,
            side: Side::Server,
            process: 1,
            thread: self.n_threads,
            name: "call".to_owned(),
            kind,
            arguments: Vec::new(),
            socket: key.map(|key| seen(key, "")),
            offered,
        });
        self.n_threads
    }

    /// The causes of what came back.
    fn end(&mut self, thread: u32, result: Outcome, data: Option<Data>) -> Vec<Cause> {
        let mut ended = Ended::new(0, result);
        ended.data = data;
        self.tracker.end(thread, ended, |_| Vec::new());
        match self.tracker.take().pop() {
            Some(Record::Call(call)) => call.causes,
            other => panic!("expected a call, got {other:?}"),
        }
    }

    /// A send by socket 1. Its step is the number that comes back.
    fn send(&mut self, offered: u64, taken: u64) -> Step {
        let thread = self.begin(Kind::Send, Some(1), offered);
        let step = self.tracker.n_calls();
        let result = Outcome::Returned(taken.cast_signed());
        self.end(thread, result, Some(bytes(Way::Sent, taken)));
        step
    }

    /// What socket 2 receives, from which steps.
    fn receive(&mut self, kind: Kind, length: u64) -> Vec<(Step, Option<u64>)> {
        let way = match kind {
            Kind::Peek => Way::Peeked,
            _ => Way::Received,
        };
        let thread = self.begin(kind, Some(2), 0);
        let result = Outcome::Returned(length.cast_signed());
        let causes = self.end(thread, result, Some(bytes(way, length)));
        causes.iter().map(|it| (it.step, it.bytes)).collect()
    }
}

#[test]
fn bytes_are_counted_through_the_stream() {
    let mut story = Story::of_pair("SOCK_STREAM");
    let (first, second) = (story.send(10, 10), story.send(5, 5));
    assert_eq!(story.receive(Kind::Receive, 4), [(first, Some(4))]);
    let both = [(first, Some(6)), (second, Some(2))];
    assert_eq!(story.receive(Kind::Receive, 8), both);
    assert_eq!(story.receive(Kind::Receive, 3), [(second, Some(3))]);
}

#[test]
fn what_was_not_taken_is_not_counted() {
    let mut story = Story::of_pair("SOCK_STREAM");
    let (short, next) = (story.send(1000, 10), story.send(5, 5));
    let both = [(short, Some(10)), (next, Some(5))];
    assert_eq!(story.receive(Kind::Receive, 15), both);
}

#[test]
fn who_only_has_a_look_takes_nothing() {
    for kind in ["SOCK_STREAM", "SOCK_DGRAM"] {
        let mut story = Story::of_pair(kind);
        let step = story.send(10, 10);
        for look in [Kind::Peek, Kind::Peek, Kind::Receive] {
            assert_eq!(story.receive(look, 10), [(step, Some(10))], "{kind}");
        }
        assert_eq!(story.receive(Kind::Receive, 10), [], "{kind}");
    }
}

#[test]
fn a_receive_that_fails_takes_no_datagram() {
    let mut story = Story::of_pair("SOCK_DGRAM");
    let thread = story.begin(Kind::Receive, Some(2), 0);
    let error = crate::record::Errno {
        name: "EAGAIN".to_owned(),
        number: 11,
    };
    assert_eq!(story.end(thread, Outcome::Failed(error), None), []);
    let step = story.send(3, 3);
    assert_eq!(story.receive(Kind::Receive, 3), [(step, Some(3))]);
}

#[test]
fn the_end_is_owed_to_the_close_after_which_nobody_used_the_socket() {
    let mut story = Story::of_pair("SOCK_STREAM");
    let close = |story: &mut Story| {
        let thread = story.begin(Kind::Close, Some(1), 0);
        story.end(thread, Outcome::Returned(0), None);
        story.tracker.n_calls()
    };
    close(&mut story);
    let step = story.send(3, 3);
    assert_eq!(story.receive(Kind::Receive, 3), [(step, Some(3))]);
    // The copy went on, and its process may end without a call.
    assert_eq!(story.receive(Kind::Receive, 0), []);
    let last = close(&mut story);
    assert_eq!(story.receive(Kind::Receive, 0), [(last, None)]);
}

#[test]
fn a_connection_is_known_by_its_two_addresses() {
    let ends = |local: &str, peer: &str| Ends {
        local: Some(local.to_owned()),
        peer: Some(peer.to_owned()),
    };
    let mut tracker = Tracker::default();
    for (thread, key) in [(1, 1), (2, 2)] {
        tracker.begin(Begun {
            at: 0,
            side: Side::Client,
            process: 1,
            thread,
            name: "connect".to_owned(),
            kind: Kind::Other,
            arguments: vec![Argument {
                name: "addr".to_owned(),
                value: Value::Text("[::1]:1".to_owned()),
            }],
            socket: Some(seen(key, "SOCK_STREAM")),
            offered: 0,
        });
    }
    tracker.take();
    tracker.learn(
        1,
        ends("[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:5000"),
        7,
    );
    assert_eq!(tracker.take(), []);
    // One end is an IPv6 socket that speaks IPv4.
    tracker.learn(2, ends("127.0.0.1:5000", "127.0.0.1:80"), 8);
    let [Record::Connection(connection)] = &tracker.take()[..] else {
        panic!("expected a connection");
    };
    assert_eq!((connection.connected, connection.accepted), (2, 1));
}
