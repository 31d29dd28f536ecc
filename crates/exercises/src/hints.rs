//! Hints, each a little more of the answer: where to look, the idea, the solution.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;
use similar::TextDiff;

use crate::catalogue::Exercise;
use crate::progress::Progress;
use crate::screen::wrapped;
use crate::{places, work};

/// Lines around a change, by which it is found.
const CONTEXT_LINES: usize = 3;

/// The next hint that the learner hasn't seen; the last one again and again.
pub(crate) fn next(exercise: &Exercise) -> anyhow::Result<String> {
    let n_seen = Progress::update(|progress| progress.see_hint(exercise))?;
    let name = exercise.name;
    let (what, text) = match n_seen {
        0 => ("where to look", wrapped(exercise.where_to_look, "", "")),
        1 => ("the idea", wrapped(exercise.idea, "", "")),
        _ => ("the solution", diff(exercise)?),
    };
    let number = n_seen.min(2) + 1;
    let text = text.trim_end();
    Ok(format!("hint {number} of 3 for {name}: {what}\n\n{text}\n"))
}

/// What turns the learner's program, or the broken one, into the solution.
pub(crate) fn diff(exercise: &Exercise) -> anyhow::Result<String> {
    let copy = places::copy(exercise);
    let from = match copy.join("main.rs").exists() {
        true => copy,
        false => places::broken(exercise),
    };
    let to = places::solution(exercise);
    let mut names = work::files(&from)?;
    names.extend(work::files(&to)?);
    let mut text = String::new();
    for name in names {
        let (from, to) = (from.join(&name), to.join(&name));
        let (old, new) = (read(&from)?, read(&to)?);
        let diff = TextDiff::from_lines(&old, &new);
        let mut diff = diff.unified_diff();
        diff.context_radius(CONTEXT_LINES);
        diff.header(&places::shown(&from), &places::shown(&to));
        text += &diff.to_string();
    }
    Ok(match text.is_empty() {
        true => "it is the same as the solution\n".to_owned(),
        false => text,
    })
}

/// A file's text; none if there is no such file on this side.
fn read(path: &Path) -> anyhow::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        result => result.with_context(|| format!("cannot read {}", places::shown(path))),
    }
}
