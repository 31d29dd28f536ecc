//! Signals to the tracer, to the programs' whole group, and the loss of the tracer.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use socktrace::record::Record;
use test_support::Program;

use crate::support::{
    Ended, check_nothing_left, compiled, finish, mark, marked, script, socktrace, unwatched,
    wait_until, watch,
};

/// A person waits; only a machine that is busy with all else takes so long.
const AT_ONCE: Duration = Duration::from_secs(8);

/// Starts `socktrace` in a process group of its own, as a shell does.
fn start_in_group(mut command: Command) -> Program {
    command.process_group(0);
    Program::start(command).unwrap()
}

/// Waits until `n` processes have the mark, beside the tracer.
fn wait_for_marked(mark: &str, n: usize) {
    wait_until("the programs", || marked(mark).len() > n);
}

#[test]
fn a_signal_to_the_tracer_of_one_program_reaches_it_once() {
    let Some(counts) = compiled("counts_ints") else {
        return;
    };
    let watching = watch(&[&counts]);
    watching.program.wait_for_stdout("ready\n").unwrap();
    for n in 1..=3 {
        watching.program.signal(Signal::SIGINT).unwrap();
        watching.wait_for(
            n,
            |it| matches!(it, Record::Signal(it) if it.name == "SIGINT"),
        );
    }
    watching.program.signal(Signal::SIGTERM).unwrap();
    let run = watching.finish();
    assert_eq!(run.ended.stdout, "ready\n3 came\n");
}

#[test]
fn a_signal_to_the_whole_group_reaches_the_program_once() {
    let Some(counts) = compiled("counts_ints") else {
        return;
    };
    for _ in 0..20 {
        let mut command = socktrace(&["trace", "--one", "--json", "/dev/null", "--"]);
        command.arg(&counts);
        let mut program = start_in_group(command);
        program.wait_for_stdout("ready\n").unwrap();
        killpg(program.pid(), Signal::SIGINT).unwrap();
        program.signal(Signal::SIGTERM).unwrap();
        assert_eq!(finish(&mut program).stdout, "ready\n1 came\n");
    }
}

/// Ends a trace in the way given, and checks that nothing outlives it for long.
fn check_ended(mut program: Program, mark: &str, end: impl Fn(Pid)) -> Ended {
    let began = Instant::now();
    end(program.pid());
    let ended = finish(&mut program);
    check_nothing_left(mark);
    let took = began.elapsed();
    assert!(took < AT_ONCE, "it took {took:?}");
    ended
}

/// A server with `n` children, and a client that never ends.
fn start_many(server: &[String], n: usize) -> (Program, String) {
    let mark = mark();
    let mut command = socktrace(&["trace", "--timeout", "0", "--"]);
    command.args(server).args([&n.to_string(), &mark]);
    command.arg("::").args(script("waits.py")).arg(&mark);
    let program = start_in_group(command);
    // As it is drawn.
    program.wait_for_stdout("all wait").unwrap();
    (program, mark)
}

#[test]
fn ctrl_c_ends_two_programs_and_all_their_children() {
    for to_group in [false, true] {
        let (program, mark) = start_many(&script("forks_and_waits.py"), 3);
        let ended = check_ended(program, &mark, |it| {
            let result = if to_group {
                killpg(it, Signal::SIGINT)
            } else {
                kill(it, Signal::SIGINT)
            };
            result.unwrap();
        });
        assert_eq!(
            ended.status.code(),
            Some(128 + Signal::SIGINT as i32),
            "{ended:?}"
        );
        // What was seen until then is shown.
        assert!(ended.stdout.contains("accept4"), "{ended:?}");
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn ctrl_c_ends_a_thousand_children() {
    let Some(crowd) = compiled("crowd") else {
        return;
    };
    let (program, mark) = start_many(&[crowd], 1000);
    let _ = check_ended(program, &mark, |it| killpg(it, Signal::SIGINT).unwrap());
}

/// A process that is in `vfork` can't be stopped, and hardly ended.
#[test]
fn ctrl_c_ends_a_program_that_is_in_a_vfork() {
    let Some(vforks) = compiled("vforks") else {
        return;
    };
    for to_group in [false, true] {
        let mark = mark();
        let command = socktrace(&["trace", "--", &vforks, &mark, "::", "true"]);
        let program = start_in_group(command);
        // The child has its parent's command line, as it has its memory.
        wait_for_marked(&mark, 2);
        let ended = check_ended(program, &mark, |it| {
            let result = if to_group {
                killpg(it, Signal::SIGINT)
            } else {
                kill(it, Signal::SIGINT)
            };
            result.unwrap();
        });
        assert_eq!(ended.status.code(), Some(130), "{ended:?}");
    }
}

#[test]
fn nothing_is_left_when_the_tracer_is_killed() {
    let (program, mark) = start_many(&script("forks_and_waits.py"), 20);
    let ended = check_ended(program, &mark, |it| kill(it, Signal::SIGKILL).unwrap());
    assert_eq!(ended.status.signal(), Some(Signal::SIGKILL as i32));

    let mark = crate::support::mark();
    let [python, path] = script("forks_and_waits.py");
    let watching = watch(&[&*python, &path, "20", &mark]);
    watching.program.wait_for_stdout("all wait").unwrap();
    watching.program.signal(Signal::SIGKILL).unwrap();
    check_nothing_left(&mark);
}

#[test]
fn what_a_program_says_when_it_is_asked_to_end_is_not_lost() {
    let [python, path] = script("last_words.py");
    let mut command = socktrace(&["trace", "--", &python, &path]);
    command.args(["::", &python, &path, "{host}", "{port}"]);
    let ended = finish(&mut Program::start(command).unwrap());
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let place = |text: &str| {
        ended
            .stdout
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {ended:?}"))
    };
    // Printed without any flush, and yet before the call that comes after it.
    assert!(place("before connect") < place(" connect("));
    assert!(place(" connect(") < place("after connect"));
    assert!(place("SIGTERM") < place("last words"));
}

#[test]
fn a_program_that_hangs_is_ended_in_time() {
    let mark = mark();
    let server = script("forks_and_waits.py");
    let mut command = socktrace(&["trace", "--timeout", "3", "--"]);
    command.args(&server).args(["0", &mark, "::"]);
    command.args(script("waits.py")).args(["deaf", &mark]);
    let ended = finish(&mut Program::start(command).unwrap());
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(
        ended.stderr.contains("has not ended within 3 s"),
        "{ended:?}"
    );
    check_nothing_left(&mark);
}

#[test]
fn ctrl_z_and_fg_work_as_in_any_shell() {
    let [python, path] = script("job_control.py");
    let ended = unwatched(&[&python, &path, crate::support::SOCKTRACE]);
    assert_eq!(
        ended.stdout, "stopped\ncontinued\nended with 7\n",
        "{ended:?}"
    );
}
