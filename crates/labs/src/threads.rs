//! Threads that may fail to start, where std's own would end the program.

use std::io;
use std::thread::{self, Scope, ScopedJoinHandle};

/// Starts a thread.
///
/// # Errors
///
/// If the system allows no more of them.
pub(crate) fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    let started = thread::Builder::new().spawn_scoped(scope, work);
    // Its EAGAIN would be taken for that of a call.
    started.map_err(|error| {
        let text = format!("cannot start a thread: {error}; see `ulimit -u`");
        io::Error::other(text)
    })
}
