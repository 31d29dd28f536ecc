//! The rows: what a program promises, each checked from outside.

mod app_client;
mod app_server;
mod bad_input;
mod deadline;
mod echo_client;
mod echo_server;
mod inherited;
mod keep_alive;
mod limits;
mod many;
mod many_client;
mod refusal;
mod stop;
mod storms;
mod unfinished;

use crate::row::Row;
use crate::stage::{Side, Stage};

/// The rows of a stage's server or client, in the order of their numbers.
pub fn rows(stage: Stage, side: Side) -> Vec<&'static Row> {
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
            deadline::ROWS,
            unfinished::ROWS,
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

/// The row of this name, if the stage has it.
pub fn row(stage: Stage, side: Side, id: &str) -> Option<&'static Row> {
    rows(stage, side).into_iter().find(|row| row.id == id)
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
