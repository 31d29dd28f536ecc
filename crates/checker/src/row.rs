//! A requirement, as the judge keeps it.

use clap::ValueEnum;
use serde::Serialize;

use crate::arena::Arena;
use crate::outcome::Outcome;

/// One requirement.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) level: Level,
    /// True for what the guide's own programs promise too.
    pub(crate) is_guide: bool,
    /// True for a row with a limit of time in it: it runs while no other does.
    pub(crate) is_timed: bool,
    /// True for a row that does little but wait: it runs beside all others.
    pub(crate) is_waiting: bool,
    /// Without these, nothing can be said about this one.
    pub(crate) needs: &'static [&'static str],
    /// What it proves.
    pub(crate) title: &'static str,
    /// What most often breaks it.
    pub(crate) cause: &'static str,
    pub(crate) check: fn(&Arena<'_>) -> Outcome,
}

/// What a row asks for; each level is on top of those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// What any user hits in the first hour
    Core,
    /// Other people's behaviour: splits, resets, silence, bad input
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
    pub(crate) fn chapter(&self) -> &'static str {
        match self.id.as_bytes()[0] {
            b'E' => "docs/src/echo.md",
            b'M' => "docs/src/steps.md",
            _ => "docs/src/app-protocol.md",
        }
    }
}
