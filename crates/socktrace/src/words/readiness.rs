//! Who is ready? `epoll`, `poll`, `select`; and `io_uring`, which asks for completion.

use super::{Chapter, Words, argument, has, words};
use crate::kind::Kind;
use crate::record::{Argument, Value};

pub(super) fn before(name: &str, kind: Kind, arguments: &[Argument]) -> Words {
    match kind {
        Kind::Interest => interest(arguments),
        _ if only_looks(arguments) => ASKS_ONLY,
        _ if name.starts_with("epoll_") => EPOLL_WAIT,
        _ if name.contains("poll") => POLL,
        _ => SELECT,
    }
}

pub(super) fn after(count: i64, kind: Kind, arguments: &[Argument]) -> Words {
    match kind {
        Kind::Interest => interest_done(arguments),
        _ if count == 0 && only_looks(arguments) => NOBODY_IS_READY,
        _ if count == 0 => TIMEOUT,
        _ => READY,
    }
}

/// The timeout is 0: the call doesn't wait. Some calls have milliseconds, some a time.
fn only_looks(arguments: &[Argument]) -> bool {
    match argument(arguments, "timeout") {
        Some(Value::Number(milliseconds)) => *milliseconds == 0,
        Some(Value::Text(time)) => time == "0 s",
        _ => false,
    }
}

fn asks(arguments: &[Argument], operation: &str) -> bool {
    has(arguments, &["op"], operation)
}

fn wants(arguments: &[Argument], event: &str) -> bool {
    has(arguments, &["event", "events"], event)
}

fn interest(arguments: &[Argument]) -> Words {
    if asks(arguments, "EPOLL_CTL_DEL") {
        EPOLL_DEL
    } else if asks(arguments, "EPOLL_CTL_MOD") {
        if wants(arguments, "EPOLLIN") {
            EPOLL_MOD
        } else {
            EPOLL_MOD_DEAF
        }
    } else if wants(arguments, "EPOLLET") {
        EPOLL_ADD_EDGE
    } else {
        EPOLL_ADD_LEVEL
    }
}

fn interest_done(arguments: &[Argument]) -> Words {
    if asks(arguments, "EPOLL_CTL_DEL") {
        EPOLL_DEL_DONE
    } else if wants(arguments, "EPOLLET") {
        INTEREST_EDGE_DONE
    } else {
        INTEREST_LEVEL_DONE
    }
}

pub(super) const EPOLL_CREATE: Words = words(
    [
        "Asks for an epoll: a list of sockets that the kernel watches.",
        "It is empty at first, and has a descriptor itself.",
    ],
    "One epoll is enough for a whole event loop. It needs no thread and no time of its own.",
    Chapter::Steps,
);

pub(super) const EPOLL_CREATE_DONE: Words = words(
    [
        "The number that came back names the list.",
        "epoll_ctl puts sockets on it, epoll_wait asks who is ready.",
    ],
    "mio::Poll::new in Rust is this call.",
    Chapter::Steps,
);

const EPOLL_ADD_EDGE: Words = words(
    [
        "Puts a socket on the list, to be told of changes: edge-triggered.",
        "Each change is told once, so the program has to read until EAGAIN.",
    ],
    "EPOLLIN asks about bytes that have come (or connections, of a listener), EPOLLOUT about \
     room to send, EPOLLRDHUP about the end of the peer's sending. EPOLLET makes it edge-\
     triggered. The data is the program's own number for the socket: mio's token.",
    Chapter::Steps,
);

const EPOLL_ADD_LEVEL: Words = words(
    [
        "Puts a socket on the list, to be told as long as it is ready.",
        "That is level-triggered: what is left unread is told again.",
    ],
    "EPOLLIN asks about bytes that have come (or connections, of a listener), EPOLLOUT about \
     room to send. A socket has room nearly always, so EPOLLOUT without need wakes the loop \
     all the time. The data is the program's own number for the socket.",
    Chapter::Steps,
);

const EPOLL_MOD: Words = words(
    [
        "Changes what the program wants to hear about this socket.",
        "EPOLLIN: that it can be read. EPOLLOUT: only while output waits, or always.",
    ],
    "Whoever asks for EPOLLOUT while there is nothing to write is woken for nothing, again and \
     again. What already holds of the new interest is told at once, also edge-triggered.",
    Chapter::EventLoop,
);

const EPOLL_MOD_DEAF: Words = words(
    [
        "Changes what the program wants to hear about this socket.",
        "Not that it can be read, any more: the peer is held back.",
    ],
    "Not to read from a peer is how backpressure is put on it: the buffers fill, and its own \
     sends wait. What already holds of the new interest is told at once, also edge-triggered.",
    Chapter::EventLoop,
);

const EPOLL_DEL: Words = words(
    [
        "Takes a socket off the list. Nothing is told of it any more.",
        "A close does that by itself, if it is the last descriptor's.",
    ],
    "Events that were handed over before may still name it; a loop must not be confused by \
     that.",
    Chapter::EventLoop,
);

const INTEREST_EDGE_DONE: Words = words(
    [
        "The kernel watches it now, and tells of each change once.",
        "What is ready already is told, too, as the first change.",
    ],
    "So nothing is lost between making a socket and putting it on the list.",
    Chapter::Steps,
);

const INTEREST_LEVEL_DONE: Words = words(
    [
        "The kernel watches it now, and tells as long as it is ready.",
        "What is ready already is told at the next epoll_wait.",
    ],
    "The list stays in the kernel, so it isn't handed over with each question. That is the \
     difference from poll and select.",
    Chapter::Steps,
);

const EPOLL_DEL_DONE: Words = words(
    [
        "It isn't on the list any more. The socket itself is as it was.",
        "Nobody will tell when something comes in.",
    ],
    "Bytes that come are kept in its buffer as before.",
    Chapter::EventLoop,
);

const EPOLL_WAIT: Words = words(
    [
        "Asks who on the list is ready, and sleeps until somebody is.",
        "This is the one place where an event loop waits.",
    ],
    "The timeout is in milliseconds: -1 waits for ever, 0 not at all. All other calls of the \
     loop come back at once, since they are made when there is something to do.",
    Chapter::Steps,
);

const POLL: Words = words(
    [
        "Asks which of these descriptors is ready, and sleeps until one is.",
        "The whole list is handed over each time, and looked through.",
    ],
    "POLLIN asks about bytes that have come, POLLOUT about room to send. With many descriptors \
     epoll costs less, because its list stays in the kernel. For one descriptor, poll is a \
     wait with a timeout.",
    Chapter::Steps,
);

const SELECT: Words = words(
    [
        "Asks which of these descriptors is ready, and sleeps until one is.",
        "It is the oldest call for that, and takes no number above 1023.",
    ],
    "Three sets are handed over: to read from, to write to, and exceptions. poll has no such \
     limit, and epoll doesn't hand over the list each time.",
    Chapter::Steps,
);

const ASKS_ONLY: Words = words(
    [
        "Asks who is ready just now, and doesn't wait: the timeout is 0.",
        "The program has something else to do, or has just come back to look.",
    ],
    "A loop that asks like this all the time never sleeps, and uses a whole core.",
    Chapter::Steps,
);

pub(super) const WAITS: Words = words(
    [
        "Nobody is ready, so the program sleeps here, and uses no time.",
        "A newcomer, bytes, room to send, an end or the timeout wakes it.",
    ],
    "One thread waits for all of its sockets at once: that is what readiness is for. A signal \
     ends the wait, too.",
    Chapter::Steps,
);

const READY: Words = words(
    [
        "The number says how many are ready; the events say who, and for what.",
        "Ready means that a call wouldn't wait. It may still fail, or return 0.",
    ],
    "The end of input and errors make a socket ready, too (EPOLLRDHUP, EPOLLHUP, EPOLLERR): the \
     call that follows says what it is. A listener is ready when somebody can be accepted.",
    Chapter::Steps,
);

const TIMEOUT: Words = words(
    [
        "0: the time was over before anybody was ready.",
        "That is no error. The program looks at its deadlines, and asks again.",
    ],
    "So an event loop measures time: it waits until the next deadline, and no longer.",
    Chapter::EventLoop,
);

const NOBODY_IS_READY: Words = words(
    [
        "0: nobody is ready just now.",
        "The program didn't want to wait, so it goes on with something else.",
    ],
    "If this comes again and again, the program never sleeps.",
    Chapter::Steps,
);

pub(super) const IO_URING: Words = words(
    [
        "Asks the kernel to do what stands in a queue that both share: io_uring.",
        "Which sockets and bytes those are can't be seen in this call.",
    ],
    "The program writes what it wants into shared memory, and the kernel writes there what \
     came of it. One call can stand for a hundred sends, or none is made at all. A capture on \
     the network sees the bytes, and so does the other side's trace.",
    Chapter::Calls,
);

pub(super) const IO_URING_WAITS: Words = words(
    [
        "The program waits until some of what it asked for is done.",
        "What that is can't be seen here: it stands in shared memory.",
    ],
    "This is to io_uring what epoll_wait is to epoll.",
    Chapter::Calls,
);

pub(super) const IO_URING_DONE: Words = words(
    [
        "The number says how many requests the kernel has taken.",
        "What came of them stands in shared memory, and can't be seen here.",
    ],
    "Of io_uring_setup it is a descriptor instead, and of io_uring_register 0 or a number of \
     things.",
    Chapter::Calls,
);
