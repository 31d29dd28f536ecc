//! What came of it, for people and for programs.

mod junit;
mod text;

use checker::{Failure, Level, STOPPED, Side, Stage};
use serde::Serialize;

use crate::escape::shown;
use crate::judge::{Judged, Verdict};

pub(crate) use junit::junit;
pub(crate) use text::{print, table};

/// One program's rows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Part {
    pub(crate) side: Side,
    /// The command, or the address.
    pub(crate) program: String,
    pub(crate) rows: Vec<RowReport>,
}

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    /// Whose it is, when several are judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) stage: Stage,
    /// True if nothing says how the program is started.
    #[serde(skip)]
    pub(crate) lacks_command: bool,
    /// Why nothing could be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) seconds: f64,
}

/// One row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RowReport {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) level: Level,
    pub(crate) guide: bool,
    pub(crate) seconds: f64,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

/// A verdict, with what a reader needs to know.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub(crate) enum Finding {
    Holds,
    Fails(Details),
    Unsteady(Details),
    NotJudged { reason: String },
}

/// What broke, and where to go from here.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Details {
    pub(crate) sent: String,
    pub(crate) expected: String,
    pub(crate) came: String,
    pub(crate) cause: &'static str,
    pub(crate) chapter: &'static str,
    /// The command that checks this row alone.
    pub(crate) again: String,
}

/// How many rows got which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) n_hold: usize,
    pub(crate) n_fail: usize,
    pub(crate) n_not_judged: usize,
    /// Not judged either, but only since somebody pressed Ctrl-C.
    pub(crate) n_left: usize,
}

impl RowReport {
    /// What a program says stands in the failure: from here on it is fit to be shown.
    pub(crate) fn new(judged: Judged, again: String) -> Self {
        let Judged { row, verdict, took } = judged;
        let details = |failure: Failure| Details {
            sent: shown(&failure.sent),
            expected: shown(&failure.expected),
            came: shown(&failure.came),
            cause: failure.cause.unwrap_or(row.cause),
            chapter: row.chapter(),
            again,
        };
        Self {
            id: row.id,
            title: row.title,
            level: row.level,
            guide: row.is_guide,
            seconds: took.as_secs_f64(),
            finding: match verdict {
                Verdict::Holds => Finding::Holds,
                Verdict::Fails(failure) => Finding::Fails(details(failure)),
                Verdict::Unsteady(failure) => Finding::Unsteady(details(failure)),
                Verdict::NotJudged(reason) => Finding::NotJudged {
                    reason: shown(&reason),
                },
            },
        }
    }
}

impl RowReport {
    /// True if it would have been judged, but for Ctrl-C.
    pub(crate) fn is_left(&self) -> bool {
        matches!(&self.finding, Finding::NotJudged { reason } if reason == STOPPED)
    }
}

impl Counts {
    fn all_hold(self) -> bool {
        self.n_fail == 0 && self.n_not_judged == 0 && self.n_left == 0
    }
}

impl Report {
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in self.parts.iter().flat_map(|part| &part.rows) {
            match row.finding {
                Finding::Holds => counts.n_hold += 1,
                Finding::Fails(_) | Finding::Unsteady(_) => counts.n_fail += 1,
                Finding::NotJudged { .. } if row.is_left() => counts.n_left += 1,
                Finding::NotJudged { .. } => counts.n_not_judged += 1,
            }
        }
        counts
    }

    /// The rows that failed.
    pub(crate) fn failed(&self) -> Vec<&'static str> {
        let rows = self.parts.iter().flat_map(|part| &part.rows);
        rows.filter(|row| matches!(row.finding, Finding::Fails(_) | Finding::Unsteady(_)))
            .map(|row| row.id)
            .collect()
    }
}
