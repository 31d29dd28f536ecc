//! What a trace is written to, and what little it has to run with.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use socktrace::record::Record;
use socktrace::trace_file::Reader;
use tempfile::TempDir;
use test_support::{DEADLINE, Program};

use crate::support::{
    Ended, SOCKTRACE, check_nothing_left, compiled, finish, mark, run, script, socktrace, watch,
};

/// A trace of a program that talks to itself, with these flags.
fn trace_one(flags: &[&str]) -> Ended {
    let [python, path] = script("echoes_itself.py");
    run(socktrace(
        &[&["trace", "--one"], flags, &["--", &python, &path]].concat(),
    ))
}

#[test]
fn a_full_disk_ends_the_trace_and_not_the_program() {
    let ended = trace_one(&["--json", "/dev/full"]);
    assert_eq!(ended.stdout, "b'there and back'\n");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.contains("cannot write the trace"), "{ended:?}");
}

#[test]
fn a_full_disk_ends_a_trace_of_two_programs() {
    let mark = mark();
    let mut command = socktrace(&["trace", "--json", "/dev/full", "--"]);
    command
        .args(script("forks_and_waits.py"))
        .args(["2", &mark, "::"]);
    command.args(script("waits.py")).arg(&mark);
    let ended = run(command);
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.contains("cannot write the trace"), "{ended:?}");
    check_nothing_left(&mark);
}

#[test]
fn a_file_that_can_t_be_made_ends_it_before_it_begins() {
    for flags in [["--json", "/no/such/folder/file"], ["--json", "/"]] {
        let ended = trace_one(&flags);
        assert_eq!((ended.status.code(), &*ended.stdout), (Some(1), ""));
        assert!(
            ended.stderr.starts_with("error: cannot create /"),
            "{ended:?}"
        );
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
}

/// Runs a pair whose diagram nobody reads to its end.
#[test]
fn who_has_seen_enough_ends_the_programs() {
    let mark = mark();
    let mut command = socktrace(&["trace", "--timeout", "0", "--"]);
    command
        .args(script("forks_and_waits.py"))
        .args(["20", &mark, "::"]);
    command
        .args(script("forks_and_waits.py"))
        .args(["20", &mark]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // As `head -1` does.
    let mut first = [0];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    check_nothing_left(&mark);
}

#[test]
fn a_closed_standard_error_doesn_t_end_the_one_program() {
    let [python, path] = script("echoes_itself.py");
    let words = format!("exec '{SOCKTRACE}' trace --one -- '{python}' '{path}' 2>&-");
    let mut command = Command::new("sh");
    command.args(["-c", &words]);
    let ended = run(command);
    assert_eq!(
        (ended.status.code(), &*ended.stdout),
        (Some(0), "b'there and back'\n")
    );
}

fn make_pipe(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("trace");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path
}

#[test]
fn a_trace_can_go_into_a_pipe() {
    let folder = TempDir::new().unwrap();
    let fifo = make_pipe(&folder);
    let reader = thread::spawn({
        let fifo = fifo.clone();
        move || {
            Reader::new(BufReader::new(File::open(fifo).unwrap()))
                .unwrap()
                .collect::<Result<Vec<_>, _>>()
        }
    });
    let ended = trace_one(&["--json", fifo.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let records = reader.join().unwrap().unwrap();
    assert!(matches!(records.last(), Some(Record::End(_))));
}

/// Nobody has to be there: Ctrl-C ends the waiting for a reader.
#[test]
fn a_pipe_that_nobody_reads_can_be_left() {
    let folder = TempDir::new().unwrap();
    let fifo = make_pipe(&folder);
    let mut program = Program::start(socktrace(&[
        "trace",
        "--one",
        "--json",
        fifo.to_str().unwrap(),
        "--",
        "true",
    ]))
    .unwrap();
    program.signal(nix::sys::signal::Signal::SIGINT).unwrap();
    assert!(!program.status(DEADLINE).unwrap().success());
}

#[test]
fn few_descriptors_suffice() {
    let Some(children) = compiled("children") else {
        return;
    };
    let shell =
        format!("ulimit -n 16; exec {SOCKTRACE} trace --one --json \"$0\" -- {children} fork 40");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("trace.jsonl");
    let mut command = Command::new("sh");
    command.args(["-c", &shell]).arg(&file);
    let ended = run(command);
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    let records = Reader::new(BufReader::new(File::open(&file).unwrap())).unwrap();
    let records: Vec<Record> = records.collect::<Result<_, _>>().unwrap();
    let pairs = records
        .iter()
        .filter(|it| matches!(it, Record::Call(it) if it.name == "socketpair"));
    assert_eq!(pairs.count(), 40);
    // What each socket is has been asked of the kernel.
    let sockets = records
        .iter()
        .filter(|it| matches!(it, Record::Socket(it) if it.family == "AF_UNIX"));
    assert_eq!(sockets.count(), 80);
}

#[test]
fn a_path_with_blanks_and_umlauts_is_as_good_as_any() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("größere Dinge, \u{202e}x");
    fs::create_dir(&place).unwrap();
    let [python, path] = script("echoes_itself.py");
    let copy = place.join("a ü.py");
    fs::copy(path, &copy).unwrap();
    let file = place.join("trace ü.jsonl");
    let mut command = socktrace(&["trace", "--one", "--json"]);
    command.arg(&file).arg("--").arg(&python).arg(&copy);
    let ended = run(command);
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), ""));
    let mut command = socktrace(&["trace", "--from"]);
    command.arg(&file);
    let shown = run(command);
    assert_eq!(shown.status.code(), Some(0));
    assert!(shown.stdout.contains("größere"), "{}", shown.stdout);
    assert!(!shown.stdout.contains('\u{202e}'), "{}", shown.stdout);
}

#[test]
fn where_the_locale_knows_only_ascii_so_does_the_diagram() {
    let [python, path] = script("echoes_itself.py");
    for (locale, is_ascii) in [("C", true), ("en_US.UTF-8", false)] {
        let mut command = socktrace(&["trace", "--one", "--", &python, &path]);
        command.env("LC_ALL", locale);
        let ended = run(command);
        assert_eq!(ended.status.code(), Some(0));
        assert_eq!(ended.stderr.is_ascii(), is_ascii, "{}", ended.stderr);
    }
}

#[test]
fn two_traces_at_once_keep_to_their_own() {
    let [python, path] = script("echoes_itself.py");
    let both = [watch(&[&python, &path]), watch(&[&python, &path])];
    let [one, other] = both.map(crate::support::Watching::finish);
    let names = |run: &crate::support::Run| -> Vec<String> {
        run.calls().map(|it| it.name.clone()).collect()
    };
    assert_eq!(names(&one), names(&other));
    assert_eq!(one.ended, other.ended);
}

#[test]
fn the_trace_alone_can_be_the_output() {
    let mut command = socktrace(&["trace", "--json", "-", "--"]);
    command
        .args(script("last_words.py"))
        .arg("::")
        .args(script("last_words.py"));
    command.args(["{host}", "{port}"]);
    let ended = finish(&mut Program::start(command).unwrap());
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), ""));
    let records = Reader::new(ended.stdout.as_bytes()).unwrap();
    assert!(records.collect::<Result<Vec<_>, _>>().unwrap().len() > 10);
}
