//! How checking a row can end before it holds.

use std::error::Error;
use std::fmt::{self, Display};
use std::io;

/// What a step of a row gives.
pub(crate) type Outcome<T = ()> = Result<T, Miss>;

/// Why a row wasn't seen to hold.
#[derive(Debug, Clone)]
pub enum Miss {
    /// The program broke its promise.
    Fails(Failure),
    /// Nothing can be said about it, for this reason.
    NotJudged(String),
}

/// A broken promise, as it was seen.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What the checker did.
    pub sent: String,
    /// What a good program would have done.
    pub expected: String,
    /// What this one did.
    pub came: String,
    /// True if a message that came couldn't even be taken apart: then the root cause
    /// is the row about well-formed messages.
    pub is_malformed: bool,
    /// What broke it, where that is clearer than what most often breaks the row.
    pub cause: Option<&'static str>,
}

impl Miss {
    /// A broken promise.
    pub(crate) fn fails(sent: impl Display, expected: impl Display, came: impl Display) -> Self {
        Self::Fails(Failure {
            sent: sent.to_string(),
            expected: expected.to_string(),
            came: came.to_string(),
            is_malformed: false,
            cause: None,
        })
    }

    pub(crate) fn not_judged(reason: impl Display) -> Self {
        Self::NotJudged(reason.to_string())
    }

    /// One miss for all the parts of a row, each of which was tried: who mends a program
    /// wants to know all that fails, not one thing a round.
    pub(crate) fn together(parts: impl IntoIterator<Item = Outcome>) -> Outcome {
        let mut failures = Vec::new();
        let mut not_judged = None;
        for part in parts {
            match part {
                Ok(()) => {}
                Err(Self::Fails(failure)) => failures.push(failure),
                Err(other) => not_judged = Some(other),
            }
        }
        let told = |tell: fn(&Failure) -> String| {
            let mut parts: Vec<String> = failures.iter().map(tell).collect();
            parts.dedup();
            parts.join("; ")
        };
        match failures.as_slice() {
            [] => not_judged.map_or(Ok(()), Err),
            [failure] => Err(Self::Fails(failure.clone())),
            [first, ..] => Err(Self::Fails(Failure {
                sent: told(|failure| failure.sent.clone()),
                expected: told(|failure| failure.expected.clone()),
                came: told(|failure| format!("{}: {}", failure.sent, failure.came)),
                ..first.clone()
            })),
        }
    }

    /// The checker's own trouble, which says nothing about the program.
    pub(crate) fn own_trouble(what: &str, error: &io::Error) -> Self {
        let why = limit_of(error).unwrap_or_else(|| error.to_string());
        Self::not_judged(format!("the checker itself {what}: {why}"))
    }

    /// A limit of this machine if the error is one, and else what `failure` says.
    pub(crate) fn unless_own(error: &io::Error, failure: impl FnOnce() -> Self) -> Self {
        match limit_of(error) {
            Some(limit) => Self::not_judged(limit),
            None => failure(),
        }
    }

    /// The same failure, with a cause of its own.
    pub(crate) fn because(self, cause: &'static str) -> Self {
        match self {
            Self::Fails(failure) => Self::Fails(Failure {
                cause: Some(cause),
                ..failure
            }),
            other => other,
        }
    }

    /// The same failure, with what the checker did told in a better way.
    pub(crate) fn after(self, sent: impl Display) -> Self {
        match self {
            Self::Fails(failure) => Self::Fails(Failure {
                sent: sent.to_string(),
                ..failure
            }),
            other => other,
        }
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fails(Failure {
                sent,
                expected,
                came,
                ..
            }) => write!(f, "after {sent}, expected {expected}, got {came}"),
            Self::NotJudged(reason) => write!(f, "not judged: {reason}"),
        }
    }
}

impl Error for Miss {}

/// Fails unless `holds`; the words are made only then.
pub(crate) fn ensure(holds: bool, failure: impl FnOnce() -> Miss) -> Outcome {
    if holds { Ok(()) } else { Err(failure()) }
}

/// Which limit of this machine an error of the checker's own calls is about. Such an
/// error says nothing about the program (socket(2), connect(2), fork(2)).
#[cfg(unix)]
pub(crate) fn limit_of(error: &io::Error) -> Option<String> {
    use nix::errno::Errno;

    let limit = match Errno::from_raw(error.raw_os_error()?) {
        Errno::EMFILE => {
            let (soft, _) = rlimit::Resource::NOFILE.get().unwrap_or_default();
            format!("the checker may have {soft} files open (`ulimit -n`), and has (EMFILE)")
        }
        Errno::ENFILE => "all files that this machine can open are open (ENFILE)".to_owned(),
        Errno::EADDRNOTAVAIL => "this machine has no port left for an outgoing connection, or \
                                 not the address (EADDRNOTAVAIL; `sysctl \
                                 net.ipv4.ip_local_port_range`)"
            .to_owned(),
        Errno::ENETUNREACH => "this machine has no way to the address (ENETUNREACH; is \
                               loopback up? `ip link set lo up`)"
            .to_owned(),
        Errno::ENOBUFS | Errno::ENOMEM => format!("this machine is out of memory ({error})"),
        _ => return None,
    };
    Some(limit)
}

/// The same, of an error at the start of a process or a thread (fork(2), `EAGAIN`).
pub(crate) fn limit_of_start(error: &io::Error) -> Option<String> {
    match error.kind() {
        io::ErrorKind::WouldBlock => {
            Some("this user can have no more processes and threads (`ulimit -u`)".to_owned())
        }
        _ => limit_of(error),
    }
}

#[cfg(not(unix))]
pub(crate) fn limit_of(_: &io::Error) -> Option<String> {
    None
}
