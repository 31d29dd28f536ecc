//! What a call does to a socket, whatever its name: `read`, `recvfrom` and `recvmsg` all
//! receive.

use crate::record::{Argument, Value};

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Makes a socket.
    Socket,
    /// Makes two that are joined.
    SocketPair,
    /// Gives a socket its address.
    Bind,
    /// Makes it accept connections.
    Listen,
    /// Takes a connection from the backlog.
    Accept,
    /// Joins a socket with another address.
    Connect,
    /// Hands bytes to the kernel.
    Send,
    /// Takes bytes from the kernel.
    Receive,
    /// Receives without taking (`MSG_PEEK`).
    Peek,
    /// Ends one direction, or both.
    Shutdown {
        /// The direction in which it sends is among them.
        sends_no_more: bool,
    },
    /// Gives back a descriptor.
    Close,
    /// Asks which descriptors are ready, and may wait for one.
    Readiness,
    /// Says which descriptors to ask about (`epoll_ctl`).
    Interest,
    /// Everything else: options, names, flags, copies of descriptors.
    Other,
}

/// What the call `name` does, for records that don't say: a recorded trace has only the
/// kernel's names.
///
/// `splice` moves bytes either way, and its arguments don't say which descriptor is the
/// socket; here it sends. `io_uring_enter` may do anything, so it is [`Kind::Other`].
#[must_use]
pub fn kind_of(name: &str, arguments: &[Argument]) -> Kind {
    match name {
        "socket" => Kind::Socket,
        "socketpair" => Kind::SocketPair,
        "bind" => Kind::Bind,
        "listen" => Kind::Listen,
        "accept" | "accept4" => Kind::Accept,
        "connect" => Kind::Connect,
        "send" | "sendto" | "sendmsg" | "sendmmsg" | "write" | "writev" | "pwritev2"
        | "sendfile" | "sendfile64" | "splice" => Kind::Send,
        "recv" | "recvfrom" | "recvmsg" | "recvmmsg" | "recvmmsg_time64" | "read" | "readv"
        | "preadv2" => match argument(arguments, "flags") {
            Some(flags) if has(flags, "MSG_PEEK", MSG_PEEK) => Kind::Peek,
            _ => Kind::Receive,
        },
        "shutdown" => Kind::Shutdown {
            sends_no_more: argument(arguments, "how").is_none_or(sends_no_more),
        },
        "close" | "close_range" => Kind::Close,
        "epoll_wait" | "epoll_pwait" | "epoll_pwait2" | "poll" | "ppoll" | "ppoll_time64"
        | "select" | "_newselect" | "pselect6" | "pselect6_time64" => Kind::Readiness,
        "epoll_ctl" => Kind::Interest,
        _ => Kind::Other,
    }
}

/// Its bit, where a trace has the flags as a number.
const MSG_PEEK: i64 = 2;
/// Likewise the direction that isn't sent in; the other two are sent in, or both ways.
const SHUT_RD: i64 = 0;

fn argument<'a>(arguments: &'a [Argument], name: &str) -> Option<&'a Value> {
    let found = arguments.iter().find(|argument| argument.name == name);
    found.map(|argument| &argument.value)
}

fn has(flags: &Value, name: &str, bit: i64) -> bool {
    match flags {
        Value::Number(number) => number & bit != 0,
        Value::Text(text) => text.split('|').any(|word| word.trim() == name),
        Value::List(_) => false,
    }
}

fn sends_no_more(how: &Value) -> bool {
    match how {
        Value::Number(number) => *number != SHUT_RD,
        Value::Text(text) => text != "SHUT_RD",
        Value::List(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, argument: Option<(&str, Value)>, expected: Kind) {
        let arguments = argument.map(|(name, value)| Argument {
            name: name.to_owned(),
            value,
        });
        let arguments: Vec<Argument> = arguments.into_iter().collect();
        assert_eq!(kind_of(name, &arguments), expected, "{name} {arguments:?}");
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn the_name_says_what_a_call_does() {
        check("accept4", None, Kind::Accept);
        check("read", None, Kind::Receive);
        check("writev", None, Kind::Send);
        check("epoll_pwait2", None, Kind::Readiness);
        check("epoll_ctl", None, Kind::Interest);
        check("io_uring_enter", None, Kind::Other);
        check("no such call", None, Kind::Other);
    }

    #[test]
    fn a_flag_makes_a_receive_a_peek() {
        let peeks = [text("MSG_DONTWAIT|MSG_PEEK"), Value::Number(0x42)];
        for flags in peeks {
            check("recvfrom", Some(("flags", flags)), Kind::Peek);
        }
        let others = [text("MSG_PEEKABOO"), Value::Number(0x40), text("")];
        for flags in others {
            check("recvmsg", Some(("flags", flags)), Kind::Receive);
        }
        // The flags of a call that sends mean something else.
        check("sendto", Some(("flags", text("MSG_PEEK"))), Kind::Send);
    }

    #[test]
    fn a_shutdown_says_whether_it_ends_the_sending() {
        let expected = |sends_no_more| Kind::Shutdown { sends_no_more };
        for (how, sends_no_more) in [("SHUT_RD", false), ("SHUT_WR", true), ("SHUT_RDWR", true)] {
            check(
                "shutdown",
                Some(("how", text(how))),
                expected(sends_no_more),
            );
        }
        for (how, sends_no_more) in [(0, false), (1, true), (2, true), (7, true)] {
            let how = Value::Number(how);
            check("shutdown", Some(("how", how)), expected(sends_no_more));
        }
    }
}
