//! The tests of the stages leave no row out.

use std::fs;

use checker::{Side, Stage, rows};

use crate::checker::tests;

#[test]
fn each_row_is_a_test_of_its_stage() {
    for (stage, package) in [
        (Stage::Echo, "echo"),
        (Stage::Multiconn, "multiconn"),
        (Stage::AppProtocol, "app-protocol"),
    ] {
        let path = tests().join(format!("../../{package}/tests/it/rows.rs"));
        let source = fs::read_to_string(path).unwrap();
        for (side, check) in [
            (Side::Server, "check_server"),
            (Side::Client, "check_client"),
        ] {
            for row in rows(stage, side) {
                let call = format!("    {check}(\"{}\");\n", row.id);
                assert!(source.contains(&call), "{package}: {call}");
            }
        }
    }
}
