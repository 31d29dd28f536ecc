//! A requirement, as the judge keeps it.

use clap::ValueEnum;
use serde::Serialize;

use crate::arena::Arena;
use crate::outcome::Outcome;

/// One requirement.
#[derive(Debug)]
pub struct Row {
    /// Its name: a letter for the stage, and a number.
    pub id: &'static str,
    /// What it asks for.
    pub level: Level,
    /// True for what the guide's own programs promise too.
    pub is_guide: bool,
    /// True for a row with a limit of time in it: no two of them run at a time, and the
    /// judge runs them when the others are done.
    pub is_timed: bool,
    /// True for a row that does little but wait: it runs beside all others.
    pub is_waiting: bool,
    /// Without these, nothing can be said about this one.
    pub needs: &'static [&'static str],
    /// What it proves.
    pub title: &'static str,
    /// What most often breaks it.
    pub cause: &'static str,
    /// Looks whether it holds.
    pub(crate) check: fn(&Arena<'_>) -> Outcome,
}

/// What a row asks for; each level is on top of those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What any user hits in the first hour
    Core,
    /// Other people's behaviour: splits, resets, bad input
    Robust,
    /// Load, limits, shutdown
    Production,
}

impl Row {
    /// A row of no special kind.
    pub(crate) const PLAIN: Self = Self {
        id: "",
        level: Level::Core,
        is_guide: false,
        is_timed: false,
        is_waiting: false,
        needs: &[],
        title: "",
        cause: "",
        check: |_| Ok(()),
    };

    /// The chapter that teaches it.
    pub fn chapter(&self) -> &'static str {
        match self.id.as_bytes()[0] {
            b'E' => "docs/src/echo.md",
            b'M' => "docs/src/steps.md",
            _ => "docs/src/app-protocol.md",
        }
    }
}
