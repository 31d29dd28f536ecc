//! What others have reported of tools of this kind: none of it happens here.

use crate::support::{SOCKTRACE, unwatched};

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
