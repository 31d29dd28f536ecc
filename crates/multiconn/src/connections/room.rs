//! The memory that all sessions together may hold for messages under way.

use std::collections::VecDeque;

/// One number for all connections of a loop. Whoever doesn't fit waits, and is
/// served in order of arrival: a large message can't be overtaken for ever by
/// smaller ones.
#[derive(Debug)]
pub(super) struct Room {
    /// In bytes.
    limit: u64,
    /// Invariant: at most `limit`, unless a single message is larger than that.
    n_reserved: u64,
    /// Connections, by their keys, and the bytes that each waits for.
    waiting: VecDeque<(usize, usize)>,
}

impl Room {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            n_reserved: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Reserves `n` bytes for the connection `key`, or lets it wait for them;
    /// false if it has to wait.
    pub(super) fn reserve(&mut self, key: usize, n: usize) -> bool {
        self.waiting.push_back((key, n));
        self.waiting.len() == 1 && self.admit().is_some()
    }

    /// The next connection that waits, if there is room for it now, which is
    /// then reserved; and how much.
    pub(super) fn admit(&mut self) -> Option<(usize, usize)> {
        let &(_, n) = self.waiting.front()?;
        // One that doesn't even fit alone has to be let in alone, or it waits
        // for ever.
        let fits =
            self.n_reserved + n as u64 <= self.limit || self.n_reserved == 0;
        if !fits {
            return None;
        }
        self.n_reserved += n as u64;
        self.waiting.pop_front()
    }

    pub(super) fn release(&mut self, n: usize) {
        self.n_reserved -= n as u64;
    }

    /// The connection `key` doesn't wait any longer.
    pub(super) fn give_up(&mut self, key: usize) {
        self.waiting.retain(|&(waiting, _)| waiting != key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_fit_waits_and_is_admitted_in_order_of_arrival() {
        let mut room = Room::new(100);
        assert!(room.reserve(1, 60));
        assert!(!room.reserve(2, 60));
        assert!(!room.reserve(3, 10), "it would fit, but 2 was there before");
        assert_eq!(room.admit(), None);
        room.release(60);
        assert_eq!(room.admit(), Some((2, 60)));
        assert_eq!(room.admit(), Some((3, 10)));
        assert_eq!(room.admit(), None);
    }

    #[test]
    fn who_is_gone_keeps_nobody_waiting() {
        let mut room = Room::new(100);
        assert!(room.reserve(1, 60));
        assert!(!room.reserve(2, 60));
        assert!(!room.reserve(3, 10));
        room.give_up(2);
        assert_eq!(room.admit(), Some((3, 10)));
    }

    #[test]
    fn what_is_larger_than_all_there_is_gets_in_alone() {
        let mut room = Room::new(100);
        assert!(room.reserve(1, 1));
        assert!(!room.reserve(2, 1000));
        room.release(1);
        assert_eq!(room.admit(), Some((2, 1000)));
        assert!(!room.reserve(3, 1));
    }
}
