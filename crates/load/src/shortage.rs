//! What this machine can run out of, which is no failure of the server.

use std::{fmt, fs, io};

/// What this end has nothing left of, to connect with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// A connection takes a port of this end for itself, and keeps it for a while after
    /// its end (RFC 9293, 3.6.1).
    Ports,
    /// Each connection takes a descriptor.
    Descriptors,
}

impl Shortage {
    /// What a connect that gave `error` has lacked; `None` if the reason lies elsewhere.
    pub fn of(error: &io::Error) -> Option<Self> {
        // EMFILE and ENFILE, for which std has no kind, have the same numbers on all
        // Unix systems; then Windows' WSAEMFILE.
        const TOO_MANY_FILES: [i32; 3] = [24, 23, 10024];
        if error.kind() == io::ErrorKind::AddrNotAvailable {
            return Some(Self::Ports);
        }
        let code = error.raw_os_error()?;
        TOO_MANY_FILES.contains(&code).then_some(Self::Descriptors)
    }

    /// A word to count it under.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ports => "ports",
            Self::Descriptors => "descriptors",
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ports => {
                f.write_str("this machine has no port left to connect from")?;
                if let Some((first, last)) = port_range() {
                    write!(f, " (net.ipv4.ip_local_port_range is {first} to {last})")?;
                }
                f.write_str(
                    "; a closed connection keeps its port for a minute: wait, widen the range, \
                     or try fewer --connections",
                )
            }
            Self::Descriptors => f.write_str(
                "this machine gives no more descriptors (see `ulimit -Hn`); \
                 raise the limit, or try fewer --connections",
            ),
        }
    }
}

/// The ports that the system chooses from, where it says so (Linux, for IPv6 as well).
fn port_range() -> Option<(u16, u16)> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut bounds = text.split_whitespace().map_while(|word| word.parse().ok());
    Some((bounds.next()?, bounds.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_lacks_is_told_from_what_the_server_does() {
        let of = |code| Shortage::of(&io::Error::from_raw_os_error(code));
        assert_eq!(of(23), Some(Shortage::Descriptors));
        assert_eq!(of(24), Some(Shortage::Descriptors));
        let no_port = io::Error::from(io::ErrorKind::AddrNotAvailable);
        assert_eq!(Shortage::of(&no_port), Some(Shortage::Ports));
        for kind in [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::TimedOut,
            io::ErrorKind::HostUnreachable,
        ] {
            assert_eq!(Shortage::of(&kind.into()), None);
        }
    }
}
