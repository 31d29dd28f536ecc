//! The checker's word on a program.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use crate::catalogue::{Exercise, Side, Stage};
use crate::places;
use crate::process::{self, Cancel, End};

/// The checker has a deadline for each step that it takes; this is for all of them
/// together, should it itself hang.
const LIMIT: Duration = Duration::from_secs(180);

/// The same where several checks share the machine, and nobody waits for one of them.
const SHARED_LIMIT: Duration = Duration::from_secs(600);

/// Which rows are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Those that the bug breaks.
    Own,
    /// All of the stage and side: a repair may break another.
    All,
}

/// Where the checker's progress and its errors go: to a learner, who waits for them,
/// or to who judges many programs at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    OnScreen,
    InVerdict,
}

/// What the checker says.
#[derive(Debug)]
pub(crate) enum Verdict {
    Rows(Vec<Row>),
    /// Nothing, and why.
    NotJudged(String),
    Cancelled,
}

/// One row.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) title: String,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub(crate) enum Finding {
    Holds,
    Fails(Details),
    /// Failed, and held when it was tried again.
    Unsteady(Details),
    NotJudged {
        reason: String,
    },
}

/// What broke. The checker's guess at the cause is left out: finding it is the
/// exercise.
#[derive(Debug, Deserialize)]
pub(crate) struct Details {
    pub(crate) sent: String,
    pub(crate) expected: String,
    pub(crate) came: String,
}

impl Row {
    pub(crate) fn holds(&self) -> bool {
        matches!(self.finding, Finding::Holds)
    }

    pub(crate) fn fails(&self) -> bool {
        matches!(self.finding, Finding::Fails(_) | Finding::Unsteady(_))
    }
}

#[derive(Deserialize)]
struct Report {
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    rows: Vec<Row>,
}

/// Has the checker judge a program.
pub(crate) fn judge(
    exercise: &Exercise,
    program: &Path,
    rows: Rows,
    told: Told,
    cancel: &Cancel,
) -> anyhow::Result<Verdict> {
    let mut command = Command::new(places::checker()?);
    command
        .args(arguments(exercise, rows))
        .arg(program)
        .args(program_arguments(exercise))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let limit = match told {
        Told::OnScreen => LIMIT,
        Told::InVerdict => {
            command.stderr(Stdio::piped());
            SHARED_LIMIT
        }
    };
    let ended = process::run(&mut command, limit, cancel)?;
    let status = match ended.end {
        End::ByItself(status) => status,
        End::Cancelled => return Ok(Verdict::Cancelled),
        End::TooLong => {
            let reason = format!("the check took more than {} s", limit.as_secs());
            return Ok(Verdict::NotJudged(reason));
        }
    };
    if !matches!(status.code(), Some(0 | 1)) {
        let told = String::from_utf8_lossy(&ended.stderr);
        let told = told.trim().trim_start_matches("error: ");
        return Ok(Verdict::NotJudged(match told {
            "" => format!("the checker couldn't judge it ({status})"),
            told => told.to_owned(),
        }));
    }
    let report: Report =
        serde_json::from_slice(&ended.stdout).context("cannot read the checker's report")?;
    let rows = report.parts.into_iter().flat_map(|part| part.rows);
    Ok(Verdict::Rows(rows.collect()))
}

/// What the checker is told, up to the program.
fn arguments(exercise: &Exercise, rows: Rows) -> Vec<String> {
    let mut words = vec![exercise.stage.name(), "--format", "json"];
    if matches!(exercise.side, Side::Client) {
        words.push("--client");
        words.extend(match exercise.stage {
            // The last argument counts, so that this one takes the message's place.
            Stage::Echo => ["--stdin", "-"],
            // These programs have no flag for a shorter deadline.
            Stage::Multiconn | Stage::AppProtocol => ["--skip", "M-24"],
        });
    }
    if matches!(
        (exercise.side, exercise.stage),
        (Side::Server, Stage::AppProtocol)
    ) {
        // They have no deadline for a message at all, and the row waits for minutes.
        words.extend(["--skip", "A-12"]);
    }
    let only = exercise.rows.join(",");
    if rows == Rows::Own {
        words.extend(["--only", &only]);
    }
    words.push("--");
    words.into_iter().map(str::to_owned).collect()
}

/// What the program is told, with the checker's placeholders.
fn program_arguments(exercise: &Exercise) -> &'static [&'static str] {
    match (exercise.side, exercise.stage) {
        (Side::Server, _) => &["{host}", "{port}"],
        (Side::Client, Stage::Echo) => &["{host}", "{port}", "{value}"],
        (Side::Client, Stage::Multiconn) => &["{host}", "{port}", "{connections}"],
        (Side::Client, Stage::AppProtocol) => &["{host}", "{port}", "{action}", "{value}"],
    }
}
