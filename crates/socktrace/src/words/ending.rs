//! How a connection ends: `shutdown` and `close`; and `dup`, which can keep it alive.

use super::{Chapter, Words, argument, words};
use crate::kind::Kind;
use crate::record::{Argument, Call, Value};

pub(super) fn before(kind: Kind, arguments: &[Argument]) -> Words {
    match kind {
        Kind::Shutdown {
            sends_no_more: false,
        } => SHUTDOWN_READ,
        Kind::Shutdown { .. } if ends_both(arguments) => SHUTDOWN_BOTH,
        Kind::Shutdown { .. } => SHUTDOWN_WRITE,
        _ => CLOSE,
    }
}

pub(super) fn after(kind: Kind, call: &Call) -> Words {
    match kind {
        Kind::Shutdown {
            sends_no_more: false,
        } => SHUTDOWN_READ_DONE,
        Kind::Shutdown { .. } if ends_both(&call.arguments) => SHUTDOWN_BOTH_DONE,
        Kind::Shutdown { .. } => SHUTDOWN_WRITE_DONE,
        _ if call.leaves_socket_open() => CLOSED_A_COPY,
        _ if was_alone(call) => CLOSED_ALONE,
        _ => CLOSE_DONE,
    }
}

fn ends_both(arguments: &[Argument]) -> bool {
    match argument(arguments, "how") {
        Some(Value::Text(how)) => how == "SHUT_RDWR",
        _ => false,
    }
}

/// A listener has no peer, nor has a socket that never connected.
fn was_alone(call: &Call) -> bool {
    let mut states = call.states.iter();
    let own = states.find(|state| Some(state.socket) == call.socket);
    own.is_some_and(|own| own.peer.is_empty() && own.local.contains(':'))
}

const SHUTDOWN_WRITE: Words = words(
    [
        "Says that this side has finished sending. It still reads.",
        "The peer gets what was sent before, and then 0: the end of input.",
    ],
    "A connection has two directions, and this ends one of them (half-close). The kernel sends \
     a FIN behind the last byte. It concerns the connection, whatever descriptors name it.",
    Chapter::EventLoop,
);

const SHUTDOWN_WRITE_DONE: Words = words(
    [
        "The end of this direction is on its way, behind all that was sent.",
        "The other direction goes on: answers can still come.",
    ],
    "This side is in FIN_WAIT1, then FIN_WAIT2, until the peer ends its direction, too. The \
     peer is in CLOSE_WAIT as long as it goes on sending.",
    Chapter::EventLoop,
);

const SHUTDOWN_READ: Words = words(
    [
        "Says that this side won't read any more.",
        "The peer isn't told: nothing is sent for it over TCP.",
    ],
    "On Linux, receives return 0 once what has come is read. What comes later is still taken \
     in by the kernel. Few programs need it.",
    Chapter::EventLoop,
);

const SHUTDOWN_READ_DONE: Words = words(
    [
        "Receives on this side return 0 now, if nothing is there to be read.",
        "The peer doesn't know of it, and can still send.",
    ],
    "That 0 was made here. It doesn't say that the peer has finished.",
    Chapter::EventLoop,
);

const SHUTDOWN_BOTH: Words = words(
    [
        "Ends both directions. The peer gets what was sent before, and then 0.",
        "Unlike close, it reaches every process and thread that has this socket.",
    ],
    "A thread that waits in a receive on this socket wakes up with 0, which a close by another \
     thread doesn't do. The descriptor stays, and still wants its close.",
    Chapter::EventLoop,
);

const SHUTDOWN_BOTH_DONE: Words = words(
    [
        "Both directions are ended. The descriptor is still there until close.",
        "Sends from here fail with EPIPE now.",
    ],
    "If the peer goes on sending, Linux answers with a reset: nobody will read that.",
    Chapter::EventLoop,
);

const CLOSE: Words = words(
    [
        "Gives the descriptor back. The last one ends the connection, if it has one.",
        "If all that came was read, the end is orderly: the peer gets 0.",
    ],
    "If bytes of the peer are still unread, Linux sends a reset instead (RFC 9293, 3.6.1), and \
     the peer can lose even answers that have reached it. What waits to be sent is otherwise \
     sent by the kernel, though the program no longer has the socket.",
    Chapter::EventLoop,
);

pub(super) const CLOSE_WAITS: Words = words(
    [
        "A close that waits has been told to: by SO_LINGER, with a time.",
        "It goes on when all is sent and confirmed, or when the time is over.",
    ],
    "Without that option, close comes back at once, and the kernel sends what is left.",
    Chapter::EventLoop,
);

const CLOSE_DONE: Words = words(
    [
        "The number is free again, and the next socket or file may get it.",
        "If it was the last one for this socket, the peer now gets the end.",
    ],
    "That close has worked doesn't say that the peer has got everything. Whoever has to know \
     lets the peer finish first: shutdown, read until 0, then close.\n\n\
     The side that closes first is in TIME_WAIT for a while: the pair of addresses stays \
     taken, so that late packets aren't mistaken for a new connection's.",
    Chapter::EventLoop,
);

const CLOSED_ALONE: Words = words(
    [
        "The number is free again, and the next socket or file may get it.",
        "Nobody was at its other end. A listener accepts no one from now on.",
    ],
    "Connections that came by this listener go on: each is a socket of its own. Those that \
     waited in its backlog, accepted by nobody, get a reset.",
    Chapter::EventLoop,
);

const CLOSED_A_COPY: Words = words(
    [
        "The socket lives on: another descriptor still names it.",
        "The peer notices nothing. The last close is what ends a connection.",
    ],
    "Copies come from dup, and from fork, where parent and child have the same sockets. A copy \
     that was forgotten in a child keeps a connection open that everybody believes to be \
     closed.",
    Chapter::Calls,
);

pub(super) const CLOSED_UNREAD: Words = words(
    [
        "Bytes of the peer were still unread, so the kernel has sent a reset.",
        "The peer's next call fails, and answers on their way to it are lost.",
    ],
    "In an orderly end each direction is finished with a FIN, and what was sent arrives. A reset \
     ends both directions at once (RFC 9293, 3.6.1). Whoever wants its last answer to arrive \
     reads until 0 first, and then closes.",
    Chapter::EventLoop,
);

pub(super) const DUP: Words = words(
    [
        "Asks for a second descriptor of the same socket.",
        "Both can send and receive, and both have to be closed.",
    ],
    "try_clone in Rust and dup in Python do this. It is one socket: options and flags, such as \
     non-blocking, hold for both.",
    Chapter::Calls,
);

pub(super) const DUP_DONE: Words = words(
    [
        "Two descriptors name one socket now.",
        "Closing one of them doesn't end the connection.",
    ],
    "shutdown does: it concerns the socket, and not the descriptor.",
    Chapter::Calls,
);
