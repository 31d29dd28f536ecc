//! One row, checked of one program.

use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::arena::Arena;
use crate::outcome::Miss;
use crate::row::Row;
use crate::rows;
use crate::trial::{STOPPED, Trial};

/// Held by a row with a limit of time in it: they aren't measured beside one another,
/// whoever checks them in this process.
static MEASURING: Mutex<()> = Mutex::new(());

/// How many rows of one program are checked at a time: most of them wait, for the program
/// or for time to pass.
const N_AT_ONCE: usize = 6;

impl Trial {
    /// Checks a row, as long as there is time until `end`.
    ///
    /// # Errors
    ///
    /// If the row doesn't hold, or nothing can be said about it.
    pub fn check(&self, row: &Row, end: Option<Instant>) -> Result<(), Miss> {
        let measuring = || MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
        let _turn = row.is_timed.then(measuring);
        let mut long = self.longest_row();
        if row.is_waiting {
            long += self.give_up;
        }
        let arena = Arena::new(self, long, end);
        let result = arena.check_time().and_then(|()| (row.check)(&arena));
        if self.is_interrupted() {
            // The programs were ended, whatever that looked like to the row.
            return Err(Miss::not_judged(STOPPED));
        }
        result.map_err(|miss| match miss {
            Miss::Fails(mut failure) => {
                // A row about the end of a program tells of it itself.
                if !failure.came.contains("it ended") {
                    for words in arena.last_words() {
                        failure.came += &format!("; {words}");
                    }
                }
                for note in arena.notes() {
                    failure.came += &format!("; {note}");
                }
                Miss::Fails(failure)
            }
            other => other,
        })
    }

    /// Checks all rows, several at a time, each of them once: also those that rest on a
    /// broken one. Returns them in their order.
    pub fn check_all(&self) -> Vec<(&'static Row, Result<(), Miss>)> {
        let rows = rows::rows(self.stage, self.side);
        let n_at_once = if self.shares_a_port() { 1 } else { N_AT_ONCE };
        let next = AtomicUsize::new(0);
        let check_next = || {
            let row = *rows.get(next.fetch_add(1, Ordering::Relaxed))?;
            Some((row, self.check(row, None)))
        };
        let mut results: Vec<_> = thread::scope(|scope| {
            let check_some = || scope.spawn(|| iter::from_fn(check_next).collect::<Vec<_>>());
            let workers: Vec<_> = (0..n_at_once).map(|_| check_some()).collect();
            let results = workers
                .into_iter()
                .map(|worker| worker.join().expect("no row panics"));
            results.flatten().collect()
        });
        let place = |row: &Row| rows.iter().position(|known| known.id == row.id);
        results.sort_by_key(|(row, _)| place(row));
        results
    }

    /// Checks the row of this name, for a test.
    ///
    /// # Panics
    ///
    /// Unless the stage has such a row, and it holds.
    #[track_caller]
    pub fn assert_holds(&self, row: &str) {
        let row = rows::row(self.stage, self.side, row).expect("a row of the stage");
        if let Err(miss) = self.check(row, None) {
            panic!("{} ({}), on {}: {miss}", row.id, row.title, self.host);
        }
    }

    /// The same, on each of these addresses.
    ///
    /// # Panics
    ///
    /// Unless they are IP addresses, the stage has such a row, and it holds on all of them.
    #[track_caller]
    pub fn assert_holds_on(mut self, hosts: &[&str], row: &str) {
        for host in hosts {
            self.host = host.parse().expect("an IP address");
            self.assert_holds(row);
        }
    }
}
