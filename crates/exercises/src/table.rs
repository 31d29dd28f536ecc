//! The table in the book: each defect, and what the checker says of it.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::cargo::{Programs, build_all};
use crate::catalogue::{EXERCISES, Exercise};
use crate::process::Cancel;
use crate::screen::print;
use crate::verdict::{Row, Rows, Told, Verdict, judge};

/// Judges every broken program and every solution, and prints a table. Returns true
/// if each is as it should be. What else a bug breaks takes minutes to find out:
/// `of_broken` may leave it out.
pub(crate) fn print_table(n_jobs: NonZeroUsize, of_broken: Rows) -> anyhow::Result<bool> {
    let lines = judge_all(n_jobs, &build_all()?, of_broken)?;
    let mut text = String::from(match of_broken {
        Rows::Own => {
            "| bug | row that it must break | caught | solution |\n| --- | --- | --- | --- |\n"
        }
        Rows::All => {
            "| bug | row that it must break | caught | solution | also fails |\n\
             | --- | --- | --- | --- | --- |\n"
        }
    });
    for line in &lines {
        text += &line.to_markdown(of_broken);
    }
    print(&text);
    Ok(lines.iter().all(Line::is_right))
}

fn judge_all(
    n_jobs: NonZeroUsize,
    programs: &Programs,
    of_broken: Rows,
) -> anyhow::Result<Vec<Line>> {
    let next = AtomicUsize::new(0);
    let lines = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..n_jobs.get().min(EXERCISES.len()) {
            scope.spawn(|| {
                while let Some(exercise) = EXERCISES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let line = Line::judge(exercise, programs, of_broken);
                    let mut lines = lines.lock().expect("no thread panics while it holds it");
                    lines.push(line);
                    show_progress(lines.len());
                }
            });
        }
    });
    let lines = lines
        .into_inner()
        .expect("no thread panics while it holds it");
    let mut lines = lines.into_iter().collect::<anyhow::Result<Vec<Line>>>()?;
    // A bug that only a busy client brings out may hide while others take the
    // processor: what isn't as it should be is judged again, alone.
    for line in lines.iter_mut().filter(|line| !line.is_right()) {
        *line = Line::judge(line.exercise, programs, of_broken)?;
    }
    // Those that were quick came first.
    lines.sort_by_key(|line| EXERCISES.iter().position(|one| one == line.exercise));
    Ok(lines)
}

fn show_progress(n_judged: usize) {
    let mut terminal = io::stderr();
    if terminal.is_terminal() {
        let end = if n_judged == EXERCISES.len() {
            "\n"
        } else {
            ""
        };
        // Only a reader misses it if it can't be written.
        let _ = write!(terminal, "\rjudged {n_judged} of {}{end}", EXERCISES.len());
    }
}

/// What the checker says of one exercise.
struct Line {
    exercise: &'static Exercise,
    broken: Verdict,
    solution: Verdict,
}

impl Line {
    fn judge(
        exercise: &'static Exercise,
        programs: &Programs,
        of_broken: Rows,
    ) -> anyhow::Result<Self> {
        let judge = |program: &Path, rows| {
            let cancel = Cancel::default();
            judge(exercise, program, rows, Told::InVerdict, &cancel)
        };
        Ok(Self {
            exercise,
            broken: judge(&programs.broken(exercise), of_broken)?,
            solution: judge(&programs.solution(exercise), Rows::All)?,
        })
    }

    /// The rows that the broken program fails, without one of its own or only them.
    fn failed(&self, own: bool) -> Vec<&str> {
        let is_own = |id: &str| self.exercise.rows.contains(&id);
        let mut failed = failed(&self.broken);
        failed.retain(|&id| is_own(id) == own);
        failed
    }

    fn is_right(&self) -> bool {
        let is_caught = self.failed(true).len() == self.exercise.rows.len();
        let holds = matches!(&self.solution, Verdict::Rows(rows) if !rows.iter().any(Row::fails));
        is_caught && holds
    }

    fn to_markdown(&self, of_broken: Rows) -> String {
        let Exercise { name, rows, .. } = self.exercise;
        let caught = match &self.broken {
            Verdict::NotJudged(reason) => format!("not judged: {reason}"),
            _ if self.failed(true).len() == rows.len() => "yes".to_owned(),
            _ => "no".to_owned(),
        };
        let solution = match &self.solution {
            Verdict::NotJudged(reason) => format!("not judged: {reason}"),
            verdict if !failed(verdict).is_empty() => {
                format!("fails {}", failed(verdict).join(", "))
            }
            Verdict::Rows(rows) => {
                let n_hold = rows.iter().filter(|row| row.holds()).count();
                format!("all {n_hold} hold")
            }
            Verdict::Cancelled => "cancelled".to_owned(),
        };
        let (rows, others) = (rows.join(", "), self.failed(false).join(", "));
        // A reason may have a bar in it, which would begin another column.
        let [caught, solution] = [caught, solution].map(|text| text.replace('|', "\\|"));
        let others = match of_broken {
            Rows::Own => String::new(),
            Rows::All => format!(" {others} |"),
        };
        format!("| `{name}` | {rows} | {caught} | {solution} |{others}\n")
    }
}

fn failed(verdict: &Verdict) -> Vec<&str> {
    match verdict {
        Verdict::Rows(rows) => {
            let failed = rows.iter().filter(|row| row.fails());
            failed.map(|row| row.id.as_str()).collect()
        }
        Verdict::NotJudged(_) | Verdict::Cancelled => Vec::new(),
    }
}
