//! Newcomers: taken in as far as there is room, and never the end of the loop.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};

/// How long to leave newcomers in the backlog when there is no descriptor for
/// them.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// How many failures of one newcomer each are believed, one after another.
/// Linux lets a security policy refuse without taking the newcomer out of the
/// backlog: then it is the same one again and again.
const MAX_GONE: usize = 64;

/// Where newcomers come from.
pub(super) trait Accept {
    type Stream;

    fn accept(&self) -> io::Result<(Self::Stream, SocketAddr)>;
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.accept()
    }
}

/// What an attempt to accept has brought.
#[derive(Debug)]
pub(super) enum Accepted<T> {
    Newcomer(T, SocketAddr),
    /// One who was gone before he was let in; behind him there may be others.
    Gone,
    /// Nobody waits, or there is no descriptor for who does.
    Nobody,
}

/// A listener, and whether it makes sense to ask it for a newcomer.
#[derive(Debug)]
pub(super) struct Acceptor<L> {
    listener: L,
    /// Nothing has said "would block" since the last event.
    is_ready: bool,
    /// Accepting failed; the next attempt is due then, or when a connection
    /// ends.
    retry_at: Option<Instant>,
    /// The warning about it was given, and the backlog has not been empty
    /// since: once is enough.
    has_warned: bool,
    /// How many more to let in, once the listener is to be closed.
    n_left: Option<usize>,
    /// How many have failed, one after another, for reasons of their own.
    n_gone: usize,
}

impl<L: Accept> Acceptor<L> {
    pub(super) fn new(listener: L) -> Self {
        Self {
            listener,
            is_ready: false,
            retry_at: None,
            has_warned: false,
            n_left: None,
            n_gone: 0,
        }
    }

    pub(super) fn note_ready(&mut self) {
        self.is_ready = true;
    }

    /// A connection has ended, so its descriptor is free.
    pub(super) fn note_free_descriptor(&mut self) {
        self.retry_at = None;
    }

    /// Lets in those who wait already, and at most `n` of them: in a storm,
    /// there is always one more.
    pub(super) fn begin_last_call(&mut self, n: usize) {
        self.n_left = Some(n);
        self.is_ready = true; // Whatever events said before: look once more.
    }

    /// True if the last call is over, and the listener can be closed.
    pub(super) fn is_last_call_over(&self) -> bool {
        self.n_left.is_some_and(|n| n == 0 || !self.is_ready)
    }

    /// When the next attempt is due without an event, if ever.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.is_ready.then(|| self.retry_at.unwrap_or(now))
    }

    /// Asks for the next newcomer, unless it is known that there is none.
    pub(super) fn accept(&mut self, now: Instant) -> Accepted<L::Stream> {
        if !self.is_ready
            || self.n_left == Some(0)
            || self.retry_at.is_some_and(|at| at > now)
        {
            return Accepted::Nobody;
        }
        match self.listener.accept() {
            Ok((stream, peer)) => {
                self.retry_at = None;
                self.n_left = self.n_left.map(|n| n - 1);
                self.n_gone = 0;
                return Accepted::Newcomer(stream, peer);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.is_ready = false;
                self.has_warned = false;
                self.n_gone = 0;
            }
            // ANCHOR: outcomes
            Err(error)
                if concerns_newcomer(&error) && self.n_gone < MAX_GONE =>
            {
                self.n_gone += 1;
                return Accepted::Gone;
            }
            // EMFILE, ENFILE, ENOBUFS, ENOMEM, or something unheard of: the
            // newcomer stays in the backlog, and asking again at once would
            // keep a core busy with nothing else.
            Err(error) => {
                if !self.has_warned {
                    log::warn!("cannot accept, newcomers wait: {error}");
                }
                self.has_warned = true;
                self.retry_at = Some(now + RETRY_INTERVAL);
                self.n_gone = 0;
            }
        }
        // ANCHOR_END: outcomes
        Accepted::Nobody
    }
}

/// True if the failure is one newcomer's, who is then out of the backlog, as a
/// rule. Linux passes on errors of the new connection's network, too, and what
/// a firewall has against it (accept(2)).
fn concerns_newcomer(error: &io::Error) -> bool {
    let is_known_kind = matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::Interrupted
            | ErrorKind::NetworkDown
            | ErrorKind::NetworkUnreachable
            | ErrorKind::PermissionDenied
            | ErrorKind::TimedOut
    );
    is_known_kind || concerns_network(error)
}

/// Those that std has no kind for.
#[cfg(unix)]
fn concerns_network(error: &io::Error) -> bool {
    const NEWCOMERS: [i32; 6] = [
        libc::EHOSTDOWN,
        libc::ENOPROTOOPT,
        libc::EOPNOTSUPP,
        libc::EPROTO,
        libc::EPROTONOSUPPORT,
        libc::ESOCKTNOSUPPORT,
    ];
    #[cfg(target_os = "linux")]
    if error.raw_os_error() == Some(libc::ENONET) {
        return true;
    }
    error
        .raw_os_error()
        .is_some_and(|code| NEWCOMERS.contains(&code))
}

#[cfg(not(unix))]
fn concerns_network(_error: &io::Error) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use super::*;

    const PEER: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);

    /// A backlog with these in it.
    #[derive(Default)]
    struct Backlog(RefCell<VecDeque<Result<&'static str, i32>>>);

    impl Accept for Backlog {
        type Stream = &'static str;

        fn accept(&self) -> io::Result<(&'static str, SocketAddr)> {
            match self.0.borrow_mut().pop_front() {
                Some(Ok(name)) => Ok((name, PEER)),
                Some(Err(code)) => Err(io::Error::from_raw_os_error(code)),
                None => Err(ErrorKind::WouldBlock.into()),
            }
        }
    }

    fn acceptor(
        backlog: impl IntoIterator<Item = Result<&'static str, i32>>,
    ) -> Acceptor<Backlog> {
        let backlog = RefCell::new(backlog.into_iter().collect());
        let mut acceptor = Acceptor::new(Backlog(backlog));
        acceptor.note_ready();
        acceptor
    }

    /// What the next attempt brings, in a word.
    fn next(acceptor: &mut Acceptor<Backlog>, now: Instant) -> &'static str {
        match acceptor.accept(now) {
            Accepted::Newcomer(name, _) => name,
            Accepted::Gone => "gone",
            Accepted::Nobody => "nobody",
        }
    }

    #[test]
    fn it_is_asked_until_it_is_empty_and_then_not_before_an_event() {
        let now = Instant::now();
        let mut acceptor = acceptor([Ok("first"), Ok("second")]);
        assert_eq!(acceptor.deadline(now), Some(now));
        assert_eq!(next(&mut acceptor, now), "first");
        assert_eq!(next(&mut acceptor, now), "second");
        assert_eq!(next(&mut acceptor, now), "nobody");
        assert_eq!(acceptor.deadline(now), None);
        acceptor.listener.0.borrow_mut().push_back(Ok("third"));
        assert_eq!(next(&mut acceptor, now), "nobody");
        acceptor.note_ready();
        assert_eq!(next(&mut acceptor, now), "third");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_concerns_one_newcomer_skips_that_one() {
        let now = Instant::now();
        // All that accept(2) names of this kind, and what other kernels are
        // said to give.
        for code in [
            libc::ECONNABORTED,
            libc::EHOSTDOWN,
            libc::EHOSTUNREACH,
            libc::EINTR,
            libc::ENETDOWN,
            libc::ENETUNREACH,
            libc::ENONET,
            libc::ENOPROTOOPT,
            libc::EOPNOTSUPP,
            libc::EPERM,
            libc::EPROTO,
            libc::EPROTONOSUPPORT,
            libc::ESOCKTNOSUPPORT,
            libc::ETIMEDOUT,
        ] {
            let mut acceptor = acceptor([Err(code), Ok("next")]);
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(next(&mut acceptor, now), "gone", "{error}");
            assert_eq!(next(&mut acceptor, now), "next", "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_concerns_the_machine_makes_newcomers_wait() {
        let now = Instant::now();
        for code in [
            libc::EMFILE,
            libc::ENFILE,
            libc::ENOBUFS,
            libc::ENOMEM,
            libc::EBADF,
            libc::EINVAL,
        ] {
            let error = io::Error::from_raw_os_error(code);
            let mut acceptor = acceptor([Err(code), Ok("next")]);
            assert_eq!(next(&mut acceptor, now), "nobody", "{error}");
            // Not asked again at once, which would be a busy loop...
            assert_eq!(next(&mut acceptor, now), "nobody", "{error}");
            let later = acceptor.deadline(now).unwrap();
            assert_eq!(later, now + RETRY_INTERVAL);
            // ... but after a while.
            assert_eq!(next(&mut acceptor, later), "next", "{error}");
        }
    }

    #[test]
    fn a_last_call_ends_when_nobody_waits() {
        let now = Instant::now();
        let mut acceptor = acceptor([Ok("first"), Ok("second")]);
        acceptor.begin_last_call(10);
        assert_eq!(next(&mut acceptor, now), "first");
        assert_eq!(next(&mut acceptor, now), "second");
        assert!(!acceptor.is_last_call_over(), "there may be more");
        assert_eq!(next(&mut acceptor, now), "nobody");
        assert!(acceptor.is_last_call_over());
    }

    #[test]
    fn a_last_call_ends_in_a_storm_too() {
        let now = Instant::now();
        let mut acceptor = acceptor([Ok("first"), Ok("second"), Ok("third")]);
        acceptor.begin_last_call(2);
        assert_eq!(next(&mut acceptor, now), "first");
        assert_eq!(next(&mut acceptor, now), "second");
        assert!(acceptor.is_last_call_over());
        assert_eq!(next(&mut acceptor, now), "nobody");
    }

    #[cfg(unix)]
    #[test]
    fn a_last_call_goes_on_behind_one_who_is_gone_and_waits_for_a_descriptor() {
        let now = Instant::now();
        let backlog = [Err(libc::ECONNABORTED), Err(libc::EMFILE), Ok("last")];
        let mut acceptor = acceptor(backlog);
        acceptor.begin_last_call(10);
        assert_eq!(next(&mut acceptor, now), "gone");
        assert_eq!(next(&mut acceptor, now), "nobody");
        assert!(!acceptor.is_last_call_over());
        acceptor.note_free_descriptor();
        assert_eq!(next(&mut acceptor, now), "last");
    }

    #[cfg(unix)]
    #[test]
    fn a_failure_that_never_ends_is_no_newcomers() {
        let now = Instant::now();
        let mut acceptor = acceptor([Err(libc::EPERM); 1000]);
        let n_gone = (0..1000)
            .take_while(|_| next(&mut acceptor, now) == "gone")
            .count();
        assert_eq!(n_gone, MAX_GONE);
        assert_eq!(acceptor.deadline(now), Some(now + RETRY_INTERVAL));
    }

    #[cfg(unix)]
    #[test]
    fn a_free_descriptor_ends_the_wait() {
        let now = Instant::now();
        let mut acceptor = acceptor([Err(libc::EMFILE), Ok("next")]);
        assert_eq!(next(&mut acceptor, now), "nobody");
        acceptor.note_free_descriptor();
        assert_eq!(next(&mut acceptor, now), "next");
    }
}
