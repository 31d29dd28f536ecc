//! The rows: what a program promises, each checked from outside.

mod app_client;
mod app_server;
mod bad_input;
mod echo_client;
mod echo_server;
mod keep_alive;
mod limits;
mod many;
mod many_client;
mod refusal;
mod stop;

use clap::ValueEnum;
use serde::Serialize;

use crate::arena::Arena;
use crate::outcome::Outcome;

/// A stage of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    Echo,
    Multiconn,
    AppProtocol,
}

/// Which end of a connection is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Server,
    Client,
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

/// One requirement.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) level: Level,
    /// True for what the guide's own programs promise too.
    pub(crate) is_guide: bool,
    /// True for a row with a limit of time in it: it runs while no other does.
    pub(crate) is_timed: bool,
    /// Without these, nothing can be said about this one.
    pub(crate) needs: &'static [&'static str],
    /// What it proves.
    pub(crate) title: &'static str,
    /// What most often breaks it.
    pub(crate) cause: &'static str,
    pub(crate) check: fn(&Arena<'_>) -> Outcome,
}

impl Row {
    /// A row of no special kind.
    const PLAIN: Self = Self {
        id: "",
        level: Level::Core,
        is_guide: false,
        is_timed: false,
        needs: &[],
        title: "",
        cause: "",
        check: |_| Ok(()),
    };

    /// The chapter that teaches it.
    pub(crate) fn chapter(&self) -> &'static str {
        match self.id.as_bytes()[0] {
            b'E' => "docs/src/echo.md",
            b'M' => "docs/src/multiconn.md",
            _ => "docs/src/app-protocol.md",
        }
    }
}

/// The rows of a stage's server or client, in the order of their numbers.
pub(crate) fn rows(stage: Stage, side: Side) -> Vec<&'static Row> {
    let lists: &[&'static [Row]] = match (stage, side) {
        (Stage::Echo, Side::Server) => &[echo_server::ROWS, refusal::ROWS],
        (Stage::Echo, Side::Client) => &[echo_client::ROWS],
        (Stage::Multiconn, Side::Server) => &[
            echo_server::ROWS,
            refusal::ROWS,
            many::ROWS,
            limits::ROWS,
            stop::ROWS,
        ],
        (Stage::Multiconn, Side::Client) => &[echo_client::ROWS, many_client::ROWS],
        (Stage::AppProtocol, Side::Server) => &[
            echo_server::ROWS,
            refusal::ROWS,
            many::ROWS,
            limits::ROWS,
            stop::ROWS,
            app_server::ROWS,
            bad_input::ROWS,
            keep_alive::ROWS,
        ],
        (Stage::AppProtocol, Side::Client) => {
            &[echo_client::ROWS, many_client::ROWS, app_client::ROWS]
        }
    };
    let mut rows: Vec<_> = lists.iter().flat_map(|list| list.iter()).collect();
    rows.retain(|row| belongs(row.id, stage, side));
    rows.sort_by_key(|row| {
        // Stages in the order of the course, whatever their letters.
        let stage = "EMA".find(&row.id[..1]);
        (stage, row.id)
    });
    rows
}

/// Rows of earlier stages that a later stage owes too; those about echoed bytes as
/// such are no promise of a server of messages.
fn belongs(id: &str, stage: Stage, side: Side) -> bool {
    match (stage, side) {
        (Stage::AppProtocol, Side::Server) => {
            !matches!(id, "E-01" | "E-02" | "E-03" | "E-04" | "E-05")
        }
        (Stage::Multiconn, Side::Client) => !matches!(id, "E-11" | "E-12" | "E-15"),
        (Stage::AppProtocol, Side::Client) => {
            !matches!(id, "E-11" | "E-12" | "E-15" | "M-21" | "M-22" | "M-23")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGES: [Stage; 3] = [Stage::Echo, Stage::Multiconn, Stage::AppProtocol];

    #[test]
    fn needs_come_before_what_needs_them() {
        for stage in STAGES {
            for side in [Side::Server, Side::Client] {
                let rows = rows(stage, side);
                for row in &rows {
                    for need in row.needs {
                        assert!(need != &row.id);
                        // No circle: a need has only needs of its own with other ids.
                        let ground = rows.iter().find(|other| other.id == *need);
                        assert!(ground.is_none_or(|ground| !ground.needs.contains(&row.id)));
                        // Timed rows run last, and so are nobody's ground.
                        assert!(ground.is_none_or(|ground| !ground.is_timed));
                    }
                }
            }
        }
    }

    #[test]
    fn each_row_says_what_it_proves() {
        for stage in STAGES {
            for side in [Side::Server, Side::Client] {
                for row in rows(stage, side) {
                    assert!(!row.title.is_empty() && !row.cause.is_empty(), "{}", row.id);
                    assert!(row.title.len() <= 60, "{}: {}", row.id, row.title.len());
                }
            }
        }
    }
}
