//! Input as an edge-triggered system reports it: once, when it arrives.

use std::io::{self, Read};

use super::stream::unless_it_would_block;

/// After a read that filled only part of the buffer, the system has no more,
/// and will report the next arrival: so says epoll(7). Elsewhere a read must
/// say so itself, by "would block"; more than that, mio doesn't promise.
const SHORT_READ_MEANS_EMPTY: bool =
    cfg!(any(target_os = "linux", target_os = "android"));

// ANCHOR: incoming
/// What is known of a stream's input without asking. An event tells of an
/// arrival once, so it has to be remembered until all of it is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Incoming {
    /// There is none; the next arrival will be an event.
    #[default]
    Nothing,
    /// A read may bring something.
    Something,
    /// The same, and a short read is not all: behind it come the end of input,
    /// an error, or more, since reads stop short at urgent data.
    SomethingBehind,
}
// ANCHOR_END: incoming

impl Incoming {
    /// True if a read may bring something.
    pub fn is_readable(self) -> bool {
        self != Self::Nothing
    }

    /// Remembers an event; `is_special` if it told of the end, an error or
    /// urgent data.
    pub fn note_readable(&mut self, is_special: bool) {
        if is_special {
            *self = Self::SomethingBehind;
        } else if *self == Self::Nothing {
            *self = Self::Something;
        }
    }

    // ANCHOR: read
    /// One read, of which `None` says that it would block.
    ///
    /// # Errors
    ///
    /// As the stream gives them.
    pub fn read(
        &mut self,
        stream: &mut impl Read,
        buffer: &mut [u8],
    ) -> io::Result<Option<usize>> {
        let n_read = unless_it_would_block(|| stream.read(buffer))?;
        let is_short = n_read.is_some_and(|n_read| n_read < buffer.len());
        if n_read.is_none()
            || is_short && SHORT_READ_MEANS_EMPTY && *self == Self::Something
        {
            *self = Self::Nothing;
        }
        Ok(n_read)
    }
    // ANCHOR_END: read
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io::ErrorKind;

    use super::*;

    /// Reads with these results, and then would block.
    struct Reads(VecDeque<io::Result<usize>>);

    impl Read for Reads {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            self.0
                .pop_front()
                .unwrap_or(Err(ErrorKind::WouldBlock.into()))
        }
    }

    /// Reads once into ten bytes, and checks what that brings and what is known
    /// then.
    #[track_caller]
    fn check(
        before: Incoming,
        reads: impl IntoIterator<Item = io::Result<usize>>,
        expected: Option<usize>,
        after: Incoming,
    ) {
        let mut incoming = before;
        let mut stream = Reads(reads.into_iter().collect());
        let n_read = incoming.read(&mut stream, &mut [0; 10]).unwrap();
        assert_eq!((n_read, incoming), (expected, after));
    }

    #[test]
    fn a_full_read_may_have_more_behind_it() {
        for before in [Incoming::Something, Incoming::SomethingBehind] {
            check(before, [Ok(10)], Some(10), before);
        }
    }

    #[test]
    fn a_short_read_is_all_unless_something_special_is_behind_it() {
        let after = if SHORT_READ_MEANS_EMPTY {
            Incoming::Nothing
        } else {
            Incoming::Something
        };
        check(Incoming::Something, [Ok(9)], Some(9), after);
        check(
            Incoming::SomethingBehind,
            [Ok(9)],
            Some(9),
            Incoming::SomethingBehind,
        );
    }

    #[test]
    fn would_block_means_that_there_is_nothing() {
        for before in [Incoming::Something, Incoming::SomethingBehind] {
            check(before, [], None, Incoming::Nothing);
        }
    }

    #[test]
    fn an_interrupted_read_is_made_again() {
        let interrupted = Err(ErrorKind::Interrupted.into());
        check(
            Incoming::Something,
            [interrupted, Ok(10)],
            Some(10),
            Incoming::Something,
        );
    }

    #[test]
    fn an_error_is_told_and_what_was_known_stays() {
        let mut incoming = Incoming::Something;
        let mut stream = Reads([Err(ErrorKind::ConnectionReset.into())].into());
        let error = incoming.read(&mut stream, &mut [0; 10]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(incoming, Incoming::Something);
    }

    #[test]
    fn an_event_never_makes_less_known() {
        let mut incoming = Incoming::default();
        incoming.note_readable(false);
        assert_eq!(incoming, Incoming::Something);
        incoming.note_readable(true);
        incoming.note_readable(false);
        assert_eq!(incoming, Incoming::SomethingBehind);
    }
}
