//! All processes that come from one program, wherever they went.
//!
//! A group of processes isn't enough: a program can leave its group (`setsid`), and
//! its children can outlive it. So the checker adopts orphans, and knows whose they
//! are by a mark in the environment that children inherit.

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
    /// Resident memory that no other process shares, in bytes.
    pub(crate) memory: u64,
    /// User and system time, of children that have ended too.
    pub(crate) cpu_time: Duration,
    pub(crate) n_descriptors: usize,
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

    /// The inodes of the sockets that the tree has open.
    pub(crate) fn sockets(&self) -> Vec<u64> {
        platform::sockets(self)
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

    /// Sends a signal to the program itself.
    #[cfg(unix)]
    pub(crate) fn signal_root(&self, signal: Signal) -> Outcome {
        use nix::sys::signal::{Signal as Unix, kill};

        let signal = match signal {
            Signal::Interrupt => Unix::SIGINT,
            Signal::Terminate => Unix::SIGTERM,
            Signal::Stop => Unix::SIGSTOP,
            Signal::Continue => Unix::SIGCONT,
        };
        kill(self.pid(), signal)
            .map_err(|error| Miss::not_judged(format!("cannot send {signal}: {error}")))
    }

    #[cfg(not(unix))]
    pub(crate) fn signal_root(&self, signal: Signal) -> Outcome {
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

/// Makes this process the parent of processes that lose theirs, so that no child of
/// a program escapes.
pub(crate) fn adopt_orphans() {
    platform::adopt_orphans();
}

/// Ends everything that this process started, marked or not.
pub(crate) fn end_all() {
    platform::end_all();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::ffi::OsStr;
    use std::time::Duration;

    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitPidFlag, waitpid};
    use nix::unistd::{Pid, getpid};
    use procfs::process::{FDTarget, Process, all_processes};

    use super::{Mark, Tree, Usage};

    /// A process that goes on forking while it is ended is caught within this many
    /// rounds: each freezes all that it finds first.
    const ROUNDS: usize = 100;

    pub(super) fn adopt_orphans() {
        // Fails only on kernels before 3.4 (prctl(2)).
        let _ = nix::sys::prctl::set_child_subreaper(true);
    }

    pub(super) fn usage(tree: &Tree) -> Option<Usage> {
        let mut usage = Usage::default();
        for process in members(tree) {
            // One that ends in between uses nothing any more.
            let (Ok(stat), Ok(statm)) = (process.stat(), process.statm()) else {
                continue;
            };
            usage.n_processes += 1;
            usage.memory += statm.resident.saturating_sub(statm.shared) * procfs::page_size();
            usage.cpu_time += ticks(stat.utime + stat.stime);
            let of_children = stat.cutime.saturating_add(stat.cstime);
            usage.cpu_time += ticks(u64::try_from(of_children).unwrap_or(0));
            usage.n_descriptors += process.fd_count().unwrap_or(0);
        }
        (usage.n_processes > 0).then_some(usage)
    }

    fn ticks(n: u64) -> Duration {
        Duration::from_millis(n * 1000 / procfs::ticks_per_second())
    }

    pub(super) fn sockets(tree: &Tree) -> Vec<u64> {
        let members = members(tree);
        let descriptors = members.iter().filter_map(|process| process.fd().ok());
        descriptors
            .flatten()
            .flatten()
            .filter_map(|descriptor| match descriptor.target {
                FDTarget::Socket(inode) => Some(inode),
                _ => None,
            })
            .collect()
    }

    pub(super) fn end(tree: &Tree) {
        for _ in 0..ROUNDS {
            let pids: Vec<Pid> = members(tree).iter().map(pid).collect();
            if pids.is_empty() {
                return;
            }
            // Frozen first, none of them can fork while the others are ended.
            for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
                for &pid in &pids {
                    let _ = kill(pid, signal);
                }
            }
            // The root is reaped by its owner, who wants its status.
            for &pid in pids.iter().filter(|&&pid| pid != tree.pid()) {
                let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    pub(super) fn end_all() {
        let everything = Tree::new(std::process::id(), Mark::new());
        for _ in 0..ROUNDS {
            let mut pids: Vec<Pid> = members(&everything).iter().map(pid).collect();
            pids.retain(|&pid| pid != getpid());
            if pids.is_empty() {
                return;
            }
            for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
                for &pid in &pids {
                    let _ = kill(pid, signal);
                }
            }
            for &pid in &pids {
                let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    fn pid(process: &Process) -> Pid {
        Pid::from_raw(process.pid)
    }

    /// The tree's processes that still run: the root, its descendants, and orphans
    /// with its mark.
    fn members(tree: &Tree) -> Vec<Process> {
        let Ok(all) = all_processes() else {
            return Vec::new();
        };
        let mut processes = HashMap::new();
        for process in all.flatten() {
            if let Ok(stat) = process.stat()
                && stat.state != 'Z'
            {
                processes.insert(process.pid, (stat.ppid, process));
            }
        }
        let root = tree.pid().as_raw();
        let is_member = |mut pid: i32| {
            // The way up ends at init at the latest.
            while let Some((parent, process)) = processes.get(&pid) {
                if pid == root {
                    return true;
                }
                let is_orphan = *parent == 1 || *parent == getpid().as_raw();
                if is_orphan && has_mark(process, &tree.mark) {
                    return true;
                }
                pid = *parent;
            }
            false
        };
        let mut pids: Vec<i32> = processes
            .keys()
            .copied()
            .filter(|&pid| is_member(pid))
            .collect();
        pids.sort_unstable();
        let taken = pids.iter().filter_map(|pid| processes.remove(pid));
        taken.map(|(_, process)| process).collect()
    }

    fn has_mark(process: &Process, mark: &Mark) -> bool {
        let variable = OsStr::new(Mark::VARIABLE);
        process.environ().is_ok_and(|environ| {
            environ
                .get(variable)
                .is_some_and(|value| value == mark.value())
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use super::{Tree, Usage};

    pub(super) fn adopt_orphans() {}

    pub(super) fn end_all() {}

    pub(super) fn usage(_: &Tree) -> Option<Usage> {
        None
    }

    pub(super) fn sockets(_: &Tree) -> Vec<u64> {
        Vec::new()
    }

    /// Its group, as far as it is still in it.
    #[cfg(unix)]
    pub(super) fn end(tree: &Tree) {
        let _ = nix::sys::signal::killpg(tree.pid(), nix::sys::signal::Signal::SIGKILL);
    }

    #[cfg(not(unix))]
    pub(super) fn end(_: &Tree) {}
}
