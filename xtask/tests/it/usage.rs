//! The course at a glance, help, and wrong usage.

use test_support::usage::{self, check_screen, check_wrong};

use crate::root;

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

#[test]
fn every_screen_fits_a_terminal_and_help_has_an_example() {
    check_screen(XTASK, &[]);
    check_screen(XTASK, &["-h"]);
    check_screen(XTASK, &["run", "-h"]);
    check_screen(XTASK, &["run", "--help"]);
    check_screen(XTASK, &["prepare", "--help"]);
}

#[test]
fn the_glance_names_each_stage_and_an_existing_chapter() {
    let (_, stdout, _) = usage::run(XTASK, &[]);
    for stage in ["echo", "multiconn", "app-protocol"] {
        assert!(stdout.contains(&format!("\n  {stage} ")), "{stdout}");
    }
    let words = stdout.split_whitespace();
    let words = words.map(|word| word.trim_matches(['(', ')']));
    let chapters: Vec<&str> = words.filter(|word| word.ends_with(".md")).collect();
    assert_eq!(chapters.len(), 4, "{stdout}");
    for chapter in chapters {
        assert!(root().join(chapter).exists(), "{chapter}");
    }
}

#[test]
fn the_glance_fits_a_small_terminal_with_what_cargo_and_the_shell_add() {
    let (_, stdout, _) = usage::run(XTASK, &[]);
    // The command, cargo's `Finished` and `Running`, and the next prompt.
    assert!(stdout.lines().count() + 4 <= 24, "{stdout}");
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    check_wrong(XTASK, &["run"], "<STAGE>");
    check_wrong(XTASK, &["run", "nonsense"], "nonsense");
    check_wrong(XTASK, &["run", "nonsense"], "multiconn");
    let hint = "`cargo xtask run multiconn --as threads`";
    check_wrong(XTASK, &["run", "threads"], hint);
    check_wrong(XTASK, &["benchmark"], "bench");
    check_wrong(XTASK, &["run", "multiconn", "--as", "magic"], "magic");
    check_wrong(XTASK, &["run", "echo", "--port", "70000"], "70000");
    check_wrong(
        XTASK,
        &["run", "echo", "--as", "threads"],
        "goes with multiconn",
    );
    check_wrong(XTASK, &["run", "all", "--", "3"], "go with one stage");
}
