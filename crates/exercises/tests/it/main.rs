//! The exercises, as a learner meets them: each broken program is caught, each
//! solution holds, and the runner leads from one to the next.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report; clippy spares only the test functions themselves"
)]

#[path = "../../src/catalogue.rs"]
mod catalogue;

mod moved;

use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{env, fs};

use catalogue::{EXERCISES, Exercise, Side, Stage};
use test_support::usage::{check_screen, check_wrong};
use test_support::{Program, require_tool};

const RUNNER: &str = env!("CARGO_BIN_EXE_exercises");
/// The exercise of the tests of the runner: its builds and checks are quick.
const NAME: &str = "recv-once-server";
/// One run builds and checks a program.
const LIMIT: Duration = Duration::from_secs(300);
/// All programs, each with all rows.
const TABLE_LIMIT: Duration = Duration::from_secs(1800);

/// Rows that measure time and CPU are not to meet another test's programs, and
/// learners' programs are all built in one place.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As cargo says when it runs the tests: the course may have been moved since.
fn package() -> &'static Path {
    static PACKAGE: OnceLock<PathBuf> = OnceLock::new();
    PACKAGE.get_or_init(|| env::var_os("CARGO_MANIFEST_DIR").unwrap().into())
}

/// The checker, built: this crate's tests don't bring it.
fn checker() -> &'static Path {
    static CHECKER: OnceLock<PathBuf> = OnceLock::new();
    CHECKER.get_or_init(|| {
        let target = Path::new(RUNNER).ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "checker", "--target-dir"]);
        let status = cargo.arg(target).current_dir(package()).status();
        assert!(status.unwrap().success());
        Path::new(RUNNER).with_file_name("checker")
    })
}

/// What the checker can say of one stage's servers, or clients.
fn known_rows(stage: Stage, side: Side) -> Vec<String> {
    let mut command = Command::new(checker());
    command.args([stage.name(), "--list"]);
    let (_, stdout, _) = Program::start(command).unwrap().finish(LIMIT).unwrap();
    let text = String::from_utf8(stdout).unwrap();
    let (servers, clients) = text.split_once("client\n").unwrap();
    let rows = match side {
        Side::Server => servers.strip_prefix("server\n").unwrap(),
        Side::Client => clients,
    };
    let id = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    rows.lines().map(id).collect()
}

/// The names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| name(entry).unwrap()).collect()
}

#[test]
fn each_exercise_is_whole() {
    let expected: BTreeSet<String> = EXERCISES.map(|one| one.name.to_owned()).into();
    assert_eq!(expected.len(), EXERCISES.len(), "two have the same name");
    let folders = ["zoo", "solutions"].map(|kind| package().join(kind).join("src/bin"));
    for folder in &folders {
        assert_eq!(names(folder), expected, "{}", folder.display());
    }
    for Exercise { name, .. } in &EXERCISES {
        let texts = folders
            .each_ref()
            .map(|folder| fs::read_to_string(folder.join(name).join("main.rs")).unwrap());
        for text in &texts {
            assert!(text.starts_with("//! "), "{name} doesn't say what it is");
        }
    }
    for exercise in &EXERCISES {
        let Exercise { name, chapter, .. } = exercise;
        let texts = [exercise.symptom, exercise.where_to_look, exercise.idea];
        assert_eq!(HashSet::from(texts).len(), 3, "{name}");
        assert!(
            texts.iter().all(|text| text.ends_with(['.', '?'])),
            "{name}"
        );
        let chapter = package().join("../../docs/src").join(chapter);
        assert!(chapter.exists(), "{name}: {}", chapter.display());
    }
}

#[test]
fn each_exercise_breaks_rows_that_exist() {
    for exercise in &EXERCISES {
        let known = known_rows(exercise.stage, exercise.side);
        assert!(!exercise.rows.is_empty(), "{}", exercise.name);
        for row in exercise.rows {
            assert!(known.iter().any(|id| id == row), "{}: {row}", exercise.name);
        }
    }
}

#[test]
fn each_broken_program_is_caught_and_each_solution_holds() {
    checker();
    let _turn = turn();
    let mut command = Command::new(RUNNER);
    command.args(["table", "--quick", "--jobs", "6"]);
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(TABLE_LIMIT).unwrap();
    let table = String::from_utf8(stdout).unwrap();
    let lines: Vec<&str> = table.lines().skip(2).collect();
    assert_eq!(lines.len(), EXERCISES.len(), "{stderr}");

    let mut wrong = Vec::new();
    for (exercise, line) in EXERCISES.iter().zip(lines) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let rows = exercise.rows.join(", ");
        assert_eq!(
            cells[..2],
            [&format!("`{}`", exercise.name), &rows],
            "{line}"
        );
        // Without a way to shorten a deadline, nothing is said of these.
        let mut n_rows = known_rows(exercise.stage, exercise.side);
        n_rows.retain(|row| !["A-12", "M-24"].contains(&row.as_str()));
        let expected = format!("all {} hold", n_rows.len());
        if cells[2] != "yes" || cells[3] != expected {
            wrong.push(format!("{line} expected: yes, {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{stderr}", wrong.join("\n"));
    assert_eq!(status.code(), Some(0));
}

/// A folder for the learner's copies, of one test only.
struct Learner {
    work: PathBuf,
}

impl Learner {
    fn new(test: &str) -> Self {
        checker();
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&work);
        Self { work }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(RUNNER);
        command.args(arguments.split_whitespace());
        command.env("EXERCISES_WORK", &self.work);
        command
    }

    /// Returns the exit status, standard output and standard error.
    #[track_caller]
    fn run(&self, arguments: &str) -> (Option<i32>, String, String) {
        let mut program = Program::start(self.command(arguments)).unwrap();
        let (status, stdout, stderr) = program.finish(LIMIT).unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), stderr)
    }

    #[track_caller]
    fn check(&self, arguments: &str, code: i32, told: &str) {
        let (came, stdout, stderr) = self.run(arguments);
        assert_eq!(came, Some(code), "{stdout}{stderr}");
        assert!(stdout.contains(told), "{stdout}{stderr}");
    }

    fn copy(&self) -> PathBuf {
        self.work.join("src/bin").join(NAME).join("main.rs")
    }

    /// What a learner does who knows the answer.
    fn repair(&self) {
        let solution = package().join("solutions/src/bin").join(NAME);
        let text = fs::read(solution.join("main.rs")).unwrap();
        fs::write(self.copy(), text).unwrap();
    }

    fn n_solved(&self) -> usize {
        let (_, list, _) = self.run("list");
        let is_solved = |line: &&str| line.contains(NAME) && line.ends_with("solved");
        list.lines().filter(is_solved).count()
    }
}

#[test]
fn a_copy_is_checked_repaired_and_reset() {
    let _turn = turn();
    let learner = Learner::new("repaired");
    learner.check("list", 0, "0 of 22 solved");
    learner.check(&format!("check {NAME}"), 1, "E-04  FAILS");
    assert_eq!(learner.n_solved(), 0);
    // Not a terminal: it is checked once.
    learner.check("", 1, "not yet");

    learner.repair();
    learner.check(&format!("check {NAME}"), 0, "next: cargo xtask exercise");
    assert_eq!(learner.n_solved(), 1);
    learner.check(&format!("solution {NAME}"), 0, "the same as the solution");

    learner.check(&format!("reset {NAME}"), 0, "the broken program again");
    assert_eq!(learner.n_solved(), 0);
    learner.check(&format!("solution {NAME}"), 0, "\n+    loop {");
}

#[test]
fn what_does_not_compile_is_not_solved() {
    let _turn = turn();
    let learner = Learner::new("no-program");
    learner.check(&format!("reset {NAME}"), 0, "");
    fs::write(learner.copy(), "fn main() { let }").unwrap();
    let (code, stdout, stderr) = learner.run(&format!("check {NAME}"));
    assert_eq!(code, Some(1));
    assert!(stdout.contains("it doesn't compile"), "{stdout}");
    assert!(stderr.contains("expected pattern"), "{stderr}");
}

#[test]
fn a_program_that_never_listens_is_not_solved() {
    let _turn = turn();
    let learner = Learner::new("no-server");
    learner.check(&format!("reset {NAME}"), 0, "");
    fs::write(
        learner.copy(),
        "fn main() { loop { std::thread::park(); } }",
    )
    .unwrap();
    learner.check(&format!("check {NAME}"), 1, "not yet");
}

#[test]
fn every_save_is_checked() {
    // A terminal for a program that has none.
    if !require_tool("script") {
        return;
    }
    let _turn = turn();
    let learner = Learner::new("watched");
    // The first build takes longer than what is waited for below.
    learner.check(&format!("check {NAME}"), 1, "not yet");

    let mut command = Command::new("script");
    command.args(["-qec", &format!("{RUNNER} {NAME}"), "/dev/null"]);
    command.env("EXERCISES_WORK", &learner.work);
    let (mut program, mut keyboard) = Program::start_with_pipe(command).unwrap();
    program.wait_for_stdout("save a file to check it").unwrap();
    keyboard.write_all(b"h\n").unwrap();
    program.wait_for_stdout("hint 1 of 3").unwrap();
    fs::write(learner.copy(), "fn main() { let }").unwrap();
    program.wait_for_stdout("it doesn't compile").unwrap();
    learner.repair();
    program.wait_for_stdout("solved").unwrap();
    let status = program.status(LIMIT).unwrap();
    assert_eq!(status.code(), Some(0), "{}", program.stdout());

    let mut command = Command::new("script");
    command.args(["-qec", RUNNER, "/dev/null"]);
    command.env("EXERCISES_WORK", &learner.work);
    let (mut program, mut keyboard) = Program::start_with_pipe(command).unwrap();
    program.wait_for_stdout("Exercise 2 of 22").unwrap();
    keyboard.write_all(b"q\n").unwrap();
    assert_eq!(program.status(LIMIT).unwrap().code(), Some(1));
}

#[test]
fn three_hints_differ_and_are_remembered() {
    let learner = Learner::new("hints");
    let hints: Vec<String> = (0..4)
        .map(|_| learner.run(&format!("hint {NAME}")).1)
        .collect();
    assert!(hints[0].starts_with("hint 1 of 3"), "{}", hints[0]);
    assert!(hints[1].starts_with("hint 2 of 3"), "{}", hints[1]);
    assert!(hints[2].contains("\n+    loop {"), "{}", hints[2]);
    assert_eq!(hints[2], hints[3]);
}

#[test]
fn progress_that_cannot_be_read_counts_as_none() {
    let learner = Learner::new("progress");
    for text in ["", "{\"solved\": 3}", "\u{0}"] {
        fs::create_dir_all(&learner.work).unwrap();
        fs::write(learner.work.join("progress.json"), text).unwrap();
        let (code, stdout, stderr) = learner.run("list");
        assert_eq!(code, Some(0));
        assert!(stdout.contains("0 of 22 solved"), "{stdout}");
        assert!(stderr.starts_with("note: cannot read "), "{stderr}");
    }
}

#[test]
fn the_list_has_every_exercise() {
    let (_, list, _) = Learner::new("list").run("list");
    for (line, exercise) in list.lines().zip(&EXERCISES) {
        assert!(line.contains(exercise.name), "{line}");
        assert!(line.contains(exercise.stage.name()), "{line}");
    }
}

#[test]
fn help_has_an_example_and_fits_a_terminal() {
    check_screen(RUNNER, &["-h"]);
    check_screen(RUNNER, &["--help"]);
    check_screen(RUNNER, &["list"]);
    for command in ["list", "check", "hint", "solution", "reset", "table"] {
        check_screen(RUNNER, &[command, "-h"]);
    }
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    check_wrong(RUNNER, &["nonsense"], "'nonsense'");
    check_wrong(RUNNER, &["nonsense"], "exercise list");
    check_wrong(RUNNER, &["check", "recv-once-sever"], NAME);
    check_wrong(RUNNER, &["reset"], "<NAME>");
    check_wrong(RUNNER, &["table", "--jobs", "0"], "--jobs");
}
