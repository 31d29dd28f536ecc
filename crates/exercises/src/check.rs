//! One check of the learner's program, and what it says on the terminal.

use crate::cargo::{Built, build_copy};
use crate::catalogue::{EXERCISES, Exercise, Side};
use crate::process::Cancel;
use crate::progress::Progress;
use crate::screen::{BAD, GOOD, failures, print};
use crate::verdict::{Row, Rows, Told, Verdict, judge};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Solved,
    NotYet,
    /// Nothing was said.
    Cancelled,
}

/// Builds and checks the learner's program: the exercise's rows first, then all the
/// others, which a repair may have broken. Tells what came of it, and keeps it.
pub(crate) fn check(exercise: &Exercise, cancel: &Cancel) -> anyhow::Result<Outcome> {
    print(&format!("building {}\n", exercise.name));
    let program = match build_copy(exercise, cancel)? {
        Built::Program(program) => program,
        Built::Cancelled => return Ok(Outcome::Cancelled),
        Built::Failed => {
            return Ok(not_yet("it doesn't compile; the messages stand above"));
        }
    };
    print(&format!("checking {}\n", exercise.rows.join(", ")));
    let judge = |rows| judge(exercise, &program, rows, Told::OnScreen, cancel);
    match judge(Rows::Own)? {
        Verdict::Cancelled => return Ok(Outcome::Cancelled),
        Verdict::NotJudged(reason) => return Ok(not_yet(&reason)),
        Verdict::Rows(rows) if !rows.iter().all(Row::holds) => {
            print(&failures(rows.iter().filter(|row| !row.holds())));
            return Ok(not_yet(&count(&rows)));
        }
        Verdict::Rows(_) => {}
    }
    let whole = whole(exercise);
    print(&format!("it holds; checking all rows of {whole}\n"));
    match judge(Rows::All)? {
        Verdict::Cancelled => Ok(Outcome::Cancelled),
        Verdict::NotJudged(reason) => Ok(not_yet(&reason)),
        Verdict::Rows(rows) if rows.iter().any(Row::fails) => {
            print(&failures(rows.iter().filter(|row| row.fails())));
            Ok(not_yet(
                "what the exercise is about holds, other rows don't",
            ))
        }
        Verdict::Rows(rows) => {
            let n_hold = rows.iter().filter(|row| row.holds()).count();
            solved(exercise, n_hold)
        }
    }
}

/// The stage and side, as a learner calls them.
pub(crate) fn whole(exercise: &Exercise) -> String {
    let side = match exercise.side {
        Side::Server => "server",
        Side::Client => "client",
    };
    format!("the {} {side}", exercise.stage.name())
}

/// What to do next.
pub(crate) fn next(progress: &Progress) -> String {
    match progress.next() {
        Some(next) => format!("next: cargo xtask exercise    # {}\n", next.name),
        None => format!("all {} are solved\n", EXERCISES.len()),
    }
}

fn not_yet(reason: &str) -> Outcome {
    print(&format!("{BAD}not yet{BAD:#}: {reason}\n"));
    Outcome::NotYet
}

fn count(rows: &[Row]) -> String {
    let n_missing = rows.iter().filter(|row| !row.holds()).count();
    match rows.len() {
        1 => "its row doesn't hold".to_owned(),
        n_rows => format!("{n_missing} of its {n_rows} rows don't hold"),
    }
}

fn solved(exercise: &Exercise, n_hold: usize) -> anyhow::Result<Outcome> {
    let (n_solved, next) = Progress::update(|progress| {
        progress.solve(exercise);
        (progress.n_solved(), next(progress))
    })?;
    let (name, whole, n_exercises) = (exercise.name, whole(exercise), EXERCISES.len());
    print(&format!(
        "{GOOD}solved{GOOD:#}: {name}; all {n_hold} rows of {whole} hold\n\
         {n_solved} of {n_exercises} solved\n{next}"
    ));
    Ok(Outcome::Solved)
}
