//! Calls that the kernel takes up again, under another number.

use crate::linux::sys::Entry;
use crate::linux::tracer::RESTART;

/// The error by which the kernel tells itself to do so (ERESTART_RESTARTBLOCK); a program
/// never sees it.
const TO_BE_RESTARTED: i64 = -516;

/// A wait with a time limit (`poll`), broken off by a signal that the program doesn't
/// handle: SIGSTOP, SIGCONT. It goes on as `restart_syscall`, for the rest of its time.
#[derive(Debug, Clone, Copy)]
pub(super) struct BrokenOff(Entry);

impl BrokenOff {
    pub(super) fn by(entry: Entry, result: i64) -> Option<Self> {
        (result == TO_BE_RESTARTED).then_some(Self(entry))
    }
}

/// The call that a thread is about to make, by the number that it began with.
pub(super) fn original(entry: Entry, broken_off: Option<BrokenOff>) -> Entry {
    match broken_off {
        // The arguments are still those: what is restarted may also be a call that isn't
        // watched, such as `nanosleep`.
        Some(BrokenOff(before))
            if i64::try_from(entry.number) == Ok(RESTART)
                && entry.arguments == before.arguments =>
        {
            before
        }
        _ => entry,
    }
}
