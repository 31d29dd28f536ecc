//! Processes that lost their parent, and came to a program that has adopted them: they
//! are waited for as they end, or they would fill the machine's table of processes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::tree;

/// True once the children of this process are the checker's alone.
static ADOPTED: AtomicBool = AtomicBool::new(false);

/// The children that somebody here waits for.
static CLAIMED: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Makes this process the parent of processes that lose theirs, so that no child of a
/// program under test escapes, and waits for those that end. For a program that starts
/// no others but by this library.
pub fn adopt() {
    ADOPTED.store(true, Ordering::Relaxed);
    tree::adopt_orphans();
}

/// Ends everything that this process started, marked or not, and what it adopted.
pub fn end_all() {
    tree::end_all();
    reap();
}

/// Says that a child has an owner, who waits for it.
pub(crate) fn claim(pid: u32) {
    claimed().insert(pid);
}

/// Says that the owner has waited for it.
pub(crate) fn give_back(pid: u32) {
    claimed().remove(&pid);
}

/// Waits for those that have ended and have no owner, each by its id.
#[cfg(target_os = "linux")]
pub(crate) fn reap() {
    use nix::sys::wait::{WaitPidFlag, waitpid};
    use nix::unistd::Pid;

    // Whoever judges beside other work has children of other kinds.
    if !ADOPTED.load(Ordering::Relaxed) {
        return;
    }
    let ended = tree::ended_children();
    if ended.is_empty() {
        return;
    }
    // A child is claimed before another one can be started.
    let _nobody_starts = super::ports::starting();
    let claimed = claimed();
    for pid in ended {
        if !u32::try_from(pid).is_ok_and(|pid| claimed.contains(&pid)) {
            let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn reap() {}

fn claimed() -> MutexGuard<'static, BTreeSet<u32>> {
    CLAIMED.lock().expect("nobody panics with the list locked")
}
