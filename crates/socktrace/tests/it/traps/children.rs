//! Children and threads, however they are made, and a process that becomes another
//! program.

use std::io::Write;
use std::thread;

use socktrace::record::Record;

use crate::support::{Run, check_unharmed, compiled, watch};

/// Makes `n` children in each of these ways; each has to be seen making its pair of sockets.
fn check_children(ways: &[&str], n: usize) {
    let Some(program) = compiled("children") else {
        return;
    };
    for way in ways {
        let run = check_unharmed(&[&program, *way, &n.to_string()]);
        let sum = format!("{n} children, sum of their statuses {}\n", 7 * n);
        assert_eq!(run.ended.stdout, sum, "{way}");
        assert_eq!(run.results("socketpair"), vec!["0"; n], "{way}");
        assert_eq!(run.n_threads(), n + 1, "{way}");
        check_each_has_a_parent(&run);
    }
}

fn check_each_has_a_parent(run: &Run) {
    let mut threads = run.records.iter().filter_map(|record| match record {
        Record::Thread(thread) => Some(thread),
        _ => None,
    });
    let first = threads.next().unwrap();
    assert!(threads.all(|it| it.parent == Some(first.thread)));
}

#[test]
fn children_are_watched_however_they_are_made() {
    check_children(&["vfork", "spawn", "clone", "clone3", "thread"], 3);
}

#[test]
fn fifty_children_at_once_are_watched_from_their_first_call_on() {
    check_children(&["fork"], 50);
}

#[test]
fn four_programs_that_fork_at_once_don_t_mix_up_their_children() {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| check_children(&["fork", "thread"], 20));
        }
    });
}

/// A child that stops before its parent's event has to stay stopped, also while others
/// end: so many end and are made at once.
#[test]
fn children_of_children_are_watched_while_others_end() {
    let Some(program) = compiled("children") else {
        return;
    };
    let shell = format!("for i in 1 2 3 4 5 6 7 8; do {program} fork 20 & done; wait; exit 5");
    let run = watch(&["sh", "-c", &shell]).finish();
    assert_eq!(run.ended.status.code(), Some(5));
    assert_eq!(run.results("socketpair"), vec!["0"; 160]);
    assert_eq!(run.n_threads(), 169);
}

#[test]
fn a_child_that_nobody_may_watch_is_told_of() {
    let Some(program) = compiled("children") else {
        return;
    };
    let run = check_unharmed(&[&program, "untraced", "2"]);
    let notes = run.notes();
    assert!(matches!(notes[..], [note] if note.contains("CLONE_UNTRACED")));
    assert_eq!(run.n_threads(), 1);
}

#[test]
fn exec_in_another_thread_keeps_the_process_watched() {
    let Some(program) = compiled("exec_thread") else {
        return;
    };
    let mut watching = watch(&[&program]);
    watching.wait_for_waits(2, "accept");
    writeln!(watching.stdin, "go").unwrap();
    let run = watching.finish();
    assert_eq!(run.ended.stdout, "after: 0, leader: 1\n");
    assert_eq!(run.ended.status.code(), Some(4));
    assert_eq!(run.results("accept"), ["unfinished", "unfinished"]);
    let [pair] = run.named("socketpair")[..] else {
        panic!("{:?}", run.records);
    };
    assert_eq!(pair.process, pair.thread);
    let execs = run.records.iter();
    let execs = execs.filter(|it| matches!(it, Record::Exec(it) if it.process == pair.process));
    assert_eq!(execs.count(), 1);
}
