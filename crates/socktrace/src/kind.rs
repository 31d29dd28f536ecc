//! What a call does to a socket, whatever its name: `read`, `recvfrom` and `recvmsg` all
//! receive.

use crate::record::{Argument, Call, Value, Way};

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

/// What the call `name` does, if it is given `arguments`: for all that is made from
/// records, which have the kernel's names and no more. The watcher decides the same by
/// numbers.
///
/// `splice` moves bytes either way, and its arguments don't say which descriptor is the
/// socket; here it sends. [`Call::kind`] knows better.
#[must_use]
pub fn kind_of(name: &str, arguments: &[Argument]) -> Kind {
    let has = |constant| mentions(arguments, "flags", constant);
    match name {
        "socket" => Kind::Socket,
        "socketpair" => Kind::SocketPair,
        "bind" => Kind::Bind,
        "listen" => Kind::Listen,
        "accept" | "accept4" => Kind::Accept,
        "connect" => Kind::Connect,
        "sendto" | "sendmsg" | "sendmmsg" | "write" | "writev" | "sendfile" | "splice" => {
            Kind::Send
        }
        // What comes back is a report on what was sent before, and nobody's bytes.
        "recvfrom" | "recvmsg" | "recvmmsg" if has("MSG_ERRQUEUE") => Kind::Other,
        "recvfrom" | "recvmsg" | "recvmmsg" if has("MSG_PEEK") => Kind::Peek,
        "recvfrom" | "recvmsg" | "recvmmsg" | "read" | "readv" => Kind::Receive,
        "shutdown" => Kind::Shutdown {
            sends_no_more: ["SHUT_WR", "SHUT_RDWR"]
                .iter()
                .any(|how| mentions(arguments, "how", how)),
        },
        // The descriptors stay open, up to an exec.
        "close_range" if has("CLOSE_RANGE_CLOEXEC") => Kind::Other,
        "close" | "close_range" => Kind::Close,
        "epoll_wait" | "epoll_pwait" | "epoll_pwait2" | "poll" | "ppoll" | "select"
        | "pselect6" => Kind::Readiness,
        "epoll_ctl" => Kind::Interest,
        // `io_uring_enter` among them, which may do anything.
        _ => Kind::Other,
    }
}

impl Call {
    /// What it did: [`kind_of`] its name and arguments, and for a `splice` also by the
    /// way that its bytes went.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let way = self.data.as_ref().map(|data| data.way);
        match self.name.as_str() {
            "splice" if way == Some(Way::Received) => Kind::Receive,
            name => kind_of(name, &self.arguments),
        }
    }
}

/// The argument of this name has this constant in it.
fn mentions(arguments: &[Argument], name: &str, constant: &str) -> bool {
    let mut found = arguments.iter().filter(|argument| argument.name == name);
    found.any(|argument| match &argument.value {
        Value::Text(text) => text.split('|').any(|word| word == constant),
        Value::Number(_) | Value::List(_) => false,
    })
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
        check("splice", None, Kind::Send);
        check("close_range", None, Kind::Close);
        check("epoll_pwait2", None, Kind::Readiness);
        check("epoll_ctl", None, Kind::Interest);
        check("io_uring_enter", None, Kind::Other);
        check("no such call", None, Kind::Other);
    }

    #[test]
    fn flags_make_a_call_another() {
        let flags = |flags| Some(("flags", text(flags)));
        check("recvfrom", flags("MSG_PEEK|MSG_DONTWAIT"), Kind::Peek);
        check("recvmsg", flags("MSG_PEEKABOO"), Kind::Receive);
        check("recvmmsg", Some(("flags", Value::Number(0))), Kind::Receive);
        check("recvmsg", flags("MSG_PEEK|MSG_ERRQUEUE"), Kind::Other);
        // Those of a send mean something else.
        check("sendto", flags("MSG_PEEK"), Kind::Send);
        check("close_range", flags("CLOSE_RANGE_UNSHARE"), Kind::Close);
        check("close_range", flags("CLOSE_RANGE_CLOEXEC"), Kind::Other);
    }

    #[test]
    fn a_shutdown_says_whether_it_ends_the_sending() {
        let check = |how, sends_no_more| {
            let expected = Kind::Shutdown { sends_no_more };
            check("shutdown", Some(("how", how)), expected);
        };
        check(text("SHUT_RD"), false);
        check(text("SHUT_WR"), true);
        check(text("SHUT_RDWR"), true);
        // It fails.
        check(Value::Number(7), false);
    }

    #[test]
    fn a_splice_goes_the_way_of_its_bytes() {
        for (way, expected) in [("sent", Kind::Send), ("received", Kind::Receive)] {
            let json = format!(
                r#"{{"step":1,"side":"server","process":1,"thread":1,"began":0,"ended":1,
                "name":"splice","arguments":[],"result":{{"returned":5}},
                "data":{{"way":"{way}","length":5,"room":9,"bytes":""}}}}"#
            );
            let call: Call = serde_json::from_str(&json).unwrap();
            assert_eq!(call.kind(), expected);
        }
    }
}
