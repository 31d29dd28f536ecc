//! Signals reach the programs as ever.

use test_support::require_tool;

use crate::support::{check_unharmed, compiled, run, socktrace, unwatched, watch};

#[test]
fn each_signal_is_delivered_once() {
    let Some(program) = compiled("counted") else {
        return;
    };
    let usual = check_unharmed(&[&program, "usual"]);
    assert_eq!(usual.ended.stdout, "handled 100, sum 0\n");
    assert_eq!(usual.n_signals("SIGUSR1"), 100);
    // .NET and glibc use such signals, which some libraries don't know.
    let real_time = check_unharmed(&[&program, "real-time"]);
    assert_eq!(real_time.ended.stdout, "handled 100, sum 4950\n");
    assert_eq!(real_time.n_signals("SIGRTMIN+3"), 100);
}

#[test]
fn a_runtime_s_own_signals_are_folded() {
    let Some(program) = compiled("counted") else {
        return;
    };
    let all = check_unharmed(&[&program, "runtime", "1000"]);
    assert_eq!(all.n_signals("SIGURG") + all.n_signals("SIGSEGV"), 2000);
    assert_eq!(all.results("sendto"), ["3"]);

    let drawn = run(socktrace(&[
        "trace", "--one", "--", &program, "runtime", "1000",
    ]));
    assert!(drawn.stderr.contains("1000"), "{}", drawn.stderr);
    assert!(drawn.stderr.lines().count() < 30, "{}", drawn.stderr);
}

#[test]
fn a_signal_that_is_ignored_interrupts_nothing() {
    let Some(program) = compiled("child_ends") else {
        return;
    };
    let run = check_unharmed(&[&program, "ignored"]);
    assert_eq!(run.ended.stdout, "epoll_wait: ready\n");
    assert_eq!(run.n_signals("SIGCHLD"), 0);
}

/// What the kernel itself does where anybody watches: it tells the watcher of a signal that
/// it would throw away, and so breaks off what can't be restarted.
#[test]
fn a_signal_without_effect_interrupts_what_it_does_under_strace() {
    let Some(program) = compiled("child_ends") else {
        return;
    };
    if !require_tool("strace") {
        return;
    }
    let run = watch(&[&program, "default"]).finish();
    let traced = unwatched(&[
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        &program,
        "default",
    ]);
    assert_eq!(run.ended, traced);
    assert_eq!(run.results("epoll_wait"), ["EINTR"]);
}
