//! Waiting for what has no event.

use std::thread;
use std::time::{Duration, Instant};

/// How often to look whether it has happened.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Waits until `is_done`, and says whether it was in time.
pub(crate) fn wait_until(mut is_done: impl FnMut() -> bool, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while !is_done() {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(LOOK_INTERVAL);
    }
    true
}
