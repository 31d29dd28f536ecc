//! When the next deadline is due, over many connections.

use std::collections::BTreeSet;
use std::time::Instant;

/// One deadline for each key, at most.
///
/// A deadline that only ever moves later, as an idle timeout does with each
/// message, costs nothing: the key expires at the old one, and is then given
/// the new one. So an expired key is a hint to look, never a proof that time is
/// over.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Instant, usize)>,
    /// Indexed by key. Invariant: `by_time` has `(at, key)` exactly if
    /// `by_key[key] == Some(at)`.
    by_key: Vec<Option<Instant>>,
}

impl Timers {
    /// Makes sure that `key` expires at `deadline`, or earlier.
    pub(crate) fn expire_by(&mut self, key: usize, deadline: Instant) {
        if self.by_key.len() <= key {
            self.by_key.resize(key + 1, None);
        }
        if self.by_key[key].is_some_and(|at| at <= deadline) {
            return;
        }
        self.remove(key);
        self.by_time.insert((deadline, key));
        self.by_key[key] = Some(deadline);
    }

    /// Forgets the deadline of `key`, if it has one.
    pub(crate) fn remove(&mut self, key: usize) {
        if let Some(at) = self.by_key.get_mut(key).and_then(Option::take) {
            self.by_time.remove(&(at, key));
        }
    }

    /// The first deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes one key that has expired by `now`.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<usize> {
        let (at, key) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.remove(key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_deadline_moves_earlier_but_not_later() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut timers = Timers::default();
        timers.expire_by(3, at(20));
        timers.expire_by(3, at(30));
        assert_eq!(timers.next(), Some(at(20)));
        timers.expire_by(3, at(10));
        timers.expire_by(0, at(15));
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(timers.pop(at(9)), None);
        assert_eq!(timers.pop(at(15)), Some(3));
        assert_eq!(timers.pop(at(15)), Some(0));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_removed_key_never_expires() {
        let now = Instant::now();
        let mut timers = Timers::default();
        timers.expire_by(1, now);
        timers.remove(1);
        timers.remove(7);
        assert_eq!(timers.pop(now), None);
    }
}
