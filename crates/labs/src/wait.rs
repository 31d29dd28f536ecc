//! Waits for what can only be looked at, again and again, until it is so.

use std::thread;
use std::time::{Duration, Instant};

/// How often to look.
const PAUSE: Duration = Duration::from_millis(1);
/// Longer than anything takes here, on a machine with much else to do.
const DEADLINE: Duration = Duration::from_secs(10);

/// Looks until there is something, and returns it; nothing, if there is none
/// within 10 seconds.
///
/// # Errors
///
/// As `look` gives them.
pub(crate) fn until<T>(
    mut look: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Option<T>> {
    let end = Instant::now() + DEADLINE;
    loop {
        let found = look()?;
        if found.is_some() || Instant::now() > end {
            return Ok(found);
        }
        thread::sleep(PAUSE);
    }
}
