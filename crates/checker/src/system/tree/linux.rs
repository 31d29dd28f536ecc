//! Trees of processes as `/proc` shows them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};
use procfs::process::{FDTarget, LimitValue, Process, all_processes};

use super::{Mark, Named, Sockets, Tree, Usage};

/// A process that goes on forking while it is ended is caught within this many
/// rounds: each freezes all that it finds first.
const ROUNDS: usize = 100;

pub(super) fn adopt_orphans() {
    // Fails only on kernels before 3.4 (prctl(2)).
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

pub(super) fn usage(tree: &Tree) -> Option<Usage> {
    let mut usage = Usage::default();
    let (members, n_zombies) = members_and_zombies(tree);
    for process in members {
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
    if usage.n_processes == 0 {
        return None;
    }
    usage.n_zombies = n_zombies;
    usage.n_processes += n_zombies;
    Some(usage)
}

pub(super) fn is_busy(tree: &Tree) -> bool {
    let members = members(tree);
    let threads = members.iter().filter_map(|process| process.tasks().ok());
    let mut states = threads
        .flatten()
        .flatten()
        .filter_map(|thread| thread.stat().ok());
    states.any(|stat| stat.state == 'R')
}

pub(super) fn is_out_of_files(tree: &Tree) -> bool {
    /// Others may have been closed by the time at which it is looked at.
    const NEARLY: u64 = 16;
    let members = members(tree);
    let stands_there = |process: &Process| {
        let limits = process.limits().ok()?;
        let LimitValue::Value(most) = limits.max_open_files.soft_limit else {
            return Some(false);
        };
        Some(process.fd_count().ok()? as u64 + NEARLY >= most)
    };
    members.is_empty()
        || members
            .iter()
            .any(|process| stands_there(process).unwrap_or(true))
}

fn ticks(n: u64) -> Duration {
    Duration::from_millis(n * 1000 / procfs::ticks_per_second())
}

pub(super) fn sockets(tree: &Tree) -> Sockets {
    let members = members(tree);
    let mut sockets = Sockets {
        // Short of descriptors, the checker sees nobody.
        is_all: !members.is_empty(),
        ..Sockets::default()
    };
    for process in members {
        match sockets_of(&process) {
            Some(inodes) => sockets.inodes.extend(inodes),
            // One that ends in between has none.
            None => sockets.is_all &= process.stat().is_err(),
        }
    }
    sockets
}

/// None if the process doesn't show its descriptors.
fn sockets_of(process: &Process) -> Option<Vec<u64>> {
    let mut inodes = Vec::new();
    for descriptor in process.fd().ok()? {
        if let FDTarget::Socket(inode) = descriptor.ok()?.target {
            inodes.push(inode);
        }
    }
    Some(inodes)
}

pub(super) fn behind_a_wrapper(tree: &Tree, inodes: &[u64]) -> Option<[Named; 2]> {
    let mut owners = members(tree);
    owners.retain(|process| {
        let sockets = sockets_of(process).unwrap_or_default();
        sockets.iter().any(|inode| inodes.contains(inode))
    });
    let pids: Vec<i32> = owners.iter().map(|owner| owner.pid).collect();
    let is_topmost = |owner: &&Process| {
        let parent = owner.stat().map(|stat| stat.ppid);
        parent.is_ok_and(|parent| !pids.contains(&parent))
    };
    let root = tree.pid().as_raw();
    let mut topmost = owners.iter().filter(is_topmost);
    let owner = topmost.next()?;
    // Several that share the port have a master, who tells them.
    if topmost.next().is_some() {
        return None;
    }
    (owner.pid != root).then_some([named(owner), named(&Process::new(root).ok()?)])
}

pub(super) fn owner_of(inode: u64) -> Option<Named> {
    let all = all_processes().ok()?;
    let mut owners = all
        .flatten()
        .filter(|process| sockets_of(process).is_some_and(|inodes| inodes.contains(&inode)));
    owners.next().as_ref().map(named)
}

fn named(process: &Process) -> Named {
    Named {
        pid: process.pid,
        name: process.stat().map(|stat| stat.comm).unwrap_or_default(),
    }
}

pub(super) fn ended_children() -> Vec<i32> {
    let own = getpid().as_raw();
    let all = all_processes().into_iter().flatten().flatten();
    all.filter_map(|process| process.stat().ok())
        .filter(|stat| stat.state == 'Z' && stat.ppid == own)
        .map(|stat| stat.pid)
        .collect()
}

pub(super) fn end(tree: &Tree) {
    end_whoever(|| members(tree));
}

pub(super) fn end_all() {
    let everything = Tree::new(std::process::id(), Mark::new());
    end_whoever(|| {
        let mut others = members(&everything);
        others.retain(|process| pid(process) != getpid());
        others
    });
}

/// Ends processes until there are none.
fn end_whoever(find: impl Fn() -> Vec<Process>) {
    for _ in 0..ROUNDS {
        let pids: Vec<Pid> = find().iter().map(pid).collect();
        if pids.is_empty() {
            return;
        }
        // Frozen first, none of them can fork while the others are ended.
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for &pid in &pids {
                let _ = kill(pid, signal);
            }
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
    members_and_zombies(tree).0
}

/// The same, and how many of its children they haven't waited for.
fn members_and_zombies(tree: &Tree) -> (Vec<Process>, usize) {
    let Ok(all) = all_processes() else {
        return (Vec::new(), 0);
    };
    let mut processes = HashMap::new();
    let mut parents_of_zombies = Vec::new();
    for process in all.flatten() {
        match process.stat() {
            Ok(stat) if stat.state == 'Z' => parents_of_zombies.push(stat.ppid),
            Ok(stat) => drop(processes.insert(process.pid, (stat.ppid, process))),
            Err(_) => (),
        }
    }
    let root = tree.pid().as_raw();
    // An orphan's new parent is init, or who adopts on the way there (PR_SET_CHILD_SUBREAPER).
    let mut adopters = vec![getpid().as_raw()];
    while let Some((parent, _)) = adopters.last().and_then(|pid| processes.get(pid)) {
        adopters.push(*parent);
    }
    let is_member = |mut pid: i32| {
        // The way up ends at init at the latest.
        while let Some((parent, process)) = processes.get(&pid) {
            if pid == root {
                return true;
            }
            if adopters.contains(parent) && has_mark(process, &tree.mark) {
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
    let is_of_these = |parent: &&i32| pids.binary_search(parent).is_ok();
    let n_zombies = parents_of_zombies.iter().filter(is_of_these).count();
    let taken = pids.iter().filter_map(|pid| processes.remove(pid));
    (taken.map(|(_, process)| process).collect(), n_zombies)
}

fn has_mark(process: &Process, mark: &Mark) -> bool {
    let variable = OsStr::new(Mark::VARIABLE);
    process.environ().is_ok_and(|environ| {
        environ
            .get(variable)
            .is_some_and(|value| value == mark.value())
    })
}
