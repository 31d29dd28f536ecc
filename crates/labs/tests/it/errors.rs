use std::process::Command;

use serde_json::Value;
use test_support::usage::check_wrong;

use crate::story::{self, LAB, Story, require_networks};

/// An error, as the lab tells it and as the book has it.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: String,
    number: String,
    kind: String,
    windows: String,
    cause: String,
    cure: String,
}

/// What the lab tells of each error that it provoked.
fn rows(story: &Story) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut introduction = "";
    let mut failed = &Value::Null;
    for event in story.all() {
        match event["event"].as_str().unwrap() {
            "about" => introduction = event["text"].as_str().unwrap(),
            "call" if event["failed"].is_object() => failed = &event["failed"],
            "claim" => rows.push(row(introduction, failed)),
            _ => {}
        }
    }
    rows
}

fn row(introduction: &str, failed: &Value) -> Row {
    let mut lines = introduction.lines();
    let (name, windows) =
        lines.next().unwrap().split_once(", on Windows ").unwrap();
    let cause = lines.next().unwrap().strip_prefix("Cause: ").unwrap();
    let cure = lines.next().unwrap().strip_prefix("Cure: ").unwrap();
    // The resolver's errors have neither.
    let came = failed["name"].as_str().unwrap_or(name);
    assert_eq!(came, name);
    let number = failed["number"].as_i64();
    Row {
        name: name.to_owned(),
        number: number.map_or("none".to_owned(), |n| n.to_string()),
        kind: failed["kind"].as_str().unwrap().to_owned(),
        windows: windows.replace(['(', ')'], ""),
        cause: cause.replace('`', ""),
        cure: cure.replace('`', ""),
    }
}

/// A row of one of the book's tables.
fn written(line: &str) -> Row {
    let line = line.replace('`', "");
    let cells = line.trim_matches('|').split(" | ");
    let cells: Vec<_> = cells.map(|cell| cell.trim().to_owned()).collect();
    let [name, number, kind, windows, cause, cure] = cells.try_into().unwrap();
    Row {
        name,
        number,
        kind,
        windows,
        cause,
        cure,
    }
}

const HERE: [&str; 16] = [
    "EADDRINUSE",
    "EADDRNOTAVAIL",
    "EAFNOSUPPORT",
    "ECONNREFUSED",
    "EINPROGRESS",
    "EISCONN",
    "ENOTCONN",
    "EDESTADDRREQ",
    "EMSGSIZE",
    "EACCES",
    "EAGAIN",
    "EINTR",
    "ECONNRESET",
    "EPIPE",
    "EMFILE",
    "EAI_NONAME",
];

const ELSEWHERE: [&str; 5] = [
    "EAI_AGAIN",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "ETIMEDOUT",
    "ECONNABORTED",
];

fn names(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn each_error_comes_and_the_book_has_what_the_lab_says_of_it() {
    if !require_networks() {
        return;
    }
    let story = story::run(&["errors"]);
    assert_eq!(story.not_shown(), [""; 0]);
    let told = rows(&story);
    assert_eq!(names(&told), [&HERE[..], &ELSEWHERE].concat());

    let chapter = include_str!("../../../../docs/src/errors.md");
    let lines = chapter.lines().filter(|line| line.starts_with("| `E"));
    let written: Vec<Row> = lines.map(written).collect();
    for row in &told {
        assert!(written.contains(row), "not in the book: {row:#?}");
    }
    assert_eq!(written.len(), told.len());
}

#[test]
fn without_networks_of_its_own_the_others_come() {
    let mut command = Command::new(LAB);
    // Without `ip` there is no way to a network.
    command.args(["errors", "--json"]).env("PATH", "");
    let story = story::run_command(command);
    assert_eq!(names(&rows(&story)), HERE);
    assert_eq!(story.not_shown(), [ELSEWHERE.join(", ")]);
    assert_eq!(story.found("provoked"), ["16 of 21"]);
}

/// Shows one error, which has to come so often; returns its name.
#[track_caller]
fn check_one(word: &str, name: &str, n_ways: usize) -> Story {
    let story = story::run(&["errors", word]);
    let begin = format!("{name}, on Windows ");
    let introduction = story.of("about")[0]["text"].as_str().unwrap();
    assert!(introduction.starts_with(&begin), "{introduction}");
    assert_eq!(story.of("claim").len(), n_ways);
    story
}

#[test]
fn an_error_goes_by_any_of_its_names_and_numbers() {
    for word in ["ECONNRESET", "econnreset", "104", "WSAECONNRESET", "10054"] {
        check_one(word, "ECONNRESET", 2);
    }
    check_one("BrokenPipe", "EPIPE", 2);
    // As a line of code has it, and as Rust prints it.
    check_one("ErrorKind::BrokenPipe", "EPIPE", 2);
    check_one("Broken pipe (os error 32)", "EPIPE", 2);
    check_one(" broken pipe", "EPIPE", 2);
    check_one("EWOULDBLOCK", "EAGAIN", 2);
    check_one("WSAHOST_NOT_FOUND", "EAI_NONAME", 1);
    check_wrong(
        LAB,
        &["errors", "EPERM"],
        "\"EPERM\" is no error that is shown",
    );
}

#[test]
fn one_number_may_mean_two_errors() {
    let story = check_one("10035", "EINPROGRESS", 3);
    assert_eq!(story.came("client", "connect("), ["EINPROGRESS"]);
    assert_eq!(story.came("client", "recv("), ["EAGAIN", "EAGAIN"]);
}

#[test]
fn some_errors_come_late() {
    let story = check_one("EPIPE", "EPIPE", 2);
    assert_eq!(story.came("client", "send(\"1\")"), ["1", "EPIPE"]);
    assert_eq!(story.came("client", "send(\"2\")"), ["EPIPE"]);
    let story = check_one("ECONNREFUSED", "ECONNREFUSED", 2);
    assert_eq!(story.came("client", "send("), ["6"]);
    assert_eq!(story.came("client", "recv("), ["ECONNREFUSED"]);
}

#[test]
fn what_waits_for_a_descriptor_is_not_lost() {
    let story = check_one("EMFILE", "EMFILE", 1);
    let came = story.came("server", "accept()");
    assert_eq!(came[0], "EMFILE");
    assert!(came[1].starts_with("127.0.0.1:"), "{came:?}");
}

#[test]
fn an_unconfirmed_send_is_waited_for() {
    if !require_networks() {
        return;
    }
    let story = check_one("ETIMEDOUT", "ETIMEDOUT", 2);
    let calls = story.of("call");
    let took = calls
        .iter()
        .filter(|call| call["failed"]["name"] == "ETIMEDOUT")
        .map(|call| call["took"].as_f64().unwrap());
    let took: Vec<f64> = took.collect();
    assert!(took.iter().all(|took| *took >= 0.5), "{took:?}");
}
