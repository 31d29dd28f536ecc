//! Programs that are stopped and continued, killed, and crash.

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use procfs::process::{ProcState, Process};
use socktrace::record::{Outcome, Record};
use std::net::TcpStream;

use crate::support::{
    check_nothing_left, check_unharmed, compiled, mark, script, wait_until, watch,
};

fn is_stopped(process: i32) -> bool {
    let state = Process::new(process).and_then(|it| it.stat()?.state());
    // By a signal, or for its tracer, which doesn't let it go on.
    matches!(state, Ok(ProcState::Stopped | ProcState::Tracing))
}

#[test]
fn a_stopped_program_sleeps_until_it_is_continued() {
    let Some(program) = compiled("interrupted") else {
        return;
    };
    let watching = watch(&[&program, "restart"]);
    let port = watching.program.first_line().unwrap();
    let process = watching.process();
    for n in 1..=3 {
        watching.wait_for_waits(n, "accept");
        watching.signal(Signal::SIGSTOP);
        watching.wait_for(n, |it| matches!(it, Record::Signal(it) if it.stopped));
        wait_until("a stop", || is_stopped(process));
        if n == 3 {
            // It's the kernel that takes it; the program doesn't.
            TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
            assert!(is_stopped(process));
        }
        watching.signal(Signal::SIGCONT);
    }
    let run = watching.finish();
    assert!(run.ended.stdout.ends_with("accept ok, handled 0\n"));
    assert_eq!(run.ended.status.code(), Some(0));
    assert_eq!(run.n_signals("SIGCONT"), 3);
}

#[test]
fn a_program_that_stops_itself_and_its_child_is_continued_by_its_parent() {
    let command = script("stops_itself.py");
    let run = check_unharmed(&command);
    assert_eq!(
        run.ended.stdout,
        "stopped by SIGSTOP\nstopped by SIGTSTP\nended with 6\n"
    );
    assert!(
        run.records
            .iter()
            .any(|it| matches!(it, Record::Signal(it) if it.stopped))
    );
}

#[test]
fn a_program_killed_in_a_call_ends_the_trace() {
    let Some(program) = compiled("interrupted") else {
        return;
    };
    let watching = watch(&[&program, "restart"]);
    watching.wait_for_waits(1, "accept");
    watching.signal(Signal::SIGKILL);
    let run = watching.finish();
    assert_eq!(run.ended.status, unwatched_death(Signal::SIGKILL));
    let [accept] = run.named("accept")[..] else {
        panic!("{:?}", run.records);
    };
    assert!(matches!(&accept.result, Outcome::Unfinished(why) if why == "the thread ended"));
    assert!(
        run.records
            .iter()
            .any(|it| matches!(it, Record::Exit(it) if it.signal.as_deref() == Some("SIGKILL")))
    );
}

/// The status of a process that died of a signal.
fn unwatched_death(signal: Signal) -> std::process::ExitStatus {
    std::os::unix::process::ExitStatusExt::from_raw(signal as i32)
}

#[test]
fn whoever_kills_all_of_them_finds_no_program_left() {
    let mark = mark();
    let [python, path] = script("forks_and_waits.py");
    let watching = watch(&[&python, &path, "50", &mark]);
    watching.program.wait_for_stdout("all wait").unwrap();
    let family = crate::support::marked(&mark);
    // The tracer's own command line has the mark as well.
    for process in family
        .into_iter()
        .filter(|&it| it != watching.program.pid().as_raw())
    {
        let _ = nix::sys::signal::kill(Pid::from_raw(process), Signal::SIGKILL);
    }
    let run = watching.finish();
    assert_eq!(run.ended.status, unwatched_death(Signal::SIGKILL));
    check_nothing_left(&mark);
}

#[test]
fn a_program_dies_of_the_same_signal_as_unwatched() {
    for signal in [
        "SEGV", "TERM", "KILL", "ABRT", "USR2", "PIPE", "INT", "RTMIN+3",
    ] {
        let run = check_unharmed(&["sh", "-c", &format!("echo last words; kill -{signal} $$")]);
        assert_eq!(run.ended.stdout, "last words\n", "{signal}");
        let name = format!("SIG{signal}");
        assert!(run.records.iter().any(
            |it| matches!(it, Record::Exit(it) if it.signal.as_deref() == Some(name.as_str()))
        ));
    }
}
