//! All processes that come from one program, wherever they went.
//!
//! A group of processes isn't enough: a program can leave its group (`setsid`), and
//! its children can outlive it. So orphans are looked for, too, and it is known whose they
//! are by a mark in the environment that children inherit.

#[cfg(target_os = "linux")]
mod linux;

use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
use other as platform;

use crate::outcome::{Miss, Outcome};
use crate::system::Signal;

/// A value in the environment by which a program's descendants are known.
#[derive(Debug)]
pub(crate) struct Mark(String);

impl Mark {
    pub(crate) const VARIABLE: &str = "SOCKET_CHECKER_TREE";

    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(format!("{}-{number}", process::id()))
    }

    pub(crate) fn value(&self) -> &str {
        &self.0
    }
}

/// A program's processes.
#[derive(Debug)]
pub(crate) struct Tree {
    root: u32,
    mark: Mark,
    /// Why the watchman ended it, if he did.
    why_ended: Mutex<Option<String>>,
}

/// What a tree uses, all processes taken together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) n_processes: usize,
    /// Those of them that have ended, and that nobody has waited for.
    pub(crate) n_zombies: usize,
    /// Resident memory that no other process shares, in bytes.
    pub(crate) memory: u64,
    /// User and system time, of children that have ended too.
    pub(crate) cpu_time: Duration,
    pub(crate) n_descriptors: usize,
}

/// What a tree shows of its sockets.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    /// The inodes of those that it has open.
    pub(crate) inodes: Vec<u64>,
    /// False if a process doesn't show its descriptors: another user's, or one that
    /// keeps them to itself (`PR_SET_DUMPABLE`), or the checker is short of its own.
    pub(crate) is_all: bool,
}

/// A process, as a person would look for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) pid: i32,
    pub(crate) name: String,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` (process {})", self.name, self.pid)
    }
}

impl Tree {
    pub(crate) fn new(root: u32, mark: Mark) -> Self {
        Self {
            root,
            mark,
            why_ended: Mutex::new(None),
        }
    }

    /// What the tree uses now.
    pub(crate) fn usage(&self) -> Outcome<Usage> {
        platform::usage(self).ok_or_else(|| {
            Miss::not_judged("needs /proc to look into the server's process, as on Linux")
        })
    }

    /// True if a thread of the tree has work to do, whether it gets a processor or not.
    pub(crate) fn is_busy(&self) -> bool {
        platform::is_busy(self)
    }

    /// True if a process of the tree can hardly open one more file, or nobody can tell.
    #[cfg(unix)]
    pub(crate) fn is_out_of_files(&self) -> bool {
        platform::is_out_of_files(self)
    }

    /// The sockets that the tree has open.
    pub(crate) fn sockets(&self) -> Sockets {
        platform::sockets(self)
    }

    /// The topmost process that has one of these sockets open, if it isn't the program
    /// that was started; and that one.
    pub(crate) fn behind_a_wrapper(&self, inodes: &[u64]) -> Option<[Named; 2]> {
        platform::behind_a_wrapper(self, inodes)
    }

    /// Ends every process of the tree.
    pub(crate) fn end(&self) {
        platform::end(self);
    }

    /// Ends the tree for a reason that is then told.
    pub(crate) fn end_because(&self, reason: String) {
        *self.lock_reason() = Some(reason);
        self.end();
    }

    pub(crate) fn why_ended(&self) -> Option<String> {
        self.lock_reason().clone()
    }

    fn lock_reason(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.why_ended
            .lock()
            .expect("nobody panics with a reason locked")
    }

    /// Sends a signal to a process of the tree; to the program itself unless another is
    /// named.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: Signal, process: Option<&Named>) -> Outcome {
        use nix::sys::signal::{Signal as Unix, kill};

        let signal = match signal {
            Signal::Interrupt => Unix::SIGINT,
            Signal::Terminate => Unix::SIGTERM,
            Signal::Stop => Unix::SIGSTOP,
            Signal::Continue => Unix::SIGCONT,
        };
        let pid = process.map_or(self.pid(), |process| {
            nix::unistd::Pid::from_raw(process.pid)
        });
        kill(pid, signal)
            .map_err(|error| Miss::not_judged(format!("cannot send {signal}: {error}")))
    }

    #[cfg(not(unix))]
    pub(crate) fn signal(&self, signal: Signal, _: Option<&Named>) -> Outcome {
        Err(Miss::not_judged(format!(
            "{signal:?} can't be sent on this system"
        )))
    }

    #[cfg(unix)]
    fn pid(&self) -> nix::unistd::Pid {
        let root = i32::try_from(self.root).expect("process ids are positive i32s");
        nix::unistd::Pid::from_raw(root)
    }
}

pub(super) fn adopt_orphans() {
    platform::adopt_orphans();
}

pub(super) fn end_all() {
    platform::end_all();
}

/// The children of this process that have ended and were not waited for.
#[cfg(target_os = "linux")]
pub(super) fn ended_children() -> Vec<i32> {
    linux::ended_children()
}

/// Who has this socket open, as far as this user may see it.
pub(crate) fn owner_of(inode: u64) -> Option<Named> {
    platform::owner_of(inode)
}

#[cfg(not(target_os = "linux"))]
mod other {
    use super::{Named, Sockets, Tree, Usage};

    pub(super) fn adopt_orphans() {}

    pub(super) fn end_all() {}

    pub(super) fn usage(_: &Tree) -> Option<Usage> {
        None
    }

    pub(super) fn is_busy(_: &Tree) -> bool {
        false
    }

    #[cfg(unix)]
    pub(super) fn is_out_of_files(_: &Tree) -> bool {
        true
    }

    pub(super) fn sockets(_: &Tree) -> Sockets {
        Sockets::default()
    }

    pub(super) fn behind_a_wrapper(_: &Tree, _: &[u64]) -> Option<[Named; 2]> {
        None
    }

    pub(super) fn owner_of(_: u64) -> Option<Named> {
        None
    }

    /// Its group, as far as it is still in it.
    #[cfg(unix)]
    pub(super) fn end(tree: &Tree) {
        let _ = nix::sys::signal::killpg(tree.pid(), nix::sys::signal::Signal::SIGKILL);
    }

    #[cfg(not(unix))]
    pub(super) fn end(_: &Tree) {}
}
