//! What a program gets from whoever has started the watcher, although the watcher itself
//! has changed it: closed descriptors, ignored and blocked signals.

use std::fmt;
use std::io;
use std::str::FromStr;

use super::sys;

/// What this program was started with, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inherited {
    /// Of standard input, output and error: which were closed.
    closed: u64,
    /// Which signals were ignored, of those that aren't any more.
    ignored: u64,
    /// Which signals were blocked.
    blocked: u64,
}

impl Inherited {
    /// By this program.
    pub(crate) fn own() -> Self {
        let [closed, ignored, blocked] = sys::at_start();
        Self {
            closed,
            ignored,
            blocked,
        }
    }

    /// The same, but for standard descriptors that are given to the program.
    pub(crate) fn without(mut self, given: &[u32]) -> Self {
        for descriptor in given {
            self.closed &= !(1 << descriptor);
        }
        self
    }

    /// Makes it so again, right before this process becomes the program.
    pub(crate) fn restore(self) -> io::Result<()> {
        for signal in sys::CHANGED {
            sys::set_ignored(signal, self.ignored & (1 << (signal - 1)) != 0)?;
        }
        for descriptor in (0..3).filter(|descriptor| self.closed & (1 << descriptor) != 0) {
            nix::unistd::close(descriptor)?;
        }
        sys::block_only(self.blocked)
    }
}

/// As a word of a command line.
impl fmt::Display for Inherited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.closed, self.ignored, self.blocked)
    }
}

impl FromStr for Inherited {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = text.split(',').map(str::parse);
        match [(); 4].map(|()| numbers.next()) {
            [Some(Ok(closed)), Some(Ok(ignored)), Some(Ok(blocked)), None] => Ok(Self {
                closed,
                ignored,
                blocked,
            }),
            _ => Err("expected three numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Inherited;

    #[test]
    fn it_is_read_as_it_is_written() {
        let inherited = Inherited {
            closed: 5,
            ignored: 1 << 12,
            blocked: u64::MAX,
        };
        assert_eq!(inherited.to_string().parse(), Ok(inherited));
        for wrong in ["", "1,2", "1,2,3,4", "1,2,x"] {
            assert!(wrong.parse::<Inherited>().is_err(), "{wrong}");
        }
    }
}
