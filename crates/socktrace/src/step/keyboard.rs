//! Whether there may be a key, and whether there can ever be one again.
//!
//! crossterm reads from a terminal that is gone over and over again, and never comes back.
//! So on Linux it is asked only while there is one, and we wait for keys ourselves.

use std::io;
use std::time::Duration;

#[cfg(target_os = "linux")]
pub(super) use linux::{is_gone, wait};
#[cfg(not(target_os = "linux"))]
pub(super) use portable::{is_gone, wait};

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::AsFd;

    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    use super::{Duration, io};

    /// True once the terminal of standard input is gone.
    pub(crate) fn is_gone() -> io::Result<bool> {
        let events = look(PollTimeout::ZERO)?;
        Ok(events.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL))
    }

    /// Waits for a key, a signal (another size is told by one), or until `patience` is over.
    pub(crate) fn wait(patience: Duration) -> io::Result<()> {
        let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        look(patience).map(drop)
    }

    fn look(patience: PollTimeout) -> io::Result<PollFlags> {
        let stdin = io::stdin();
        let mut descriptors = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        match poll(&mut descriptors, patience) {
            Ok(_) => Ok(descriptors[0].revents().unwrap_or(PollFlags::empty())),
            Err(Errno::EINTR) => Ok(PollFlags::empty()),
            Err(errno) => Err(errno.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod portable {
    use super::{Duration, io};

    pub(crate) fn is_gone() -> io::Result<bool> {
        Ok(false)
    }

    /// Waits for a key, for another size, or until `patience` is over.
    pub(crate) fn wait(patience: Duration) -> io::Result<()> {
        crossterm::event::poll(patience).map(drop)
    }
}
