//! Processes that lost their parent, and came to the checker: they are waited for as
//! they end, or they would fill the machine's table of processes.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

/// The children that somebody here waits for.
static CLAIMED: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

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

    let ended = super::tree::ended_children();
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
