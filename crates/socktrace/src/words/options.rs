//! Options of a socket, and the flag that makes it non-blocking.

use super::{Chapter, Words, argument, has, words};
use crate::record::{Argument, Call, Value};

pub(super) fn set(arguments: &[Argument]) -> Words {
    match argument(arguments, "optname") {
        Some(Value::Text(option)) => of_option(option, arguments),
        _ => SET,
    }
}

fn of_option(option: &str, arguments: &[Argument]) -> Words {
    // Two of them have two numbers each, for the two sizes of a time.
    let option = option.trim_end_matches("_OLD").trim_end_matches("_NEW");
    match option {
        "SO_REUSEADDR" => REUSEADDR,
        "SO_REUSEPORT" => REUSEPORT,
        "TCP_NODELAY" => NODELAY,
        "IPV6_V6ONLY" => V6ONLY,
        "SO_LINGER" => LINGER,
        "SO_RCVTIMEO" | "SO_SNDTIMEO" if has(arguments, &["optval"], "0 s") => NO_TIMEOUT,
        "SO_RCVTIMEO" | "SO_SNDTIMEO" => TIMEOUT,
        "SO_RCVBUF" | "SO_SNDBUF" | "SO_RCVBUFFORCE" | "SO_SNDBUFFORCE" => BUFFER,
        "SO_KEEPALIVE" | "TCP_KEEPIDLE" | "TCP_KEEPINTVL" | "TCP_KEEPCNT" => KEEPALIVE,
        _ => SET,
    }
}

pub(super) fn get(arguments: &[Argument]) -> Words {
    match has(arguments, &["optname"], "SO_ERROR") {
        true => ERROR,
        false => GET,
    }
}

pub(super) fn got(call: &Call) -> Words {
    if !has(&call.arguments, &["optname"], "SO_ERROR") {
        return GOT;
    }
    match argument(&call.gave, "optval") {
        Some(value) if says_nothing(value) => NO_ERROR,
        Some(_) => PENDING_ERROR,
        None => GOT,
    }
}

/// 0, however it was written down.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Number(number) => *number == 0,
        Value::Text(text) => matches!(text.as_str(), "0" | "[0]"),
        Value::List(values) => matches!(&values[..], [Value::Number(0)]),
    }
}

pub(super) fn fcntl(arguments: &[Argument]) -> Words {
    let is = |command| has(arguments, &["cmd", "op"], command);
    if is("F_SETFL") {
        match has(arguments, &["arg", "flags"], "O_NONBLOCK") {
            true => NONBLOCKING,
            false => BLOCKING,
        }
    } else if is("F_DUPFD") || is("F_DUPFD_CLOEXEC") {
        super::ending::DUP
    } else if is("F_GETFD") {
        GETFD
    } else {
        FCNTL
    }
}

pub(super) fn fcntl_done(arguments: &[Argument]) -> Words {
    match fcntl(arguments) {
        NONBLOCKING => NONBLOCKING_DONE,
        BLOCKING => BLOCKING_DONE,
        super::ending::DUP => super::ending::DUP_DONE,
        _ => FCNTL_DONE,
    }
}

pub(super) fn ioctl(arguments: &[Argument]) -> Words {
    if has(arguments, &["request", "op", "cmd"], "FIONBIO") {
        match turns_off(arguments) {
            true => BLOCKING,
            false => NONBLOCKING,
        }
    } else if has(arguments, &["request", "op", "cmd"], "FIONREAD") {
        FIONREAD
    } else {
        IOCTL
    }
}

fn turns_off(arguments: &[Argument]) -> bool {
    let value = argument(arguments, "argp").or_else(|| argument(arguments, "arg"));
    value.is_some_and(says_nothing)
}

pub(super) fn ioctl_done(arguments: &[Argument]) -> Words {
    match ioctl(arguments) {
        NONBLOCKING => NONBLOCKING_DONE,
        BLOCKING => BLOCKING_DONE,
        FIONREAD => FIONREAD_DONE,
        _ => SET_DONE,
    }
}

const REUSEADDR: Words = words(
    [
        "Says that the port may be taken again soon after an earlier server.",
        "Without it, bind fails while old connections are in TIME_WAIT.",
    ],
    "SO_REUSEADDR is set before bind. It doesn't let two servers listen on one address and port \
     (on Linux; Windows differs, so std doesn't set it there).",
    Chapter::Echo,
);

const REUSEPORT: Words = words(
    [
        "Lets several sockets listen on the same port, if all of them say so.",
        "The kernel then deals newcomers out among them.",
    ],
    "SO_REUSEPORT is how some servers give each thread a listener of its own. They must belong \
     to the same user.",
    Chapter::Calls,
);

const NODELAY: Words = words(
    [
        "Says that small writes are sent at once: Nagle's algorithm is off.",
        "Else one may be held back while the one before isn't confirmed yet.",
    ],
    "Holding back saves packets where a program makes many tiny writes. With a peer that \
     confirms late (delayed ACK, 40 ms and more), it costs that time for an answer.",
    Chapter::Echo,
);

const V6ONLY: Words = words(
    [
        "Says whether a socket on :: takes IPv6 alone (1), or IPv4, too (0).",
        "The default differs between systems, so careful servers say it.",
    ],
    "A socket that takes both shows an IPv4 client as ::ffff:127.0.0.1. With 1, another socket \
     can have the same port on 0.0.0.0.",
    Chapter::EventLoop,
);

const LINGER: Words = words(
    [
        "Says what close does with bytes that aren't sent yet (SO_LINGER).",
        "On with 0 seconds, close discards them, and sends a reset.",
    ],
    "On with a time, close waits until all is sent and confirmed, or the time is over. Off, \
     which is the default, close comes back at once and the kernel sends the rest.",
    Chapter::EventLoop,
);

const TIMEOUT: Words = words(
    [
        "Sets how long a call may wait: SO_RCVTIMEO to receive, SO_SNDTIMEO to send.",
        "A call that would wait longer then fails with EAGAIN.",
    ],
    "set_read_timeout and set_write_timeout in Rust do this. On Linux SO_RCVTIMEO holds for \
     accept, too, and SO_SNDTIMEO for connect, which fails with EINPROGRESS then. The time is for one \
     call: a peer that sends a byte now and then keeps a loop of calls alive for ever.",
    Chapter::Echo,
);

const NO_TIMEOUT: Words = words(
    [
        "Sets how long a call may wait: 0 stands for any time, and ends no call.",
        "SO_RCVTIMEO is for receives, SO_SNDTIMEO for sends.",
    ],
    "So it is without this option, too. A program that is held before each call is told to \
     have no timeout, since nobody reads in a hurry.",
    Chapter::Echo,
);

const BUFFER: Words = words(
    [
        "Sets how much the kernel keeps for this socket: SO_RCVBUF, SO_SNDBUF.",
        "Linux doubles the number, for its own book-keeping.",
    ],
    "Without it, Linux lets both buffers grow as the connection needs. To set them ends that, \
     so it is seldom faster. Small buffers show backpressure sooner, which is good for tests.",
    Chapter::Steps,
);

const KEEPALIVE: Words = words(
    [
        "Lets the kernel ask a silent peer now and then whether it is there.",
        "If nothing comes back, calls on the connection fail with ETIMEDOUT.",
    ],
    "SO_KEEPALIVE turns it on. On Linux the first question comes after two hours, unless \
     TCP_KEEPIDLE says otherwise; TCP_KEEPINTVL and TCP_KEEPCNT say how often it is asked \
     again. It says nothing about the peer's program, which may hang.",
    Chapter::EventLoop,
);

const SET: Words = words(
    [
        "Sets an option of the socket. The kernel notes it; nothing is sent.",
        "Level and name say which: man 7 socket, man 7 tcp, man 7 ip.",
    ],
    "SOL_SOCKET has those of any socket, IPPROTO_TCP and IPPROTO_IPV6 those of a protocol.",
    Chapter::Calls,
);

pub(super) const SET_DONE: Words = words(
    [
        "The kernel has noted it for this socket, and for no other.",
        "The peer isn't told.",
    ],
    "What Linux made of the value, getsockopt tells; of buffers it is twice the number.",
    Chapter::Calls,
);

const ERROR: Words = words(
    [
        "Asks for the error that waits on this socket, and clears it: SO_ERROR.",
        "After a non-blocking connect, it says whether that has worked.",
    ],
    "take_error in Rust does this. A non-blocking connect has no other place for its result: it \
     came back before there was one.",
    Chapter::EventLoop,
);

const NO_ERROR: Words = words(
    [
        "0: no error waits on this socket.",
        "If it was writable after a non-blocking connect, it is connected.",
    ],
    "Before it is writable, 0 says only that the attempt hasn't failed yet.",
    Chapter::EventLoop,
);

const PENDING_ERROR: Words = words(
    [
        "An error waited on this socket, and optval says which.",
        "After a non-blocking connect, this is why that has failed.",
    ],
    "The call itself has worked; the error is what it brought. It is cleared now. The next \
     address of the name may still answer.",
    Chapter::EventLoop,
);

const GET: Words = words(
    [
        "Asks for an option of the socket. Nothing is sent.",
        "Level and name say which: man 7 socket, man 7 tcp, man 7 ip.",
    ],
    "SO_TYPE, SO_DOMAIN and SO_PROTOCOL ask what kind of socket it is. Python asks that of \
     sockets that it gets by their number.",
    Chapter::Calls,
);

const GOT: Words = words(
    [
        "The option's value, as the kernel has it.",
        "It may differ from what was set: of buffers it is twice as much.",
    ],
    "The kernel keeps values within its own limits, which are in /proc/sys/net.",
    Chapter::Calls,
);

const NONBLOCKING: Words = words(
    [
        "Makes the socket non-blocking: from here on no call on it waits.",
        "A call that has nothing to do fails with EAGAIN instead.",
    ],
    "set_nonblocking in Rust, setblocking(False) in Python. It is done by fcntl with O_NONBLOCK \
     or by ioctl with FIONBIO, which come to the same, or by SOCK_NONBLOCK when the socket is \
     made.",
    Chapter::Steps,
);

const NONBLOCKING_DONE: Words = words(
    [
        "No call on this socket waits any more.",
        "The program now has to know when it is worth while to ask: readiness.",
    ],
    "A send may also take less than all, and the rest is the program's to keep.",
    Chapter::Steps,
);

const BLOCKING: Words = words(
    [
        "Makes the socket blocking: calls on it wait for something to do.",
        "That is how each socket begins, unless it was made otherwise.",
    ],
    "A connect with a timeout is often made so: non-blocking for the wait, blocking after it.",
    Chapter::Steps,
);

const BLOCKING_DONE: Words = words(
    [
        "Calls on this socket wait again until they can do something.",
        "While one waits, its thread does nothing else.",
    ],
    "This holds for all descriptors of the socket.",
    Chapter::Steps,
);

const GETFD: Words = words(
    [
        "Asks for the descriptor's own flags. It changes nothing.",
        "Rust's debug builds do so before a close, to see that it is still open.",
    ],
    "It is a check of the standard library: a number that is closed already has been closed by \
     somebody who doesn't own it. A release build goes without.",
    Chapter::Calls,
);

const FCNTL: Words = words(
    [
        "Asks for flags of the descriptor, or sets them.",
        "F_GETFL and F_SETFL: blocking or not. F_SETFD: kept from other programs.",
    ],
    "To set one flag a program asks for all, adds the one, and sets them: that is why F_GETFL \
     often comes before F_SETFL.",
    Chapter::Calls,
);

const FCNTL_DONE: Words = words(
    [
        "The flags are as asked for, or what came back are the flags.",
        "The socket itself goes on as before.",
    ],
    "O_RDWR says that it can be read and written, O_NONBLOCK that its calls don't wait.",
    Chapter::Calls,
);

const FIONREAD: Words = words(
    [
        "Asks how many bytes have come and are unread.",
        "It takes none of them.",
    ],
    "0 may mean that nothing has come, or that this is the end: only a receive tells.",
    Chapter::Calls,
);

const FIONREAD_DONE: Words = words(
    [
        "So many bytes have come and are unread.",
        "A moment later it may be more.",
    ],
    "It is the receive queue that ss shows.",
    Chapter::Calls,
);

const IOCTL: Words = words(
    [
        "A request of a rarer kind, to this socket or to its interface.",
        "Its name says what: man 7 socket, man 7 ip, man 7 netdevice.",
    ],
    "ioctl is the call for whatever has no call of its own.",
    Chapter::Calls,
);
