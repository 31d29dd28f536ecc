//! What to try when the system refuses what no experiment is about.

use std::io;

use crate::lab::errno_name;

/// What to try, where the error's name says enough.
pub(crate) fn of(error: &io::Error) -> Option<&'static str> {
    // std's own, of `connect_timeout`, has no number.
    if error.raw_os_error().is_none() && error.kind() == io::ErrorKind::TimedOut
    {
        return Some(
            "the system may let fewer wait than asked: see net.core.somaxconn",
        );
    }
    Some(match errno_name(error)?.as_str() {
        "EMFILE" | "ENFILE" => "see how many files may be open: `ulimit -n`",
        "EAGAIN" => {
            "nothing came in time, or too many processes run: `ulimit -u`"
        }
        "ENOMEM" | "ENOBUFS" => "see how much memory there is: `ulimit -v`",
        "EADDRNOTAVAIL" => {
            "all ports may be taken that the system chooses from: see \
             net.ipv4.ip_local_port_range"
        }
        "ENETUNREACH" => "see that the loopback is up: `ip link show lo`",
        "EINTR" => {
            "if this program was stopped meanwhile (Ctrl-Z), start it again"
        }
        "ECHILD" => {
            "who started this ignores SIGCHLD: put `env \
             --default-signal=CHLD` before the command"
        }
        "EROFS" => "a container has settings that can't be changed",
        _ => return None,
    })
}

/// An error, and what to try.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let cause = error.chain().find_map(|cause| cause.downcast_ref());
    match cause.and_then(of) {
        Some(hint) => format!("{error:#}; {hint}"),
        None => format!("{error:#}"),
    }
}
