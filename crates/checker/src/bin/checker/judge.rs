//! Runs rows, several at a time, and gives each its verdict.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use checker::{Failure, Miss, Row, STOPPED, Trial};
use indicatif::ProgressBar;

/// How many rows run at a time: most of them wait, for silence or for an end.
const N_AT_ONCE: usize = 4;

/// Why a row isn't judged that couldn't be checked to its end.
const BROKEN_OFF: &str = "the checker itself broke off; is there room for its threads \
                          (`ulimit -u`)?";

/// What is said of a row.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    Holds,
    Fails(Failure),
    /// It failed, and held when it was tried again.
    Unsteady(Failure),
    NotJudged(String),
}

/// A row and its verdict.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) row: &'static Row,
    pub(crate) verdict: Verdict,
    pub(crate) took: Duration,
}

impl Verdict {
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::Fails(_) | Self::Unsteady(_))
    }
}

/// Checks `rows`, as far as there is time until `deadline`.
pub(crate) fn judge(
    trial: &Trial,
    rows: &[&'static Row],
    deadline: Option<Instant>,
    progress: &ProgressBar,
) -> Vec<Judged> {
    // Rows with a limit of time run when no other does, and each by itself.
    let n_at_once = if trial.shares_a_port() { 1 } else { N_AT_ONCE };
    let board = Board::new(trial, rows, deadline, progress);
    if trial.shares_a_port() {
        board.run(|row| !row.is_timed, n_at_once);
        board.run(|row| row.is_timed, 1);
    } else {
        // Those that only wait hold up no others, and none of them another.
        let n_waiting = rows.iter().filter(|row| row.is_waiting).count();
        thread::scope(|scope| {
            scope.spawn(|| board.run(|row| row.is_waiting, n_waiting));
            board.run(|row| !row.is_timed && !row.is_waiting, n_at_once);
            board.run(|row| row.is_timed, 1);
        });
    }
    let mut judged = board.finish();
    name_root_causes(&mut judged);
    judged
}

/// All rows, and how far they are.
struct Board<'a> {
    trial: &'a Trial,
    deadline: Option<Instant>,
    progress: &'a ProgressBar,
    entries: Mutex<Vec<Entry>>,
    changed: Condvar,
}

struct Entry {
    row: &'static Row,
    state: State,
    took: Duration,
}

enum State {
    Waiting,
    Running,
    /// Failed once, and to be tried again.
    Doubtful(Failure),
    Decided(Verdict),
}

/// A row to be checked, by whoever took it.
struct Task {
    index: usize,
    row: &'static Row,
    /// How it failed the first time.
    doubt: Option<Failure>,
}

impl State {
    /// True once it is clear whether the row can be the ground of others.
    fn is_known(&self) -> bool {
        matches!(self, Self::Decided(_) | Self::Doubtful(_))
    }
}

impl<'a> Board<'a> {
    fn new(
        trial: &'a Trial,
        rows: &[&'static Row],
        deadline: Option<Instant>,
        progress: &'a ProgressBar,
    ) -> Self {
        let entry = |row: &&'static Row| Entry {
            row,
            state: State::Waiting,
            took: Duration::ZERO,
        };
        progress.set_length(rows.len() as u64);
        Self {
            trial,
            deadline,
            progress,
            entries: Mutex::new(rows.iter().map(entry).collect()),
            changed: Condvar::new(),
        }
    }

    /// Runs the rows that are `wanted`, and then again those of them that failed.
    fn run(&self, wanted: impl Fn(&Row) -> bool + Sync, n_at_once: usize) {
        // What is still there after so long isn't there by bad luck.
        let is_sure = |row: &Row| row.is_waiting && self.trial.short_deadline.is_none();
        for is_second_try in [false, true] {
            let wanted = |row: &Row| wanted(row) && !(is_second_try && is_sure(row));
            thread::scope(|scope| {
                for _ in 0..n_at_once {
                    scope.spawn(|| {
                        while let Some(task) = self.take(&wanted, is_second_try) {
                            self.check(task);
                        }
                    });
                }
            });
        }
    }

    /// Takes the next row whose needs are decided; none if there is no more.
    fn take(&self, wanted: &impl Fn(&Row) -> bool, is_second_try: bool) -> Option<Task> {
        let mut entries = self.lock();
        loop {
            // One that is given up can be the ground of others.
            while self.give_up_groundless(&mut entries) {}
            let is_open = |entry: &Entry| {
                wanted(entry.row)
                    && match &entry.state {
                        State::Waiting => !is_second_try,
                        State::Doubtful(_) => is_second_try,
                        _ => false,
                    }
            };
            let ready = |entry: &Entry| {
                is_second_try || unmet(&entries, entry.row, |state| !state.is_known()).is_none()
            };
            let found = entries
                .iter()
                .position(|entry| is_open(entry) && ready(entry));
            if let Some(index) = found {
                let entry = &mut entries[index];
                let before = std::mem::replace(&mut entry.state, State::Running);
                let doubt = match before {
                    State::Doubtful(failure) => Some(failure),
                    _ => None,
                };
                return Some(Task {
                    index,
                    row: entry.row,
                    doubt,
                });
            }
            if !entries.iter().any(is_open) {
                return None;
            }
            entries = self
                .changed
                .wait(entries)
                .expect("nobody panics with the board locked");
        }
    }

    /// Decides a row whose ground is missing, if there is one.
    fn give_up_groundless(&self, entries: &mut [Entry]) -> bool {
        let is_missing = |state: &State| match state {
            State::Doubtful(_) => true,
            State::Decided(verdict) => !matches!(verdict, Verdict::Holds),
            State::Waiting | State::Running => false,
        };
        let missing = entries.iter().enumerate().find_map(|(index, entry)| {
            let is_waiting = matches!(entry.state, State::Waiting);
            let need = unmet(entries, entry.row, is_missing).filter(|_| is_waiting)?;
            Some((index, need))
        });
        let Some((index, need)) = missing else {
            return false;
        };
        let reason = if self.trial.is_interrupted() {
            STOPPED.to_owned()
        } else {
            format!("it needs {need}, which isn't seen to hold")
        };
        entries[index].state = State::Decided(Verdict::NotJudged(reason));
        self.progress.inc(1);
        true
    }

    fn check(&self, task: Task) {
        let begin = Instant::now();
        let state = match (task.doubt, self.verdict(task.row)) {
            (Some(failure), Verdict::Holds) => State::Decided(Verdict::Unsteady(failure)),
            (Some(failure), Verdict::NotJudged(_)) => State::Decided(Verdict::Fails(failure)),
            (None, Verdict::Fails(failure)) => State::Doubtful(failure),
            (_, verdict) => State::Decided(verdict),
        };
        if matches!(state, State::Decided(_)) {
            self.progress.inc(1);
        }
        let mut entries = self.lock();
        entries[task.index].took += begin.elapsed();
        entries[task.index].state = state;
        self.changed.notify_all();
    }

    fn verdict(&self, row: &Row) -> Verdict {
        self.progress.set_message(row.id);
        // A row that breaks off, for want of a thread, must not keep the others waiting.
        let check = AssertUnwindSafe(|| self.trial.check(row, self.deadline));
        let broken_off = |_| Err(Miss::NotJudged(BROKEN_OFF.to_owned()));
        match catch_unwind(check).unwrap_or_else(broken_off) {
            Ok(()) => Verdict::Holds,
            Err(Miss::NotJudged(reason)) => Verdict::NotJudged(reason),
            Err(Miss::Fails(failure)) => Verdict::Fails(failure),
        }
    }

    fn finish(self) -> Vec<Judged> {
        let entries = self
            .entries
            .into_inner()
            .expect("nobody panics with the board locked");
        let judged = |entry: Entry| Judged {
            row: entry.row,
            verdict: match entry.state {
                State::Decided(verdict) => verdict,
                State::Doubtful(failure) => Verdict::Fails(failure),
                State::Waiting | State::Running => Verdict::NotJudged(STOPPED.to_owned()),
            },
            took: entry.took,
        };
        entries.into_iter().map(judged).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries
            .lock()
            .expect("nobody panics with the board locked")
    }
}

/// The first need of `row`, among the rows that were chosen, that is in such a state.
fn unmet(entries: &[Entry], row: &Row, is_so: impl Fn(&State) -> bool) -> Option<&'static str> {
    row.needs.iter().copied().find(|need| {
        let ground = entries.iter().find(|entry| entry.row.id == *need);
        ground.is_some_and(|ground| is_so(&ground.state))
    })
}

/// A message that can't be taken apart is the affair of the row about messages.
fn name_root_causes(judged: &mut [Judged]) {
    const WELL_FORMED: &str = "A-06";
    let is_broken = judged
        .iter()
        .any(|one| one.row.id == WELL_FORMED && one.verdict.is_failure());
    if !is_broken {
        return;
    }
    let others = judged.iter_mut().filter(|one| one.row.id != WELL_FORMED);
    for one in others {
        if let Verdict::Fails(failure) = &one.verdict
            && failure.is_malformed
        {
            let reason = format!("it needs {WELL_FORMED}, which doesn't hold");
            one.verdict = Verdict::NotJudged(reason);
        }
    }
}
