//! What the programs print, taken at its place in time.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::record::Side;

/// More than a pipe holds by default.
const BUFFER: usize = 1 << 16;

/// The reading ends of the programs' standard outputs and errors.
#[derive(Debug, Default)]
pub(crate) struct Outlets {
    open: Vec<Outlet>,
}

#[derive(Debug)]
struct Outlet {
    side: Side,
    stream: &'static str,
    pipe: File,
    /// The beginning of a character whose end has yet to come.
    rest: Vec<u8>,
}

impl Outlets {
    pub(crate) fn add(&mut self, side: Side, stream: &'static str, pipe: OwnedFd) {
        self.open.push(Outlet {
            side,
            stream,
            pipe: pipe.into(),
            rest: Vec::new(),
        });
    }

    pub(crate) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.open.iter().map(|outlet| outlet.pipe.as_fd())
    }

    /// Hands over what has been printed by now. A program that is stopped at a call has
    /// printed all that it wanted to before: so this comes first, then the call.
    pub(crate) fn drain(&mut self, mut printed: impl FnMut(Side, &'static str, &[u8])) {
        let mut ready: Vec<PollFd<'_>> = self
            .open
            .iter()
            .map(|outlet| PollFd::new(outlet.pipe.as_fd(), PollFlags::POLLIN))
            .collect();
        if self.open.is_empty() || !matches!(poll(&mut ready, PollTimeout::ZERO), Ok(1..)) {
            return;
        }
        let ready: Vec<bool> = ready.iter().map(|it| it.any().unwrap_or(false)).collect();
        let mut ready = ready.into_iter();
        self.open.retain_mut(|outlet| {
            if !ready.next().unwrap_or(false) {
                return true;
            }
            let (side, stream) = (outlet.side, outlet.stream);
            let mut bytes = std::mem::take(&mut outlet.rest);
            let n_before = bytes.len();
            bytes.resize(n_before + BUFFER, 0);
            let length = outlet.pipe.read(&mut bytes[n_before..]).unwrap_or(0);
            bytes.truncate(n_before + length);
            if length > 0 {
                outlet.rest = bytes.split_off(whole_characters(&bytes));
            }
            if !bytes.is_empty() {
                printed(side, stream, &bytes);
            }
            length > 0
        });
    }
}

/// How many bytes there are up to a character that is cut off at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    // No character has more than four bytes.
    let start = bytes.len().saturating_sub(3);
    let is_first = |byte: &u8| *byte >= 0b1100_0000;
    let Some(first) = bytes[start..].iter().rposition(is_first) else {
        return bytes.len();
    };
    match str::from_utf8(&bytes[start + first..]) {
        Err(error) if error.error_len().is_none() => start + first,
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::whole_characters;

    #[track_caller]
    fn check(bytes: &[u8], expected: usize) {
        assert_eq!(whole_characters(bytes), expected);
    }

    #[test]
    fn a_character_is_not_cut() {
        check(b"", 0);
        check(b"abc", 3);
        check("a€".as_bytes(), 4);
        check(&"a€".as_bytes()[..3], 1);
        check(&"a€".as_bytes()[..2], 1);
        check(&"€€".as_bytes()[..4], 3);
        check(&"a😀".as_bytes()[..4], 1);
        check("a😀".as_bytes(), 5);
    }

    #[test]
    fn what_is_no_character_does_not_wait_for_more() {
        check(b"a\xff", 2);
        check(b"a\x80\x80\x80", 4);
        check(b"a\xc3b", 3);
        check(b"\xe2\x28", 2);
    }
}
