//! Ctrl-C, once and twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Asks a load to end early.
#[derive(Debug, Clone, Default)]
pub struct StopRequests(Arc<AtomicUsize>);

impl StopRequests {
    /// The first request ends the sending, and answers are still waited for; the second
    /// ends that, too.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}
