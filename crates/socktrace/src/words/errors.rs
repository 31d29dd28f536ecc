//! What a call's error means. An error's name says what happened; what it means depends
//! on the call. What is a fault of the program itself stands in `misuse`.

use super::{Chapter, Words, misuse, words};
use crate::kind::Kind;
use crate::record::Call;

pub(super) fn of(name: &str, kind: Kind, call: &Call) -> Words {
    match name {
        "EAGAIN" | "EWOULDBLOCK" => nothing_yet(kind, call),
        "EADDRINUSE" | "EADDRNOTAVAIL" | "EACCES" | "EPERM" => address(name, kind),
        "EINPROGRESS" if call.waited => CONNECT_TIMED_OUT,
        "EINPROGRESS" => IN_PROGRESS,
        "EALREADY" => ALREADY,
        "EISCONN" => IS_CONNECTED,
        "ECONNREFUSED" if kind == Kind::Connect => REFUSED,
        "ECONNREFUSED" => REFUSED_BEFORE,
        "ETIMEDOUT" if kind == Kind::Connect => NO_ANSWER,
        "ETIMEDOUT" => TIMED_OUT,
        "EHOSTUNREACH" | "ENETUNREACH" => UNREACHABLE,
        "ECONNRESET" => RESET,
        "ECONNABORTED" => ABORTED,
        "EPIPE" => PIPE,
        "ENOTCONN" => NOT_CONNECTED,
        "EINTR" => INTERRUPTED,
        _ if name.starts_with("ERESTART") => RESTARTED,
        "EMFILE" | "ENFILE" if kind == Kind::Accept => ACCEPT_NO_DESCRIPTOR,
        "EMFILE" | "ENFILE" => NO_DESCRIPTOR,
        "ENOBUFS" | "ENOMEM" => NO_MEMORY,
        "EMSGSIZE" => TOO_LARGE,
        _ => misuse::of(name),
    }
}

fn nothing_yet(kind: Kind, call: &Call) -> Words {
    match kind {
        // A non-blocking call doesn't wait, so this one has a timeout.
        Kind::Receive | Kind::Peek | Kind::Accept | Kind::Send if call.waited => TIME_IS_OVER,
        Kind::Receive | Kind::Peek => NOTHING_TO_READ,
        Kind::Send => NO_ROOM_TO_SEND,
        Kind::Accept => NOBODY_TO_ACCEPT,
        Kind::Connect => CONNECT_AGAIN,
        _ => NOT_NOW,
    }
}

fn address(name: &str, kind: Kind) -> Words {
    match (name, kind) {
        ("EADDRINUSE", Kind::Connect) | ("EADDRNOTAVAIL", Kind::Connect) => NO_PORT_LEFT,
        ("EADDRINUSE", _) => IN_USE,
        ("EADDRNOTAVAIL", _) => NOT_OURS,
        (_, Kind::Bind) => NOT_ALLOWED_TO_BIND,
        _ => NOT_ALLOWED,
    }
}

const NOTHING_TO_READ: Words = words(
    [
        "EAGAIN: nothing has come yet, and the socket may not wait. No fault.",
        "The connection is well. The program asks again when it is readable.",
    ],
    "Rust calls it WouldBlock, Python BlockingIOError. It is how a non-blocking socket says \
     that all that had come is read; an edge-triggered loop reads until it comes.\n\n\
     It is not the end: that would be 0.",
    Chapter::Steps,
);

const NO_ROOM_TO_SEND: Words = words(
    [
        "EAGAIN: the buffer is full, and the socket may not wait. No fault.",
        "Nothing was taken. The program keeps all of it until there is room.",
    ],
    "The peer doesn't read as fast as this side sends. The next writable event says that there \
     is room. Whoever keeps more and more meanwhile fills the memory: what waits needs a \
     bound.",
    Chapter::Steps,
);

const NOBODY_TO_ACCEPT: Words = words(
    [
        "EAGAIN: nobody waits in the backlog, and the socket may not wait.",
        "No fault: all who have connected are accepted.",
    ],
    "An event loop accepts until this comes, since one event may stand for several newcomers.",
    Chapter::Steps,
);

const TIME_IS_OVER: Words = words(
    [
        "EAGAIN after a wait: the time that the socket's timeout allows is over.",
        "The connection is as it was. What to do now is the program's choice.",
    ],
    "SO_RCVTIMEO and SO_SNDTIMEO set such a timeout; set_read_timeout does in Rust. The error \
     is the same as that of a non-blocking socket, which wouldn't have waited.",
    Chapter::Echo,
);

const CONNECT_AGAIN: Words = words(
    [
        "EAGAIN: it can't be connected just now; nothing has been begun.",
        "On a Unix socket, the listener's backlog is full.",
    ],
    "Unlike EINPROGRESS, this attempt doesn't go on by itself. The program has to call connect \
     again later.",
    Chapter::Calls,
);

const NOT_NOW: Words = words(
    [
        "EAGAIN: it can't be done just now without waiting.",
        "No fault: the program asks again later.",
    ],
    "Something that the call needs is taken, or full, for the moment.",
    Chapter::Steps,
);

const IN_PROGRESS: Words = words(
    [
        "EINPROGRESS: the handshake has begun, and goes on by itself. No fault.",
        "When the socket is writable, SO_ERROR says what came of it.",
    ],
    "A non-blocking connect nearly always comes back like this. The program can do other work \
     meanwhile, and set its own limit to the wait.",
    Chapter::EventLoop,
);

const CONNECT_TIMED_OUT: Words = words(
    [
        "EINPROGRESS after a wait: the time for the connect is over (SO_SNDTIMEO).",
        "There is no connection, and no refusal either.",
    ],
    "The attempt would go on in the kernel, so the program closes the socket if it gives up.",
    Chapter::EventLoop,
);

const ALREADY: Words = words(
    [
        "EALREADY: the connect before is still under way.",
        "When the socket is writable, SO_ERROR says what came of it.",
    ],
    "To call connect again isn't the way to wait for it: readiness is.",
    Chapter::EventLoop,
);

const IS_CONNECTED: Words = words(
    [
        "EISCONN: the socket is connected already.",
        "A socket can be connected once; a new peer needs a new socket.",
    ],
    "Some loops call connect a second time to learn whether the first has worked: then this is \
     the good answer.",
    Chapter::EventLoop,
);

const REFUSED: Words = words(
    [
        "ECONNREFUSED: the machine answers, but nobody listens on that port.",
        "The server isn't running, not yet listening, or has another address.",
    ],
    "The other kernel has answered the SYN with a reset. On a Unix socket it means that the \
     path is there, and its server is gone. A firewall may refuse, too.",
    Chapter::Echo,
);

const REFUSED_BEFORE: Words = words(
    [
        "ECONNREFUSED: something sent or begun before was refused.",
        "Over UDP: nobody has that port, and the other machine has said so.",
    ],
    "The answer came later than the call that it belongs to, so the next call on the socket \
     brings it.",
    Chapter::EventLoop,
);

const NO_ANSWER: Words = words(
    [
        "ETIMEDOUT: nobody has answered, though the kernel asked several times.",
        "The machine is off, or something on the way discards the packets.",
    ],
    "A refusal would have come at once. Silence is typical of firewalls.",
    Chapter::Echo,
);

const TIMED_OUT: Words = words(
    [
        "ETIMEDOUT: the peer doesn't confirm any more, so the connection is over.",
        "Its machine or the network on the way is gone, without a word.",
    ],
    "The kernel has sent again for many minutes, or keep-alive has asked in vain. A program \
     that needs to know sooner has a deadline of its own.",
    Chapter::EventLoop,
);

const UNREACHABLE: Words = words(
    [
        "No way leads there: EHOSTUNREACH or ENETUNREACH.",
        "This machine has no route, or a router on the way has said so.",
    ],
    "Often it is IPv6 on a machine that has none: a name may have such an address, and the next \
     one answers. That is why a client tries all addresses of a name.",
    Chapter::Echo,
);

const RESET: Words = words(
    [
        "ECONNRESET: the peer has broken off the connection. It didn't finish.",
        "What was on its way is lost, in both directions.",
    ],
    "Typical causes: the peer closed with bytes unread, closed with SO_LINGER and 0, or its \
     program is gone while we still sent. A server ends this connection, and serves the others \
     on.\n\n\
     The error comes once; receives return 0 after it, and sends fail with EPIPE.",
    Chapter::EventLoop,
);

const ABORTED: Words = words(
    [
        "ECONNABORTED: a newcomer was gone before he was accepted.",
        "That concerns him alone: the server accepts the next one.",
    ],
    "Linux rarely says so: it hands the connection over, and the first receive fails. Other \
     systems do say it, and a server that ends by it can be ended by anybody.",
    Chapter::EventLoop,
);

const PIPE: Words = words(
    [
        "EPIPE: this connection can't be sent on any more.",
        "The peer has reset it before, or this side has called shutdown.",
    ],
    "The first send after a peer's close often works, since the kernel doesn't know yet that \
     nobody reads. The reset that answers it makes the next one fail like this.\n\n\
     A signal comes with it, SIGPIPE, which ends a program that doesn't expect it. Rust and \
     Python ignore it; in C there is MSG_NOSIGNAL.",
    Chapter::EventLoop,
);

const NOT_CONNECTED: Words = words(
    [
        "ENOTCONN: the socket has no peer: not yet, or not any more.",
        "A listener never has one, and a reset connection has lost it.",
    ],
    "From getpeername and shutdown it often means that the peer was faster: the connection has \
     ended between two calls. After a non-blocking connect: not yet.",
    Chapter::EventLoop,
);

const INTERRUPTED: Words = words(
    [
        "EINTR: a signal came while the call waited, and ended the wait.",
        "Nothing was sent or received. The program usually asks again.",
    ],
    "Rust's read_exact and write_all do it themselves, and so do all calls of Python. An event \
     loop looks first whether the signal was to stop it. connect is the exception: after EINTR \
     the attempt goes on by itself, as with EINPROGRESS.",
    Chapter::EventLoop,
);

const RESTARTED: Words = words(
    [
        "A signal came while the call waited. The kernel is about to make it again.",
        "The program may see nothing of it, or EINTR if the signal has a handler.",
    ],
    "ERESTARTSYS and its relatives are the kernel's own, and no program gets them. Whether the \
     call is made again depends on how the handler was installed (SA_RESTART).",
    Chapter::Calls,
);

const ACCEPT_NO_DESCRIPTOR: Words = words(
    [
        "No descriptor is left for the newcomer, so he stays in the backlog.",
        "The listener stays ready: a loop that asks at once turns without end.",
    ],
    "EMFILE: the process has as many as it may have (ulimit -n). ENFILE: the whole system has. \
     A server goes on serving the others, and accepts again when one of them has left.",
    Chapter::EventLoop,
);

const NO_DESCRIPTOR: Words = words(
    [
        "No descriptor is left: EMFILE for this process, ENFILE for all.",
        "Something has to be closed first, or the limit raised (ulimit -n).",
    ],
    "Sockets and files share the limit. If the number only ever grows, the program forgets to \
     close.",
    Chapter::EventLoop,
);

const IN_USE: Words = words(
    [
        "EADDRINUSE: another socket has this address and port already.",
        "A server that still runs, or one that ended, without SO_REUSEADDR.",
    ],
    "ss -ltnp shows who listens. After a server has ended, its connections can be in TIME_WAIT \
     for a minute, and a bind without SO_REUSEADDR fails as long as that.",
    Chapter::Echo,
);

const NOT_OURS: Words = words(
    [
        "EADDRNOTAVAIL: no interface of this machine has that address.",
        "One can only bind to one's own: ip address shows them.",
    ],
    "127.0.0.1 and ::1 are there nearly always; some containers have no ::1. 0.0.0.0 and :: \
     mean all that there are.",
    Chapter::Echo,
);

const NO_PORT_LEFT: Words = words(
    [
        "No local port is left for this connection: all that could be used are.",
        "Or the address of the peer is of a kind that this machine doesn't have.",
    ],
    "A client's port comes from a range (ip_local_port_range), about 28,000 of them. Each \
     connection to the same server needs another, and one that ended keeps its port in \
     TIME_WAIT for a minute.",
    Chapter::Echo,
);

const NOT_ALLOWED_TO_BIND: Words = words(
    [
        "The port is protected: below 1024 a privilege is needed, on most systems.",
        "Another port, 8080 for 80, needs none.",
    ],
    "On Linux the limit is ip_unprivileged_port_start, and the privilege CAP_NET_BIND_SERVICE. \
     For a Unix socket, it is the folder that may not be written to.",
    Chapter::Echo,
);

const NOT_ALLOWED: Words = words(
    [
        "The system doesn't allow it: EACCES or EPERM.",
        "A firewall's rule, a sandbox, a path's rights, or a missing privilege.",
    ],
    "epoll_ctl says EPERM of something that can't be waited for, such as a plain file, which is \
     always ready. A connect to a broadcast address needs SO_BROADCAST.",
    Chapter::Calls,
);

const NO_MEMORY: Words = words(
    [
        "The kernel has no memory left for it: ENOBUFS or ENOMEM.",
        "All sockets together, or this one, are at a limit.",
    ],
    "A server waits a moment, and serves those whom it has.",
    Chapter::EventLoop,
);

const TOO_LARGE: Words = words(
    [
        "EMSGSIZE: the message is too large to be sent in one piece.",
        "Nothing was sent. A stream doesn't have this limit.",
    ],
    "A UDP message can have 65,507 bytes over IPv4, and is better kept below 1,400.",
    Chapter::Messages,
);
