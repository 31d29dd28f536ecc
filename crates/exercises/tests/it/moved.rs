//! A course that lies elsewhere than where these programs were built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_support::Program;

use crate::{LIMIT, NAME, RUNNER, checker, package, turn};

/// Copies a file, or a folder.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

/// A copy of what the runner needs of the course.
fn moved_course() -> PathBuf {
    let moved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verschobene Übung");
    let _ = fs::remove_dir_all(&moved);
    let root = package().join("../..");
    let exercises = Path::new("crates/exercises");
    for path in ["Cargo.toml", "Cargo.lock"].map(Path::new) {
        copy(&root.join(path), &moved.join(path));
    }
    for path in ["zoo", "solutions"].map(|name| exercises.join(name)) {
        copy(&root.join(&path), &moved.join(&path));
    }
    moved
}

/// Returns the exit status and all output.
fn run(arguments: &[&str], here: &Path, root: Option<&Path>) -> (Option<i32>, String) {
    let mut command = Command::new(RUNNER);
    command.args(arguments).current_dir(here);
    command.env_remove("COURSE_ROOT");
    if let Some(root) = root {
        command.env("COURSE_ROOT", root);
    }
    let (status, stdout, stderr) = Program::start(command).unwrap().finish(LIMIT).unwrap();
    (status.code(), String::from_utf8(stdout).unwrap() + &stderr)
}

#[test]
fn a_moved_course_is_worked_on_where_it_is() {
    checker();
    let _turn = turn();
    let moved = moved_course();
    let copied = moved.join("crates/exercises/work/src/bin").join(NAME);
    // Started by hand, somewhere in the course.
    let (code, told) = run(&["check", NAME], &moved.join("crates"), None);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("E-04  FAILS"), "{told}");
    assert!(copied.join("main.rs").exists());

    // By `cargo xtask`, which knows where the course is. The path can be pasted.
    let other = Path::new(env!("CARGO_TARGET_TMPDIR")).join("elsewhere");
    fs::create_dir_all(&other).unwrap();
    let (code, told) = run(&["reset", NAME], &other, Some(&moved));
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.starts_with(&format!("'{}' is", copied.display())),
        "{told}"
    );
}
