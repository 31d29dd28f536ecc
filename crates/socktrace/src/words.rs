//! What a call means, in two lines, and in more for whoever asks.
//!
//! There are words for three moments: [`before`] a call is made, while it is
//! [`waiting`], and [`after`] it. They say what to notice, to somebody who knows no more
//! than the book has told so far. In the files: `opening`, `options`, `bytes`, `ending`
//! and `readiness` have the calls, `errors` and `misuse` what can go
//! wrong with them.

mod bytes;
mod chapter;
mod ending;
mod errors;
mod misuse;
mod opening;
mod options;
mod readiness;

pub use chapter::Chapter;

use crate::kind::Kind;
use crate::record::{Argument, Call, Outcome, Value};

/// What is said about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Two lines of ASCII, at most [`COLUMNS`] wide, each one or more whole sentences.
    pub lines: [&'static str; 2],
    /// More of it: paragraphs with an empty line between them, each a single line.
    pub more: &'static str,
    /// Where to read on.
    pub chapter: Chapter,
}

/// How wide a line may be: 80, and room for a margin.
pub const COLUMNS: usize = 76;

/// About a call that is about to be made: what it asks of the kernel.
#[must_use]
pub fn before(name: &str, kind: Kind, arguments: &[Argument]) -> Words {
    match kind {
        Kind::Socket
        | Kind::SocketPair
        | Kind::Bind
        | Kind::Listen
        | Kind::Accept
        | Kind::Connect => opening::before(kind, arguments),
        Kind::Send | Kind::Receive | Kind::Peek => bytes::before(name, kind),
        Kind::Shutdown { .. } | Kind::Close => ending::before(kind, arguments),
        Kind::Readiness | Kind::Interest => readiness::before(name, kind, arguments),
        Kind::Other => others_before(name, arguments),
    }
}

fn others_before(name: &str, arguments: &[Argument]) -> Words {
    match name {
        "getsockname" => opening::GETSOCKNAME,
        "getpeername" => opening::GETPEERNAME,
        "setsockopt" => options::set(arguments),
        "getsockopt" => options::get(arguments),
        "fcntl" => options::fcntl(arguments),
        "ioctl" => options::ioctl(arguments),
        "dup" | "dup2" | "dup3" => ending::DUP,
        "epoll_create" | "epoll_create1" => readiness::EPOLL_CREATE,
        name if name.starts_with("io_uring_") => readiness::IO_URING,
        _ => UNKNOWN,
    }
}

/// Why a call waits, and what will end the wait.
#[must_use]
pub fn waiting(name: &str, kind: Kind) -> Words {
    match kind {
        Kind::Accept => opening::ACCEPT_WAITS,
        Kind::Connect => opening::CONNECT_WAITS,
        Kind::Send => bytes::SEND_WAITS,
        Kind::Receive | Kind::Peek => bytes::RECEIVE_WAITS,
        Kind::Close => ending::CLOSE_WAITS,
        Kind::Readiness => readiness::WAITS,
        Kind::Other if name.starts_with("io_uring_") => readiness::IO_URING_WAITS,
        _ => SOMETHING_WAITS,
    }
}

/// About what came of a call: notable results first, else what success means here.
#[must_use]
pub fn after(call: &Call) -> Words {
    let kind = call.kind();
    match &call.result {
        Outcome::Unfinished(_) => UNFINISHED,
        Outcome::Failed(errno) => errors::of(&errno.name, kind, call),
        Outcome::Returned(count) => returned(*count, kind, call),
    }
}

/// About a `close` by a program that had bytes of the peer unread. The call itself doesn't
/// show that, but the socket's receive queue before it does.
#[must_use]
pub fn after_reset() -> Words {
    ending::CLOSED_UNREAD
}

fn returned(count: i64, kind: Kind, call: &Call) -> Words {
    match kind {
        Kind::Socket
        | Kind::SocketPair
        | Kind::Bind
        | Kind::Listen
        | Kind::Accept
        | Kind::Connect => opening::after(kind, &call.arguments),
        Kind::Send | Kind::Receive | Kind::Peek => bytes::after(count, kind, call),
        Kind::Shutdown { .. } | Kind::Close => ending::after(kind, call),
        Kind::Readiness | Kind::Interest => readiness::after(count, kind, &call.arguments),
        Kind::Other => others_after(call),
    }
}

fn others_after(call: &Call) -> Words {
    match call.name.as_str() {
        "getsockname" => opening::GETSOCKNAME_DONE,
        "getpeername" => opening::GETPEERNAME_DONE,
        "setsockopt" => options::SET_DONE,
        "getsockopt" => options::got(call),
        "fcntl" => options::fcntl_done(&call.arguments),
        "ioctl" => options::ioctl_done(&call.arguments),
        "dup" | "dup2" | "dup3" => ending::DUP_DONE,
        "epoll_create" | "epoll_create1" => readiness::EPOLL_CREATE_DONE,
        name if name.starts_with("io_uring_") => readiness::IO_URING_DONE,
        _ => UNKNOWN_DONE,
    }
}

const UNKNOWN: Words = words(
    [
        "A call that concerns this socket, and that the book doesn't explain.",
        "Its manual page does: man 2, and the call's name.",
    ],
    "The names are the kernel's own, so each has a page in section 2 of the manual.",
    Chapter::Calls,
);

const UNKNOWN_DONE: Words = words(
    [
        "It has come back without an error.",
        "What the value means, its manual page says: man 2, and the call's name.",
    ],
    "A call that fails says so by an error with a name, such as EINVAL. Whatever else comes \
     back is a value, and its meaning depends on the call.",
    Chapter::Calls,
);

const SOMETHING_WAITS: Words = words(
    [
        "The call is in the kernel, which hasn't finished with it.",
        "The thread that made it does nothing else until it comes back.",
    ],
    "This is a call that seldom waits. It may be held up by another thread, or by a device.",
    Chapter::Calls,
);

const UNFINISHED: Words = words(
    [
        "It never came back: the thread was gone, or the watching ended.",
        "What it asked for may have happened all the same.",
    ],
    "A program that is killed doesn't see the end of the call that it was in. The kernel \
     closes its descriptors then, and the peers learn of that as of any other close.\n\n\
     If the watching was ended first, the trace simply stops here.",
    Chapter::Calls,
);

/// Words, checked when they are compiled: a line that is too wide doesn't compile.
const fn words(lines: [&'static str; 2], more: &'static str, chapter: Chapter) -> Words {
    assert!(
        is_line(lines[0]) && is_line(lines[1]),
        "two short sentences"
    );
    assert!(ends_with_stop(more), "whole sentences");
    Words {
        lines,
        more,
        chapter,
    }
}

/// Of ASCII, a byte is a column.
const fn is_line(line: &str) -> bool {
    line.is_ascii() && line.len() <= COLUMNS && ends_with_stop(line)
}

const fn ends_with_stop(text: &str) -> bool {
    matches!(text.as_bytes(), [.., b'.'])
}

/// The argument of this name.
fn argument<'a>(arguments: &'a [Argument], name: &str) -> Option<&'a Value> {
    let found = arguments.iter().find(|argument| argument.name == name);
    found.map(|argument| &argument.value)
}

/// True if an argument of one of these names has this constant in it. Only those
/// arguments are looked at: a path or an address may have any text in it.
fn has(arguments: &[Argument], names: &[&str], constant: &str) -> bool {
    let mut candidates = arguments
        .iter()
        .filter(|argument| names.contains(&argument.name.as_str()));
    candidates.any(|argument| mentions(&argument.value, constant))
}

fn mentions(value: &Value, constant: &str) -> bool {
    match value {
        Value::Number(_) => false,
        Value::Text(text) => {
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.any(|word| word == constant)
        }
        // One level: a value that a stranger has nested deeper isn't one of ours.
        Value::List(values) => values.iter().any(|value| match value {
            Value::Text(_) => mentions(value, constant),
            _ => false,
        }),
    }
}

#[cfg(test)]
mod tests;
