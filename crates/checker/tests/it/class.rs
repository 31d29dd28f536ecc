//! A class: many programs in folders, and lines that a teacher copies into a shell.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;
use test_support::Program;

use crate::checker::{Run, checker, finish_within, tests, verdicts};
use crate::robust::check_xml;

/// What a few rows of a few programs take at most.
const BOUND: Duration = Duration::from_secs(60);

/// A folder with a folder for each program, and what its run.txt says.
struct Class {
    folder: TempDir,
}

impl Class {
    fn new(submissions: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, command) in submissions {
            let submission = folder.path().join("in").join(name);
            fs::create_dir_all(&submission).unwrap();
            fs::write(submission.join("run.txt"), command).unwrap();
        }
        Self { folder }
    }

    /// Judges all of them.
    #[track_caller]
    fn check(&self, arguments: &str) -> Run {
        let mut command = checker(&format!("echo --each in {arguments}"));
        command
            .current_dir(self.folder.path())
            .env_remove("COURSE_ROOT");
        finish_within(BOUND, command)
    }
}

/// A program of tests/robust, as a line of run.txt.
fn bad(kind: &str) -> String {
    let script = tests().join("robust/bad.py");
    format!("python3 {} {kind} {{host}} {{port}}", script.display())
}

/// The line is taken by a shell as it stands; the row is judged, and fails again.
#[track_caller]
fn check_again(line: &str, row: &str, folder: &Path) {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder);
    let run = finish_within(BOUND, shell);
    assert_eq!(run.code, Some(1), "{line}: {}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.contains(&format!("  {row}  FAILS")),
        "{}",
        run.stdout
    );
    let has_pasted = |folder: &Path| folder.join("pasted").exists();
    assert!(
        !has_pasted(folder) && !has_pasted(&folder.join("in")),
        "{line}"
    );
}

#[test]
fn who_dribbles_has_no_more_time_than_the_budget() {
    let class = Class::new(&[("slow", bad("dribbles").as_bytes())]);
    let begin = Instant::now();
    // Without a budget, each step of these rows would have a minute.
    let run = class.check("--only E-01,E-03,E-04 --budget 4 --timeout 30 --format json");
    assert!(begin.elapsed() < Duration::from_secs(30), "{}", run.stdout);
    // Nor is it blamed for what its time didn't suffice for.
    assert!(
        run.stdout.contains("the time budget is used up"),
        "{}",
        run.stdout
    );
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    for (row, (verdict, told)) in verdicts(&report[0]) {
        assert_eq!(verdict, "not-judged", "{row}: {told}");
    }
}

#[test]
fn a_pipe_in_place_of_a_file_is_not_waited_for() {
    let class = Class::new(&[("good", bad("good").as_bytes())]);
    let folder = class.folder.path().join("in/pipe");
    fs::create_dir(&folder).unwrap();
    let mkfifo = Command::new("mkfifo").arg(folder.join("run.txt")).status();
    assert!(mkfifo.unwrap().success());
    let run = class.check("--only E-01");
    assert!(run.stdout.contains("run.txt is no file"), "{}", run.stdout);
}

#[test]
fn a_submission_is_checked_again_by_the_very_line_of_the_report() {
    let name = "x; touch pasted && $(touch pasted) 'y'";
    let class = Class::new(&[(name, bad("never-answers").as_bytes())]);
    let run = class.check("--only E-01 --timeout 0.5 --drain-deadline 1.5 --format json");
    let json = run.json();
    let line = json[0]["parts"][0]["rows"][0]["again"].as_str().unwrap();
    for words in ["--timeout 0.5", "--drain-deadline 1.5"] {
        assert!(line.contains(words), "{line}");
    }
    assert!(!line.contains("cargo"), "{line}");
    check_again(line, "E-01", class.folder.path());
}

#[test]
fn a_command_is_checked_again_by_the_very_line_of_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = checker("echo --profile guide --only E-01 --timeout 0.5 --format json --");
    command
        .current_dir(folder.path())
        .env_remove("COURSE_ROOT")
        .args(bad("never-answers").split(' '))
        .arg("a b; touch pasted");
    let json = finish_within(BOUND, command).json();
    let line = json["parts"][0]["rows"][0]["again"].as_str().unwrap();
    assert!(line.contains("--profile guide"), "{line}");
    check_again(line, "E-01", folder.path());
}

#[test]
fn in_the_course_cargo_starts_the_checker_again() {
    let root = tests().join("../../..");
    let mut command = checker("echo --only E-01 --timeout 0.5 --format json --");
    command
        .args(bad("never-answers").split(' '))
        .env("COURSE_ROOT", root);
    let json = finish_within(BOUND, command).json();
    let line = json["parts"][0]["rows"][0]["again"].as_str().unwrap();
    let expected = "cargo xtask check echo --timeout 0.5 --only E-01 -- python3 ";
    assert!(line.starts_with(expected), "{line}");
}

/// With the byte order mark, and lines, that Windows writes.
fn of_windows(text: &str, in_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = format!("\u{feff}# mine\r\n{text}\r\n");
    text.encode_utf16().flat_map(in_bytes).collect()
}

#[test]
fn commands_from_windows_and_with_an_environment_are_understood() {
    let good = bad("good");
    let with_mark = format!("\u{feff}{good}\r\n");
    let script = tests().join("robust/bad.py").display().to_string();
    // Both are set: the program would have no port otherwise.
    let reads = "import os; exec(os.environ['CODE'])";
    let with_environment = format!(
        "PORT={{port}} CODE=\"import sys; sys.argv = ['', 'never-answers', '127.0.0.1', os.environ['PORT']]; \
         exec(open('{script}').read())\" python3 -c \"{reads}\""
    );
    let class = Class::new(&[
        ("mark", with_mark.as_bytes()),
        ("little", &of_windows(&good, u16::to_le_bytes)),
        ("big", &of_windows(&good, u16::to_be_bytes)),
        ("with-environment", with_environment.as_bytes()),
        ("shell", b"cd x && ./server {port}"),
    ]);
    let run = class.check("--only E-01 --timeout 0.5 --format json");
    let json = run.json();
    let found: Vec<&str> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|report| {
            let verdict = report["parts"][0]["rows"][0]["verdict"].as_str();
            verdict.or(report["error"].as_str()).unwrap()
        })
        .collect();
    let needs_a_shell = "run.txt: `&&` needs a shell: write a script, or `sh -c '...'`";
    assert_eq!(
        found,
        ["holds", "holds", "holds", needs_a_shell, "fails"],
        "{json}"
    );
    let line = json[4]["parts"][0]["rows"][0]["again"].as_str().unwrap();
    check_again(line, "E-01", class.folder.path());
}

#[test]
fn results_of_an_earlier_run_and_empty_folders_are_no_submissions() {
    let class = Class::new(&[("ann", bad("good").as_bytes())]);
    for _ in 0..2 {
        let run = class.check("--only E-01 --output in/results");
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        assert!(!run.stdout.contains("results"), "{}", run.stdout);
    }
    for name in ["bob", "cem"] {
        fs::create_dir(class.folder.path().join("in").join(name)).unwrap();
    }
    let run = class.check("--only E-01 --output in/results");
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.ends_with("\n\nno run.txt in: bob, cem\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn names_and_words_of_others_give_no_orders() {
    let names = ["\u{1b}[2J", "two\nlines", "\u{fffe}", "\u{1}\u{202e}"];
    let silent = format!("{} \u{1b}]0;title\u{7}\u{fffe}", bad("never-answers"));
    let missing = "./no-such-\u{1b}[31m-program {port}".to_owned();
    let commands = [&silent, &missing, &silent, &missing];
    let submissions: Vec<(&str, &[u8])> = names
        .iter()
        .zip(commands)
        .map(|(name, command)| (*name, command.as_bytes()))
        .collect();
    let class = Class::new(&submissions);
    let run = class.check("--only E-01 --timeout 0.5");
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    let results = class.folder.path().join("check-results");
    let read = |file: &str| fs::read_to_string(results.join(file)).unwrap();
    let reports = ["check.txt", "check.json", "check.xml"].map(read);
    for text in reports.iter().chain([&run.stdout, &run.stderr]) {
        let is_order = |c: char| c.is_control() && c != '\n' || "\u{fffe}\u{202e}".contains(c);
        assert!(!text.contains(is_order), "{text:?}");
    }
    // The table has a head, and a line for each of the four at least.
    assert!(run.stdout.contains(r"two\nlines  "), "{}", run.stdout);
    check_xml(&reports[2], 4);
}

/// An echo server of this process.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
        }
    });
    port
}

#[test]
fn a_running_server_is_found_by_name() {
    let port = serve();
    let run = finish_within(
        BOUND,
        checker(&format!("echo --only E-01 --connect localhost:{port}")),
    );
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("E-01  holds"), "{}", run.stdout);
    for (address, words) in [
        (
            "no-such-host.invalid:80",
            "cannot resolve \"no-such-host.invalid\"",
        ),
        ("localhost", "expected HOST:PORT"),
        ("localhost:x", "port from 1 to 65535"),
    ] {
        let run = finish_within(BOUND, checker(&format!("echo --connect {address}")));
        assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}

/// Ctrl-C, as soon as the program that is judged has come as far as `mark`.
#[track_caller]
fn interrupt(command: Command, mark: &Path) -> Run {
    let mut checker = Program::start(command).unwrap();
    let deadline = Instant::now() + BOUND;
    while !mark.exists() {
        assert!(Instant::now() < deadline, "{}", checker.stderr());
        thread::yield_now();
    }
    checker.signal(Signal::SIGINT).unwrap();
    let (status, stdout, stderr) = checker.finish(BOUND).unwrap();
    Run {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr,
    }
}

/// A server that stalls at a single byte, and then leaves a mark: it holds on E-01,
/// and on E-04 it takes as long as it is let.
const STALLS: &str = "
import socket, sys, threading
def echo(sock):
    while data := sock.recv(65536):
        if len(data) == 1:
            open(sys.argv[3], 'w').close()
            threading.Event().wait()
        sock.sendall(data)
    sock.close()
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    threading.Thread(target=echo, args=[listener.accept()[0]], daemon=True).start()
";

#[test]
fn ctrl_c_shows_what_was_judged_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let mut command = checker("echo --only E-01,E-04 --timeout 60 -- python3 -c");
    command.args([STALLS, "{host}", "{port}"]).arg(&mark);
    let run = interrupt(command, &mark);
    assert_eq!(run.code, Some(130), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("E-01  holds"), "{}", run.stdout);
    assert!(!run.stdout.contains("E-04"), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("interrupted: 1 row left\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn ctrl_c_shows_the_table_of_those_judged_so_far() {
    let stalls = "python3 ../../stalls.py {host} {port} ../../mark";
    let class = Class::new(&[
        ("ann", bad("good").as_bytes()),
        ("bob", stalls.as_bytes()),
        ("cem", stalls.as_bytes()),
    ]);
    let folder = class.folder.path();
    fs::write(folder.join("stalls.py"), STALLS).unwrap();
    let mut command = checker("echo --only E-01,E-04 --timeout 60 --each in");
    command.current_dir(folder);
    let run = interrupt(command, &folder.join("mark"));
    assert_eq!(run.code, Some(130), "{}{}", run.stdout, run.stderr);
    let lines: Vec<Vec<&str>> = run
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines[1], ["ann", "2", "0", "0"], "{}", run.stdout);
    assert_eq!(
        lines[2],
        ["bob", "1", "0", "0", "interrupted:", "1", "left"],
        "{}",
        run.stdout
    );
    let left = ["interrupted:", "not", "judged:", "cem"];
    assert_eq!(lines[3..], [left], "{}", run.stdout);
    let written = fs::read_to_string(folder.join("check-results/check.txt")).unwrap();
    assert_eq!(written, run.stdout);
}

/// The last line says so, after a stage whose rows all hold.
#[track_caller]
fn check_next(arguments: &str, expected: Option<&str>) {
    let mut command = checker(arguments);
    let script = tests().join("mutants/echo.py").display().to_string();
    command
        .args(["--", "python3", &script, "{host}", "{port}"])
        .env("COURSE_ROOT", tests().join("../../.."));
    let run = finish_within(BOUND, command);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let next = run
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("next: "));
    let command = format!(" -- python3 {script} {{host}} {{port}}");
    let expected = expected.map(|start| start.to_owned() + &command);
    assert_eq!(next, expected.as_deref(), "{}", run.stdout);
}

#[test]
fn whoever_holds_is_told_what_is_next() {
    check_next("echo", Some("cargo xtask check multiconn"));
    check_next(
        "echo --level core",
        Some("cargo xtask check echo --level robust"),
    );
    check_next("echo --only E-01", None);
}

#[test]
fn an_empty_command_is_not_the_courses_own() {
    for words in [&["--"][..], &["--", ""], &["--client", "--"]] {
        let mut command = checker("echo --only E-01");
        command.args(words);
        let run = finish_within(BOUND, command);
        assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
        assert!(
            run.stderr.contains("the command after `--` is empty"),
            "{}",
            run.stderr
        );
    }
}
