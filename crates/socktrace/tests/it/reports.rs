//! What others have reported of tools of this kind: none of it happens here.

use crate::support::{
    SOCKTRACE, check_unharmed, compiled, compiled_with, unwatched, watch, watch_with,
};

/// Runs a command of a shell in which `$watch` stands before a program, by itself and
/// under watch, and checks that nobody can tell the two.
#[track_caller]
fn check_in_shell(shell: &str) -> String {
    let with = |watch: &str| unwatched(&["sh", "-c", &format!("watch='{watch}'; {shell}")]);
    let expected = with("");
    let watch = format!("{SOCKTRACE} trace --one --json /dev/null --");
    assert_eq!(with(&watch), expected, "{shell}");
    expected.stdout
}

/// rust-lang/rust#88825: the runtime opens `/dev/null` where these were closed.
#[test]
fn a_closed_standard_descriptor_is_closed_to_the_program() {
    let program = "sh -c 'for n in 0 1 2; do test -e /proc/self/fd/$n; s=$s$?; done; exit 1$s'";
    for closed in ["", "<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"] {
        check_in_shell(&format!("$watch {program} {closed}; echo $?"));
    }
}

/// rust-lang/rust#62569: the runtime ignores SIGPIPE, and `Command` doesn't any more.
#[test]
fn signals_are_ignored_and_blocked_as_they_would_be() {
    let program = "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status";
    check_in_shell(&format!("$watch {program}"));
    let ignored = check_in_shell(&format!("trap '' PIPE INT CHLD; $watch {program}"));
    // Of the others, the C library ignores two where this test was started by `Command`.
    assert!(ignored.contains("1002\nSigCgt"), "{ignored}");
    let blocked = "import os, sys, signal\n\
                   signal.pthread_sigmask(signal.SIG_BLOCK, {10, 15, 17, 28, 40})\n\
                   os.execvp(sys.argv[1], sys.argv[1:])";
    let blocked = check_in_shell(&format!("python3 -c \"{blocked}\" $watch {program}"));
    assert!(blocked.contains("SigBlk:\t0000008008014200"), "{blocked}");
}

/// strace/strace#274: with a filter, a program that has one itself isn't seen as a whole.
#[test]
fn a_program_that_filters_its_own_calls_is_told_of() {
    let Some(program) = compiled("own_filter") else {
        return;
    };
    let run = check_unharmed(&[&program, "refuse"]);
    assert_eq!(run.ended.stdout, "socket: Permission denied\n");
    assert!(run.named("socket").is_empty());
    let notes = run.notes();
    assert!(
        matches!(notes[..], [note] if note.contains("aren't seen")),
        "{notes:?}"
    );
    let strict = watch(&[&program, "strict"]).finish();
    assert_eq!(strict.ended.stdout, "refused\n");
    let notes = strict.notes();
    assert!(
        matches!(notes[..], [note] if note.contains("strict mode")),
        "{notes:?}"
    );
    for (way, results) in [
        ("refuse", &["EACCES"][..]),
        ("trace", &["ENOSYS"]),
        ("strict", &[]),
    ] {
        let run = watch_with(&["--no-filter"], &[&program, way]).finish();
        assert_eq!(run.ended, unwatched(&[&program, way]), "{way}");
        assert_eq!(run.results("socket"), results, "{way}");
        assert!(run.notes().is_empty(), "{way}");
    }
}

/// A trace that outgrows `ulimit -f` ended the watcher by SIGXFSZ, and so the program.
#[test]
fn a_trace_that_gets_too_long_for_a_file_harms_nobody() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("trace.jsonl");
    let shell = format!(
        "ulimit -f 0; {SOCKTRACE} trace --one --json {} -- sh -c 'echo on; exit 6'",
        file.display()
    );
    let ended = unwatched(&["sh", "-c", &shell]);
    assert_eq!(ended.status.code(), Some(6), "{ended:?}");
    assert_eq!(ended.stdout, "on\n");
    assert!(ended.stderr.starts_with("warning: "), "{ended:?}");
}

/// moby/moby#20064: who may not trace wants to know why.
#[test]
fn a_watcher_that_is_watched_says_so() {
    let words = [SOCKTRACE, "trace", "--one", "--", "true"];
    let ended = watch(&words).finish().ended;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("watched already"), "{ended:?}");
}

/// strace/strace#160: into a program that may not be read, only root sees.
#[test]
fn a_program_that_nobody_may_look_into_is_told_of() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let is_root = rustix::process::geteuid().is_root();
    let Some(program) = compiled_with("children", "unreadable", &["-pthread"]) else {
        return;
    };
    fs::set_permissions(&program, Permissions::from_mode(0o111)).unwrap();
    let run = check_unharmed(&[&program, "fork", "1"]);
    let is_told = run.notes().iter().any(|it| it.contains("look into"));
    assert_eq!(is_told, !is_root, "{:?}", run.notes());
}
