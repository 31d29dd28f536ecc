//! Signals reach the programs as ever.

use crate::support::{check_unharmed, compiled, run, socktrace};

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
