//! Whose turn it is.

use std::collections::VecDeque;

/// Lanes that have something to do, each once, in the order in which they have it.
#[derive(Debug)]
pub(crate) struct ReadyQueue {
    keys: VecDeque<usize>,
    /// By key.
    /// Invariant: true for exactly those in `keys`.
    is_queued: Vec<bool>,
}

impl ReadyQueue {
    /// Nobody of `n_lanes` has anything to do.
    pub(crate) fn new(n_lanes: usize) -> Self {
        Self {
            keys: VecDeque::new(),
            is_queued: vec![false; n_lanes],
        }
    }

    pub(crate) fn push(&mut self, key: usize) {
        if !self.is_queued[key] {
            self.is_queued[key] = true;
            self.keys.push_back(key);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<usize> {
        let key = self.keys.pop_front()?;
        self.is_queued[key] = false;
        Some(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_turn_once_and_may_come_again() {
        let mut queue = ReadyQueue::new(3);
        for key in [2, 0, 2, 2] {
            queue.push(key);
        }
        assert_eq!((queue.len(), queue.pop()), (2, Some(2)));
        queue.push(2);
        assert_eq!(
            [queue.pop(), queue.pop(), queue.pop()],
            [Some(0), Some(2), None]
        );
        assert!(queue.is_empty());
    }
}
