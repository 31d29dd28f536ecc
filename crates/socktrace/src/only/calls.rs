//! The calls that a word of `--only` may name.

/// What programmers call several calls of the kernel, and those.
const FAMILIES: &[(&str, &[&str])] = &[
    ("accept", &["accept", "accept4"]),
    ("dup", &["dup", "dup2", "dup3"]),
    (
        "epoll",
        &[
            "epoll_create",
            "epoll_create1",
            "epoll_ctl",
            "epoll_wait",
            "epoll_pwait",
            "epoll_pwait2",
        ],
    ),
    ("epoll_create", &["epoll_create", "epoll_create1"]),
    ("epoll_wait", &["epoll_wait", "epoll_pwait", "epoll_pwait2"]),
    (
        "io_uring",
        &["io_uring_setup", "io_uring_enter", "io_uring_register"],
    ),
    ("poll", &["poll", "ppoll"]),
    ("read", &["read", "readv"]),
    ("recv", &["recvfrom", "recvmsg", "recvmmsg"]),
    ("select", &["select", "pselect6"]),
    ("send", &["sendto", "sendmsg", "sendmmsg"]),
    ("write", &["write", "writev"]),
];

/// Names that stand for themselves; those of the families do, too, unless they name one.
const OTHERS: &[&str] = &[
    "bind",
    "close",
    "close_range",
    "connect",
    "fcntl",
    "getpeername",
    "getsockname",
    "getsockopt",
    "ioctl",
    "listen",
    "sendfile",
    "setsockopt",
    "shutdown",
    "socket",
    "socketpair",
    "splice",
];

/// The kernel's names for `word`; none if it is no call that is watched.
pub(super) fn named(word: &str) -> Option<Vec<&'static str>> {
    if let Some((_, names)) = FAMILIES.iter().find(|(family, _)| *family == word) {
        return Some(names.to_vec());
    }
    let members = FAMILIES.iter().flat_map(|(_, names)| names.iter());
    let mut all = members.chain(OTHERS);
    all.find(|name| **name == word).map(|name| vec![*name])
}
