//! The list, help, wrong usage, questions, and readers who go away.

use std::fs::File;
use std::process::Command;

use test_support::usage::{check_screen, check_wrong, run};
use test_support::{DEADLINE, Program};

use crate::story::LAB;

#[test]
fn every_screen_fits_a_terminal_and_help_has_an_example() {
    check_screen(LAB, &[]);
    check_screen(LAB, &["-h"]);
    check_screen(LAB, &["--help"]);
}

#[test]
fn wrong_usage_is_named_and_its_status_is_2() {
    check_wrong(LAB, &["nonsense"], "`cargo xtask lab` lists them");
    check_wrong(LAB, &["endian"], "did you mean endianness?");
    for name in ["stream", "all"] {
        let expected = "\"nonsense\" is a word too many";
        check_wrong(LAB, &[name, "nonsense"], expected);
    }
    check_wrong(LAB, &["stream", "--ask", "--json"], "--json");
}

/// The experiments that there are, as the list names them.
pub(crate) fn names() -> Vec<String> {
    let (_, list, _) = run(LAB, &[]);
    let lines = list.lines().filter(|line| line.starts_with("  "));
    let names = lines.map(|line| line.split_whitespace().next().unwrap());
    names
        .filter(|name| *name != "all")
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn the_list_names_experiments() {
    assert!(names().contains(&"stream".to_owned()), "{:?}", names());
}

/// Starts an experiment with questions, and answers each with `answer`.
fn answer_each(experiment: &str, answer: &str) -> String {
    let mut command = Command::new(LAB);
    command.args([experiment, "--ask"]);
    let mut program =
        Program::start_with_input(command, answer.repeat(20).into_bytes())
            .unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(0), "{stderr}");
    String::from_utf8(stdout).unwrap()
}

#[test]
fn what_comes_says_which_answer_is_right() {
    let right = answer_each("stream", "2\n");
    assert!(right.contains("! as you said"), "{right}");
    assert!(right.contains("\nYou predicted 1 of 1.\n"), "{right}");
    let wrong = answer_each("stream", "1\n");
    assert!(wrong.contains("! it is: Hello.Bye."), "{wrong}");
    assert!(wrong.contains("\nYou predicted 0 of 1.\n"), "{wrong}");
}

#[test]
fn nonsense_is_asked_again_and_the_end_of_input_ends_the_questions() {
    let nonsense = answer_each("stream", "9\n\x1b[2Jx\n2\n");
    assert!(nonsense.contains("\nYou predicted 1 of 1.\n"), "{nonsense}");
    assert!(!nonsense.contains('\x1b'), "{nonsense:?}");
    let nothing = answer_each("stream", "");
    assert!(nothing.contains("no more answers"), "{nothing}");
    assert!(!nothing.contains("predicted"), "{nothing}");
}

#[test]
fn endless_nonsense_costs_the_answer_and_not_the_experiment() {
    let mut command = Command::new("sh");
    command.args(["-c", "yes 0 | \"$0\" families --ask", LAB]);
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert_eq!(status.code(), Some(0), "{stderr}");
    let stdout = String::from_utf8(stdout).unwrap();
    let n_questions = stdout.matches("\n  ? ").count();
    assert!(n_questions > 1, "{stdout}");
    let n_prompts = stdout.matches("then Enter: ").count();
    assert_eq!(n_prompts, 3 * n_questions, "{stdout}");
    let n_without = stdout.matches("going on without one").count();
    assert_eq!(n_without, n_questions, "{stdout}");
    assert!(!stdout.contains("predicted"), "{stdout}");
}

#[test]
fn a_full_disk_is_told_once() {
    let mut command = Command::new(LAB);
    command.arg("stream");
    command.stdout(File::create("/dev/full").unwrap());
    let result = command.output().unwrap();
    assert_eq!(result.status.code(), Some(1));
    let complaint = String::from_utf8(result.stderr).unwrap();
    let expected =
        "error: cannot write to standard output: No space left on device";
    assert!(complaint.starts_with(expected), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

#[test]
fn an_experiment_goes_by_the_name_of_its_chapter_and_in_any_case() {
    for name in ["endianness", "byte-order", "Byte_Order"] {
        let (code, stdout, stderr) = run(LAB, &[name]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.starts_with("endianness: "), "{stdout}");
    }
}

#[test]
fn whoever_is_asked_is_not_told_the_surprise_before() {
    let (_, list, _) = run(LAB, &[]);
    let title = list
        .lines()
        .find_map(|line| line.trim().strip_prefix("stream "));
    let title = title.unwrap().trim();
    let asked = answer_each("stream", "1\n");
    let (before, after) = asked.split_once("! it is").unwrap();
    assert!(!before.contains(title), "{before}");
    assert!(after.contains(title), "{after}");
}

#[test]
fn a_word_that_an_experiment_can_t_use_is_told_before_anything_else() {
    let (code, stdout, stderr) = run(LAB, &["errors", "nonsense"]);
    assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
}
