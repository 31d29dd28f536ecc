//! Messages that wait for their answers.

use std::collections::VecDeque;
use std::mem;
use std::time::Instant;

use crate::flags::Pace;

/// Messages that wait for their answers on one connection, in the order in which they
/// were sent.
#[derive(Debug)]
pub(crate) enum UnderWay {
    /// When each was due. The depth bounds them.
    Timed(VecDeque<Instant>),
    /// How many. A pushed message waits behind all that were pushed before, however
    /// many the buffers on its way hold: how long says nothing of the server, and to
    /// note when each was sent would take memory without a bound.
    Counted(usize),
}

impl UnderWay {
    /// None, to be sent at `pace`.
    pub(crate) fn new(pace: Pace) -> Self {
        match pace {
            Pace::Push => Self::Counted(0),
            Pace::OnAnswer { .. } | Pace::InTurns { .. } | Pace::AtRate { .. } => {
                Self::Timed(VecDeque::new())
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Timed(dues) => dues.len(),
            Self::Counted(n) => *n,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A message is sent that was due at `due`.
    pub(crate) fn push(&mut self, due: Instant) {
        match self {
            Self::Timed(dues) => dues.push_back(due),
            Self::Counted(n) => *n += 1,
        }
    }

    /// The oldest is answered; when it was due, if that is known.
    pub(crate) fn pop(&mut self) -> Option<Instant> {
        match self {
            Self::Timed(dues) => dues.pop_front(),
            Self::Counted(n) => {
                *n = n.saturating_sub(1);
                None
            }
        }
    }

    /// Forgets all of them; when each was due, if that is known.
    pub(crate) fn take(&mut self) -> VecDeque<Instant> {
        match self {
            Self::Timed(dues) => mem::take(dues),
            Self::Counted(n) => {
                *n = 0;
                VecDeque::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_is_counted_and_the_rest_is_timed() {
        let now = Instant::now();
        for (pace, due) in [(Pace::OnAnswer { depth: 9 }, Some(now)), (Pace::Push, None)] {
            let mut under_way = UnderWay::new(pace);
            for n in 1..=3 {
                under_way.push(now);
                assert_eq!(under_way.len(), n);
            }
            assert_eq!((under_way.pop(), under_way.len()), (due, 2));
            assert_eq!(under_way.take(), due.map_or(vec![], |due| vec![due; 2]));
            assert!(under_way.is_empty());
        }
    }
}
