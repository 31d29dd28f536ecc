//! What a connection is lent for its turn.

use std::time::Instant;

use crate::limits::Limits;

/// How much one read takes at most. The buffer is shared, so its size is paid
/// once. Half of it would be twice as many calls for a large message, and would
/// wake the peer up to twice as often; twice of it brings little more.
pub const READ_SIZE: usize = 128 * 1024;

/// What all connections of a loop use in turn, since only one has its turn at a
/// time: an idle connection costs no buffer.
#[derive(Debug)]
pub struct Context {
    /// What each connection may do.
    pub limits: Limits,
    /// The time of this turn of the loop: the clock is read once, not once
    /// each.
    pub now: Instant,
    pub(crate) input: Box<[u8]>,
    pub(crate) output: Vec<u8>,
}

impl Context {
    /// Empty buffers, and the current time.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: Instant::now(),
            input: vec![0; READ_SIZE].into_boxed_slice(),
            output: Vec::with_capacity(READ_SIZE),
        }
    }
}
