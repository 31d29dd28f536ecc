//! Finds repetition as it happens: of one entry, or of a few that take turns.

use std::collections::VecDeque;

use crate::record::{Micros, Side};

use super::entry::Entry;

/// The most entries that may take turns: a server that asks whether each of a few
/// descriptors is ready.
const MAX_PERIOD: usize = 8;
/// So many repeated rounds are worth a line that says so; fewer are drawn.
const MIN_ROUNDS: usize = 2;
const MAX_HELD: usize = MIN_ROUNDS * MAX_PERIOD;

/// What is to be drawn.
#[derive(Debug)]
pub(super) enum Piece {
    Entry(Entry),
    Repeated(Repeated),
}

/// What was drawn before has happened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repeated {
    /// How many of the last entries.
    pub(super) n_entries: usize,
    /// How many more times.
    pub(super) n_times: u64,
    /// All of them are ends of calls.
    pub(super) are_calls: bool,
    /// When the last of them was.
    pub(super) at: Micros,
    /// Whose they are, if they are all of the same.
    pub(super) side: Option<Side>,
}

/// Holds entries back as long as they repeat what came before. It keeps a few of them,
/// however long that lasts.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// The keys of the last entries, held ones included.
    recent: VecDeque<u64>,
    /// The lengths of rounds that all held entries agree with; empty if none is held.
    periods: Vec<usize>,
    n_held: u64,
    /// The last of the held ones, and all of them as long as they may have to be drawn.
    held: VecDeque<Entry>,
}

impl Fold {
    pub(super) fn push(&mut self, entry: Entry, pieces: &mut Vec<Piece>) {
        let mut periods = self.periods_with(entry.key);
        if self.n_held > 0 {
            periods.retain(|period| self.periods.contains(period));
            if periods.is_empty() {
                self.flush(pieces);
                periods = self.periods_with(entry.key);
            }
        }
        self.remember(entry.key);
        if periods.is_empty() {
            pieces.push(Piece::Entry(entry));
            return;
        }
        self.periods = periods;
        self.n_held += 1;
        self.held.push_back(entry);
        if self.held.len() > MAX_HELD {
            // By now, even the longest round was repeated often enough not to be drawn.
            self.held.pop_front();
        }
    }

    pub(super) fn flush(&mut self, pieces: &mut Vec<Piece>) {
        let Some(period) = self.periods.first().copied() else {
            return;
        };
        self.periods.clear();
        let n_times = self.n_held / period as u64;
        let n_rest = usize::try_from(self.n_held % period as u64).expect("below the period");
        self.n_held = 0;
        if n_times >= MIN_ROUNDS as u64 {
            let rest = self.held.split_off(self.held.len() - n_rest);
            let round = self.held.range(self.held.len() - period..);
            pieces.push(Piece::Repeated(repeated(round, n_times)));
            self.held = rest;
            // The rounds behind the line aren't on the page any more; what comes next
            // can't be told to be like them.
            self.recent = self.held.iter().map(|entry| entry.key).collect();
        }
        pieces.extend(self.held.drain(..).map(Piece::Entry));
    }

    /// The lengths of rounds that an entry continues.
    fn periods_with(&self, key: u64) -> Vec<usize> {
        let before = self.recent.iter().rev().enumerate();
        let alike = before.filter(|(_, before)| **before == key);
        alike.map(|(index, _)| index + 1).collect()
    }

    fn remember(&mut self, key: u64) {
        if self.recent.len() == MAX_PERIOD {
            self.recent.pop_front();
        }
        self.recent.push_back(key);
    }
}

fn repeated<'a>(round: impl Iterator<Item = &'a Entry> + Clone, n_times: u64) -> Repeated {
    let mut sides = round.clone().map(|entry| entry.side);
    let first = sides.next().flatten();
    Repeated {
        n_entries: round.clone().count(),
        n_times,
        are_calls: round
            .clone()
            .all(|entry| entry.step.is_some() && !entry.is_wait),
        at: round.last().map_or(0, |entry| entry.at),
        side: first.filter(|_| sides.all(|side| side == first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: char) -> Entry {
        Entry {
            at: 0,
            side: None,
            step: Some(1),
            is_wait: false,
            arrow: None,
            leaves: false,
            lines: Vec::new(),
            key: u64::from(key),
        }
    }

    /// Each letter is an entry; what is drawn of them, with `[2*9]` where the last two
    /// came nine times more. A dot is a pause.
    #[track_caller]
    fn check(letters: &str, expected: &str) {
        let (mut fold, mut pieces) = (Fold::default(), Vec::new());
        for letter in letters.chars() {
            match letter {
                '.' => fold.flush(&mut pieces),
                letter => fold.push(entry(letter), &mut pieces),
            }
            assert!(fold.held.len() <= MAX_HELD);
        }
        fold.flush(&mut pieces);
        let mut drawn = String::new();
        for piece in pieces {
            match piece {
                Piece::Entry(entry) => {
                    drawn.push(u32::try_from(entry.key).unwrap().try_into().unwrap());
                }
                Piece::Repeated(repeated) => {
                    drawn += &format!("[{}*{}]", repeated.n_entries, repeated.n_times);
                }
            }
        }
        assert_eq!(drawn, expected);
    }

    #[test]
    fn one_that_repeats_is_counted() {
        check("abc", "abc");
        check("aab", "aab");
        check("aaab", "a[1*2]b");
        check(&"a".repeat(413), "a[1*412]");
    }

    #[test]
    fn a_round_that_repeats_is_counted_from_its_first_on() {
        check("xababab", "xab[2*2]");
        check("xabababa", "xab[2*2]a");
        check("abab", "abab");
        check(&"aab".repeat(10), "aab[3*9]");
        check(&"abcdefgh".repeat(100), "abcdefgh[8*99]");
        check(&"abcdefghi".repeat(3), &"abcdefghi".repeat(3));
        check("aaabaaabaaab", "a[1*2]ba[1*2]ba[1*2]b");
    }

    #[test]
    fn what_comes_after_a_round_is_drawn_in_full() {
        check("ababababcabababab", "ab[2*3]cab[2*3]");
        check("aaaaabbbbb", "a[1*4]b[1*4]");
        check("aaaa.aaaa", "a[1*3]aaaa".replace("aaaa", "a[1*3]").as_str());
    }

    #[test]
    fn a_pause_hides_nothing() {
        check("ab.ab.ab", "ababab");
        check("aaab.aab", "a[1*2]baab");
    }
}
