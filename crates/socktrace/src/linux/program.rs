//! A program that is started to be watched, and what its standard streams are.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use libc::{c_int, pid_t};
use nix::unistd::{Pid, getpgid};

use super::inherited::Inherited;
use super::launch::{Complaints, Waiting, launch};
use super::outlets::Outlets;
use crate::record::Side;

/// What the standard streams of a program are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Streams {
    /// Ours, untouched.
    Inherited,
    /// Its outputs are part of the record; its input is ours.
    Recorded,
    /// The same, with an input in which nothing ever comes.
    Silent,
}

/// A child at its gate.
pub(crate) struct Launched(Waiting);

/// A program that was started.
pub(crate) struct Running {
    pub(crate) side: Side,
    /// Reaped like all others that are watched, and never by this handle; its input stays
    /// open as long as it is here.
    child: Child,
    /// Until it has become the program that it is to be.
    pub(crate) complaints: Option<Complaints>,
    pub(crate) status: Option<c_int>,
}

impl Launched {
    /// One that `is_apart` is in a group of its own, which the terminal sends no signals to:
    /// neither Ctrl-C nor that its window has another size.
    pub(crate) fn start(
        command: &[OsString],
        has_filter: bool,
        streams: Streams,
        is_apart: bool,
    ) -> anyhow::Result<Self> {
        let given: &[u32] = match streams {
            Streams::Inherited => &[],
            Streams::Recorded => &[1, 2],
            Streams::Silent => &[0, 1, 2],
        };
        let inherited = Inherited::own().without(given);
        let waiting = launch(command, has_filter, inherited, |launcher| {
            if streams == Streams::Inherited {
                return;
            }
            launcher.stdout(Stdio::piped()).stderr(Stdio::piped());
            // Or it would keep what it prints to itself until it ends.
            launcher.env("PYTHONUNBUFFERED", "1");
            if streams == Streams::Silent {
                launcher.stdin(Stdio::piped());
            }
            if is_apart {
                launcher.process_group(0);
            }
        })?;
        Ok(Self(waiting))
    }

    pub(crate) fn process(&self) -> pid_t {
        process(&self.0.child)
    }

    /// Opens the gate.
    pub(crate) fn go(self, side: Side, outlets: &mut Outlets) -> anyhow::Result<Running> {
        let (mut child, complaints) = self.0.go()?;
        let stdout = child.stdout.take().map(Into::into);
        let stderr = child.stderr.take().map(Into::into);
        for (stream, pipe) in [("stdout", stdout), ("stderr", stderr)] {
            if let Some(pipe) = pipe {
                outlets.add(side, stream, pipe);
            }
        }
        Ok(Running {
            side,
            child,
            complaints: Some(complaints),
            status: None,
        })
    }
}

impl Running {
    pub(crate) fn process(&self) -> pid_t {
        process(&self.child)
    }

    pub(crate) fn shares_our_group(&self) -> bool {
        let group = |process| getpgid(process).ok();
        group(Some(Pid::from_raw(self.process()))) == group(None)
    }
}

fn process(child: &Child) -> pid_t {
    i32::try_from(child.id()).expect("process ids are positive i32s")
}
