//! Where programs may not be watched, and what rights they have when they are.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use test_support::require_tool;

use crate::support::{
    Ended, SOCKTRACE, check_nothing_left, compiled, mark, run, script, socktrace, watch, watch_with,
};

/// Somebody who may not do everything, with programs in a place that he may read.
struct Nobody {
    folder: TempDir,
}

impl Nobody {
    /// Says why there is none, if there is none.
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root becomes somebody else; these tests run as such already");
            return None;
        }
        if !require_tool("setpriv") {
            return None;
        }
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        Some(Self { folder })
    }

    /// A copy of a program for him, with these rights.
    fn copy(&self, program: &str, mode: u32) -> String {
        let to = self.path(Path::new(program).file_name().unwrap().to_str().unwrap());
        // Not by this process: a child of it, started by another test meanwhile, would have
        // the file open for writing, and what somebody writes to can't be run.
        let copied = Command::new("cp").arg(program).arg(&to).status().unwrap();
        assert!(copied.success());
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).unwrap();
        to.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run<W: AsRef<str>>(&self, words: &[W]) -> Ended {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        command.args(words.iter().map(AsRef::as_ref));
        run(command)
    }
}

/// The calls of a trace in a file, by their names.
fn names(trace: &Path) -> Vec<String> {
    let text = fs::read_to_string(trace).unwrap();
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    records
        .filter_map(|record| match record {
            socktrace::record::Record::Call(call) => Some(call.name),
            _ => None,
        })
        .collect()
}

#[test]
fn whoever_may_not_do_everything_may_watch_his_own_programs() {
    let (Some(nobody), Some(children)) = (Nobody::new(), compiled("children")) else {
        return;
    };
    let tracer = nobody.copy(SOCKTRACE, 0o755);
    let program = nobody.copy(&children, 0o755);
    let trace = nobody.path("trace.jsonl");
    let file = trace.to_str().unwrap();
    let ended = nobody.run(&[
        &*tracer, "trace", "--one", "--json", file, "--", &program, "fork", "5",
    ]);
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.stdout, "5 children, sum of their statuses 35\n");
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(
        names(&trace)
            .iter()
            .filter(|it| *it == "socketpair")
            .count(),
        5
    );
    let probed = nobody.run(&[&*tracer, "probe"]);
    assert_eq!((probed.status.code(), &*probed.stderr), (Some(0), ""));
}

#[test]
fn a_set_user_id_program_doesn_t_get_its_rights_which_is_told() {
    let (Some(nobody), Some(owner)) = (Nobody::new(), compiled("tells_user")) else {
        return;
    };
    let tracer = nobody.copy(SOCKTRACE, 0o755);
    let program = nobody.copy(&owner, 0o4755);
    if nobody.run(&[&program]).stdout != "user 0\n" {
        eprintln!(
            "skipped: set-user-ID has no effect in {}",
            nobody.folder.path().display()
        );
        return;
    }
    let trace = nobody.path("trace.jsonl");
    let file = trace.to_str().unwrap();
    for flags in [&[][..], &["--no-filter"]] {
        let words = [
            &[&*tracer, "trace", "--one", "--json", file],
            flags,
            &["--", &program],
        ];
        let ended = nobody.run(&words.concat());
        assert_eq!(ended.stdout, "user 65534\n", "{flags:?}");
        let text = fs::read_to_string(&trace).unwrap();
        assert!(text.contains("is set-user-ID"), "{text}");
    }
    // As root, nothing is lost.
    let watched = watch(&[
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
        &program,
    ])
    .finish();
    assert_eq!(watched.ended.stdout, "user 0\n");
    assert!(watched.notes().is_empty());
}

#[test]
fn without_the_filter_the_calls_are_the_same() {
    let [python, path] = script("echoes_itself.py");
    let with = watch(&[&python, &path]).finish();
    let without = watch_with(&["--no-filter"], &[&python, &path]).finish();
    assert_eq!(with.ended, without.ended);
    let calls = |run: &crate::support::Run| -> Vec<(String, bool)> {
        run.calls()
            .map(|it| (it.name.clone(), it.data.is_some()))
            .collect()
    };
    assert_eq!(calls(&with), calls(&without));
    assert!(with.calls().count() > 10);
}

/// One line that says so, and nothing left.
#[track_caller]
fn check_refused(before: &[&str], why: &str) {
    let mark = mark();
    let one = [
        SOCKTRACE,
        "trace",
        "--one",
        "--",
        "sh",
        "-c",
        "echo it ran",
        &mark,
    ];
    let pair = [
        SOCKTRACE,
        "trace",
        "--",
        "sh",
        "-c",
        "echo it ran",
        &mark,
        "::",
        "true",
    ];
    let stepped = [
        SOCKTRACE,
        "step",
        "--",
        "sh",
        "-c",
        "echo it ran",
        &mark,
        "::",
        "true",
    ];
    for words in [&one[..], &pair, &stepped, &[SOCKTRACE, "probe"]] {
        let all = [before, words].concat();
        let mut command = Command::new(all[0]);
        command.args(&all[1..]);
        let ended = run(command);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert_eq!(ended.stdout, "", "{ended:?}");
        let complaint = ended
            .stderr
            .lines()
            .filter(|it| !it.contains("stepping needs a terminal"));
        let complaint: Vec<&str> = complaint.collect();
        assert_eq!(complaint.len(), 1, "{ended:?}");
        assert!(complaint[0].starts_with("error: "), "{ended:?}");
        assert!(complaint[0].contains(why), "{ended:?}");
    }
    check_nothing_left(&mark);
}

#[test]
fn where_ptrace_is_forbidden_one_line_says_so() {
    if let Some(forbids) = compiled("forbids") {
        check_refused(&[&forbids], "ptrace");
    }
}

#[test]
fn where_another_tracer_is_first_one_line_says_so() {
    if require_tool("strace") {
        // Whatever strace sees is thrown away.
        check_refused(
            &["strace", "-f", "-qq", "-o", "/dev/null"],
            "watched already, by process",
        );
    }
}

#[test]
fn where_programs_can_be_watched_the_probe_says_nothing() {
    let ended = run(socktrace(&["probe"]));
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), ""));
}
