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
}

impl Outlets {
    pub(crate) fn add(&mut self, side: Side, stream: &'static str, pipe: OwnedFd) {
        self.open.push(Outlet {
            side,
            stream,
            pipe: pipe.into(),
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
            let mut bytes = vec![0; BUFFER];
            let length = outlet.pipe.read(&mut bytes).unwrap_or(0);
            if length > 0 {
                printed(outlet.side, outlet.stream, &bytes[..length]);
            }
            length > 0
        });
    }
}
