//! What the learner has solved, and which hints they have seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::catalogue::{EXERCISES, Exercise};
use crate::{places, screen};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    solved: BTreeSet<String>,
    n_hints_seen: BTreeMap<String, usize>,
}

impl Progress {
    /// What the file says; nothing if it is missing or can't be understood.
    pub(crate) fn load() -> Self {
        let path = path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // So it is before the first exercise.
            Err(error) if error.kind() == ErrorKind::NotFound => return Self::default(),
            Err(error) => return Self::forgotten(&error.to_string()),
        };
        serde_json::from_str(&text).unwrap_or_else(|error| Self::forgotten(&error.to_string()))
    }

    /// Changes the file, which another terminal may have changed meanwhile.
    pub(crate) fn update<T>(change: impl FnOnce(&mut Self) -> T) -> anyhow::Result<T> {
        let mut progress = Self::load();
        let result = change(&mut progress);
        let path = path();
        // In one step, so that nobody ever reads half of it.
        let new = path.with_extension("json.new");
        let write = || {
            fs::create_dir_all(places::work())?;
            fs::write(&new, serde_json::to_string_pretty(&progress)?)?;
            fs::rename(&new, &path)
        };
        write().with_context(|| format!("cannot write {}", places::shown(&path)))?;
        Ok(result)
    }

    fn forgotten(reason: &str) -> Self {
        let path = places::shown(&path());
        screen::note(&format!(
            "cannot read {path}, so it counts as empty: {reason}"
        ));
        Self::default()
    }

    pub(crate) fn is_solved(&self, exercise: &Exercise) -> bool {
        self.solved.contains(exercise.name)
    }

    pub(crate) fn n_solved(&self) -> usize {
        EXERCISES
            .iter()
            .filter(|exercise| self.is_solved(exercise))
            .count()
    }

    /// The first exercise that is not solved.
    pub(crate) fn next(&self) -> Option<&'static Exercise> {
        EXERCISES.iter().find(|exercise| !self.is_solved(exercise))
    }

    pub(crate) fn solve(&mut self, exercise: &Exercise) {
        self.solved.insert(exercise.name.to_owned());
    }

    pub(crate) fn forget(&mut self, exercise: &Exercise) {
        self.solved.remove(exercise.name);
        self.n_hints_seen.remove(exercise.name);
    }

    /// Counts one more hint, and returns how many were seen before.
    pub(crate) fn see_hint(&mut self, exercise: &Exercise) -> usize {
        let n_seen = self
            .n_hints_seen
            .entry(exercise.name.to_owned())
            .or_default();
        let n_seen_before = *n_seen;
        *n_seen = n_seen.saturating_add(1);
        n_seen_before
    }
}

fn path() -> PathBuf {
    places::work().join("progress.json")
}
