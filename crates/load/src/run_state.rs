//! What all lanes share.

use std::time::Instant;

use multiconn::connection::READ_SIZE;

use crate::flags::Plan;
use crate::schedule::Schedule;
use crate::tally::Tally;

/// What all lanes share, since only one has its turn at a time.
#[derive(Debug)]
pub(crate) struct RunState<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) schedule: Schedule,
    pub(crate) tally: Tally,
    /// The time, as of the last answer or of this round of the loop.
    pub(crate) now: Instant,
    pub(crate) input: Box<[u8]>,
    pub(crate) output: Vec<u8>,
}

impl<'a> RunState<'a> {
    /// Nothing has been sent yet, and nothing is due.
    pub(crate) fn new(plan: &'a Plan, now: Instant) -> Self {
        Self {
            plan,
            schedule: Schedule::new(plan, plan.max_messages, plan.duration),
            tally: Tally::new(),
            now,
            input: vec![0; READ_SIZE].into_boxed_slice(),
            output: Vec::with_capacity(2 * READ_SIZE),
        }
    }
}
