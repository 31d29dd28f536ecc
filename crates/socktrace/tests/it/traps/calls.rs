//! Calls that are interrupted, and that wait.

use std::net::TcpStream;

use nix::sys::signal::Signal;
use socktrace::record::Record;

use crate::support::{Ended, Run, compiled, result, script, watch};

/// Interrupts a wait in `accept`, and lets it come to its end.
fn interrupt(how: &str) -> Option<Run> {
    let program = compiled("interrupted")?;
    let watching = watch(&[&program, how]);
    let port = watching.program.first_line().unwrap();
    watching.wait_for_waits(1, "accept");
    watching.signal(Signal::SIGUSR1);
    if how == "restart" {
        watching.wait_for_waits(2, "accept");
        TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    }
    Some(watching.finish())
}

fn last_line(ended: &Ended) -> &str {
    ended.stdout.lines().last().unwrap()
}

#[test]
fn an_interrupted_call_comes_back_with_an_error_and_a_restarted_one_twice() {
    let Some(run) = interrupt("eintr") else {
        return;
    };
    assert_eq!(
        last_line(&run.ended),
        "accept Interrupted system call, handled 1"
    );
    assert_eq!(run.results("accept"), ["ERESTARTSYS"]);

    let run = interrupt("restart").unwrap();
    assert_eq!(last_line(&run.ended), "accept ok, handled 1");
    let accepts = run.named("accept");
    assert_eq!(result(accepts[0]), "ERESTARTSYS");
    assert!(accepts[1].socket.is_some() && accepts[1].socket != accepts[0].socket);
    assert_eq!(accepts.len(), 2);
    assert_eq!(run.n_signals("SIGUSR1"), 1);
}

#[test]
fn a_call_that_waits_is_told_although_nothing_else_happens() {
    let Some(program) = compiled("interrupted") else {
        return;
    };
    let watching = watch(&[&program, "eintr"]);
    watching.wait_for_waits(1, "accept");
    let waits: Vec<Record> = watching.so_far();
    let waits = waits.iter().filter(|it| matches!(it, Record::Wait(_)));
    // Neither `bind` nor `listen`, which were here before.
    assert_eq!(waits.count(), 1);
    watching.signal(Signal::SIGUSR1);
    let run = watching.finish();
    let waited = |it: &&str| run.named(it)[0].waited;
    let names = ["socket", "bind", "listen", "getsockname", "accept"];
    let waited: Vec<&str> = names.iter().copied().filter(waited).collect();
    assert_eq!(waited, ["accept"]);
}

#[test]
fn a_wait_that_was_broken_off_by_a_stop_is_followed_to_its_end() {
    let [python, path] = script("polls.py");
    let watching = watch(&[&python, &path]);
    let port = watching.program.first_line().unwrap();
    for n in 1..=2 {
        watching.wait_for_waits(n, "poll");
        watching.signal(Signal::SIGSTOP);
        watching.wait_for(n, |it| matches!(it, Record::Signal(it) if it.stopped));
        watching.signal(Signal::SIGCONT);
    }
    watching.wait_for_waits(3, "poll");
    TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    let run = watching.finish();
    assert!(
        run.ended.stdout.ends_with("\nready: 1\n"),
        "{:?}",
        run.ended
    );
    let broken = "ERESTART_RESTARTBLOCK";
    assert_eq!(run.results("poll"), [broken, broken, "1"]);
    // Ready is what it was asked about, also at the end.
    assert!(
        run.named("poll")[2]
            .gave
            .iter()
            .any(|it| it.value.to_string().contains("POLLIN"))
    );
}
