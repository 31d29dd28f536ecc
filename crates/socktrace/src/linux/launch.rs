//! A program, held before its first instruction until it is watched.
//!
//! The child is this very program, with a hidden subcommand: it waits for a byte, gets
//! seized, installs the filter on itself, and then becomes the program. So nothing is
//! done between fork and exec, and no call is missed.

use std::convert::Infallible;
use std::ffi::{CString, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anyhow::{Context, bail, ensure};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::execvp;

use super::decode::Syscall;
use super::filter::filter;
use super::inherited::Inherited;
use super::sys;
use super::tracer::{ESCAPES, FILTERING, RESTART};

/// The hidden subcommand.
const COMMAND: &str = "start-watched";

/// A child that waits to be let go.
pub(crate) struct Waiting {
    pub(crate) child: Child,
    gate: File,
    complaints: OwnedFd,
}

/// Where a child that can't become its program has written why.
pub(crate) struct Complaints(File);

/// Starts `command` as far as the gate. Its standard input, output and error are those
/// that `prepare` gives it, and of its environment what is `inherited`.
pub(crate) fn launch(
    command: &[OsString],
    has_filter: bool,
    inherited: Inherited,
    prepare: impl FnOnce(&mut Command),
) -> anyhow::Result<Waiting> {
    let (hold, gate) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    let (complaints, complain) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    let myself = std::env::current_exe().context("cannot find the path of this program")?;
    let mut launcher = Command::new(myself);
    // By their names in /proc, and not as descriptors that it would inherit: it opens
    // them for itself, and they are closed when it becomes the program.
    launcher.arg(COMMAND);
    launcher.arg(name_of(&hold)).arg(name_of(&complain));
    launcher.arg(if has_filter { "filter" } else { "all" });
    launcher.arg(inherited.to_string());
    launcher.arg("--").args(command);
    prepare(&mut launcher);
    let child = launcher
        .spawn()
        .with_context(|| format!("cannot start {}", command[0].display()))?;
    // It says when it has both open; only then are ours closed.
    wait_until_ready(&child, &complaints).context("the child to be watched did not start")?;
    Ok(Waiting {
        child,
        gate: gate.into(),
        complaints,
    })
}

/// Waits for the child's first byte, or for its end: our own end of the pipe is open as
/// well, so that the pipe doesn't tell of the end.
fn wait_until_ready(child: &Child, complaints: &OwnedFd) -> anyhow::Result<()> {
    let pid = i32::try_from(child.id()).expect("process ids are positive i32s");
    let pid = rustix::process::Pid::from_raw(pid).expect("nor is any of them 0");
    let end = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())?;
    let mut both = [complaints, &end].map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN));
    while let Err(error) = poll(&mut both, PollTimeout::NONE) {
        ensure!(error == Errno::EINTR, error);
    }
    ensure!(
        both[0].any().unwrap_or(false),
        "it ended at once; is /proc mounted?"
    );
    rustix::io::read(complaints, &mut [0])?;
    Ok(())
}

impl Waiting {
    /// Opens the gate.
    pub(crate) fn go(mut self) -> anyhow::Result<(Child, Complaints)> {
        self.gate.write_all(b"g").context("the child is gone")?;
        Ok((self.child, Complaints(self.complaints.into())))
    }
}

impl Complaints {
    /// Why the child has not become its program; `None` if it has, or was killed.
    pub(crate) fn read(mut self) -> Option<String> {
        let mut text = String::new();
        self.0.read_to_string(&mut text).ok()?;
        (!text.is_empty()).then_some(text)
    }
}

fn name_of(descriptor: &OwnedFd) -> PathBuf {
    let (process, number) = (std::process::id(), descriptor.as_raw_fd());
    PathBuf::from(format!("/proc/{process}/fd/{number}"))
}

/// What the hidden subcommand does. Returns only if it fails, after it has said why.
pub fn start_watched(
    hold: &Path,
    complain: &Path,
    has_filter: bool,
    inherited: Inherited,
    command: &[OsString],
) {
    let Ok(mut complain) = OpenOptions::new().write(true).open(complain) else {
        return;
    };
    let Err(error) = become_program(hold, &mut complain, has_filter, inherited, command);
    // If nobody reads it, nobody is there to be told.
    let _ = complain.write_all(format!("{error:#}").as_bytes());
}

fn become_program(
    hold: &Path,
    ready: &mut File,
    has_filter: bool,
    inherited: Inherited,
    command: &[OsString],
) -> anyhow::Result<Infallible> {
    let words = command.iter().map(|word| CString::new(word.as_bytes()));
    let words: Vec<CString> = words.collect::<Result<_, _>>()?;
    let program = words.first().context("there is no command")?;
    let mut hold = File::open(hold)?;
    ready.write_all(b"r")?;
    let mut byte = [0];
    if hold.read(&mut byte)? == 0 {
        // Who wanted to watch is gone.
        bail!("not watched");
    }
    inherited.restore()?;
    if has_filter {
        let own = ESCAPES.into_iter().chain(FILTERING).chain([RESTART]);
        let own = own.map(|number| u32::try_from(number).expect("numbers are small"));
        let numbers: Vec<u32> = Syscall::all().chain(own).collect();
        sys::install_filter(&filter(&numbers)).map_err(explain)?;
    }
    // Not by `Command`, which would change how SIGPIPE is dealt with once more.
    let Err(error) = execvp(program, &words);
    let name = command[0].display();
    Err(io::Error::from(error)).with_context(|| format!("cannot start {name}"))
}

fn explain(error: io::Error) -> anyhow::Error {
    anyhow::Error::new(error)
        .context("cannot install a seccomp filter here; try again with --no-filter")
}
