//! Errors that tell of a fault in the program, or of something that the system lacks.

use super::{Chapter, Words, words};

pub(super) fn of(name: &str) -> Words {
    match name {
        "EBADF" => BAD_DESCRIPTOR,
        "ENOTSOCK" => NOT_A_SOCKET,
        "EINVAL" | "EDESTADDRREQ" => INVALID,
        "EFAULT" => BAD_ADDRESS,
        "EAFNOSUPPORT" | "EPROTONOSUPPORT" | "ESOCKTNOSUPPORT" => NO_FAMILY,
        "ENOPROTOOPT" | "EOPNOTSUPP" => NOT_SUPPORTED,
        "EEXIST" => ON_THE_LIST,
        "ENOENT" => NOT_THERE,
        "ENOSYS" => NO_SUCH_CALL,
        _ => UNKNOWN,
    }
}

const BAD_DESCRIPTOR: Words = words(
    [
        "EBADF: this number names nothing that is open.",
        "It was closed before, often by another part of the same program.",
    ],
    "A fault in the program, and a dangerous one: a moment later the number may name another \
     connection. In Rust an owner closes a descriptor once, which makes this rare.",
    Chapter::Calls,
);

const NOT_A_SOCKET: Words = words(
    [
        "ENOTSOCK: the descriptor is open, but it is no socket.",
        "The number was closed, and given out again for a file or a pipe.",
    ],
    "Or the program was handed another number than it expects, by its parent for instance.",
    Chapter::Calls,
);

const INVALID: Words = words(
    [
        "The call doesn't fit the socket's state, or an argument makes no sense.",
        "For example accept without listen, or a second bind.",
    ],
    "EINVAL stands for many things; the manual page of the call lists them. EDESTADDRREQ: \
     nobody has said whom to send to.",
    Chapter::Calls,
);

const BAD_ADDRESS: Words = words(
    [
        "EFAULT: a pointer leads outside the program's memory.",
        "A fault in the program, which safe Rust can't make.",
    ],
    "Some programs ask on purpose, to learn whether the kernel knows a call.",
    Chapter::Calls,
);

const NO_FAMILY: Words = words(
    [
        "This system has no such kind of socket.",
        "Of AF_INET6: IPv6 is switched off here.",
    ],
    "A program that wants to run everywhere goes on with IPv4 then. For bind and connect it \
     can mean that the address is of another family than the socket.",
    Chapter::Calls,
);

const NOT_SUPPORTED: Words = words(
    [
        "This kind of socket has no such option, or can't do that.",
        "The program may go on without, if it only wished for it.",
    ],
    "ENOPROTOOPT is about an option, EOPNOTSUPP about a call, such as listen on a UDP socket.",
    Chapter::Calls,
);

const ON_THE_LIST: Words = words(
    [
        "EEXIST: the socket is on the epoll's list already.",
        "EPOLL_CTL_MOD changes what is asked about it.",
    ],
    "If it comes as a surprise, the number may belong to a copy (dup) that was never taken \
     off.",
    Chapter::EventLoop,
);

const NOT_THERE: Words = words(
    [
        "ENOENT: what the call names isn't there.",
        "Of connect, the path of a Unix socket; of epoll, a socket on its list.",
    ],
    "Look-ups of names ask for services of the system by such paths, and do without if they are \
     not there: then this is no fault.",
    Chapter::Calls,
);

const NO_SUCH_CALL: Words = words(
    [
        "ENOSYS: this kernel doesn't have the call, or a sandbox hides it.",
        "Programs usually have an older call that they try next.",
    ],
    "io_uring is switched off in many containers.",
    Chapter::Calls,
);

const UNKNOWN: Words = words(
    [
        "The call has failed. The name of the error says why.",
        "The manual page of the call lists its errors: man 2, and its name.",
    ],
    "Errors that are the same everywhere are listed in man 3 errno.",
    Chapter::Calls,
);
