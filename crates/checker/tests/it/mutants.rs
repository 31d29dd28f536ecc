//! Correct programs with one small defect each: every defect must be seen on the
//! rows that are about it.

use std::sync::Mutex;
use std::thread;

use crate::checker::{checker, complaints, finish};

/// How a correct program is judged, and started.
#[derive(Debug, Clone, Copy)]
struct Base {
    /// The checker's arguments.
    judged: &'static str,
    /// The command, to which `--mutant NAME` can be added.
    command: &'static str,
}

const ECHO: Base = Base {
    judged: "multiconn",
    command: "python3 mutants/echo.py {host} {port}",
};
const APP: Base = Base {
    judged: "app-protocol --short-deadline=--deadline=0.5",
    command: "python3 mutants/app.py {host} {port}",
};
const ECHO_CLIENT: Base = Base {
    judged: "echo --client --stdin=--stdin",
    command: "python3 mutants/echo_client.py {host} {port} {connections} {value}",
};
const MULTICONN_CLIENT: Base = Base {
    judged: "multiconn --client --short-deadline=--timeout=0.5",
    ..ECHO_CLIENT
};
const APP_CLIENT: Base = Base {
    judged: "app-protocol --client --short-deadline=--timeout=0.5",
    command: "python3 mutants/app_client.py {host} {port} {action} {value}",
};

/// A defect, and what is expected of the checker.
#[derive(Debug)]
struct Mutant {
    base: Base,
    name: &'static str,
    expected: Expected,
}

#[derive(Debug, Clone, Copy)]
enum Expected {
    /// Each of these rows must fail.
    Caught(&'static str),
    /// These rows come nearest, and hold, for this reason.
    Escapes(&'static str, &'static str),
}

const fn caught(base: Base, name: &'static str, rows: &'static str) -> Mutant {
    Mutant {
        base,
        name,
        expected: Expected::Caught(rows),
    }
}

const fn escapes(
    base: Base,
    name: &'static str,
    rows: &'static str,
    reason: &'static str,
) -> Mutant {
    Mutant {
        base,
        name,
        expected: Expected::Escapes(rows, reason),
    }
}

#[rustfmt::skip]
const MUTANTS: &[Mutant] = &[
    caught(ECHO, "strips-newlines", "E-04"),
    caught(ECHO, "strips-spaces", "E-04"),
    caught(ECHO, "drops-zeros", "E-01"),
    caught(ECHO, "seven-bits", "E-01"),
    caught(ECHO, "crlf-to-lf", "E-01"),
    caught(ECHO, "waits-for-more", "E-04"),
    caught(ECHO, "closes-after-1-mib", "E-03"),
    caught(ECHO, "loses-last-of-4096", "E-05"),
    caught(ECHO, "first-65535-of-a-read", "E-03"),
    escapes(ECHO, "first-16-mib", "E-03",
        "no row sends as much on one connection and looks at all of it"),
    caught(ECHO, "output-without-bound", "M-04"),
    caught(ECHO, "output-without-bound", "M-06"),
    caught(ECHO, "drops-4-mib-at-the-end", "E-05,M-06"),
    caught(ECHO, "ignores-what-send-took", "E-03"),
    caught(ECHO, "ends-at-a-reset-while-writing", "E-07"),
    caught(ECHO, "all-interfaces", "E-08"),
    caught(ECHO, "second-port", "E-08"),
    caught(ECHO, "no-reuseaddr", "E-08"),
    caught(ECHO, "no-cause", "E-09"),
    caught(ECHO, "mixes-up-a-crowd", "M-01"),
    caught(ECHO, "at-most-512", "M-03"),
    caught(ECHO, "small-backlog", "M-03"),
    caught(ECHO, "idle-for-a-second", "M-05"),
    caught(ECHO, "leaks-2-kib", "M-09"),
    escapes(ECHO, "leaks-64-bytes", "M-09",
        "5,000 connections leave less than the 1 MiB that the row allows"),
    caught(ECHO, "deaf-to-sigterm", "M-13"),
    caught(ECHO, "sigint-unhandled", "M-13"),
    caught(ECHO, "stop-exits-1", "M-13"),
    caught(ECHO, "stop-resets", "M-13"),
    caught(ECHO, "stop-forgets-the-idle", "M-13"),
    caught(ECHO, "accepts-after-stop", "M-13"),
    caught(ECHO, "second-signal-ignored", "M-13"),
    caught(APP, "any-case-is-found", "A-01"),
    caught(APP, "pads-to-ten", "A-02"),
    caught(APP, "keeps-everybody", "A-03"),
    caught(APP, "headers-to-4-kib", "A-05"),
    caught(APP, "utf-16-is-big-endian", "A-07"),
    caught(APP, "latin-1-is-windows-1252", "A-07"),
    caught(APP, "unknown-is-utf-8", "A-08"),
    caught(APP, "no-code", "A-08"),
    caught(APP, "one-code-for-all", "A-08"),
    caught(APP, "error-without-its-word", "A-08,A-14"),
    caught(APP, "error-length-off-by-one", "A-08"),
    caught(APP, "stays-after-bad-header", "A-08"),
    caught(APP, "ends-at-bad-content", "A-10"),
    caught(APP, "fields-twice", "A-08"),
    caught(APP, "true-is-a-length", "A-08"),
    caught(APP, "pairs-swapped", "A-10"),
    caught(APP, "keeps-silently", "A-10"),
    caught(APP, "output-without-bound", "A-10"),
    caught(APP, "discards-nothing", "A-11"),
    caught(APP, "each-byte-is-progress", "A-12"),
    caught(APP, "each-byte-of-content-is-progress", "A-12"),
    caught(APP, "deadline-for-the-header-only", "A-12"),
    caught(APP, "waits-for-the-length", "A-12"),
    caught(APP, "sum-in-own-order", "A-13"),
    caught(APP, "sum-of-32-bits", "A-13"),
    caught(APP, "sum-answered-big-endian", "A-13"),
    caught(APP, "no-answer-to-nothing", "A-14"),
    caught(APP, "no-bound", "A-15"),
    caught(APP, "reserves-nothing", "A-15"),
    caught(APP, "refuses-whom-it-cannot-take", "A-15"),
    caught(APP, "small-waits-too", "A-15"),
    caught(APP, "refuses-when-full", "A-15"),
    caught(APP, "never-lets-in", "A-15"),
    caught(ECHO_CLIENT, "first-read-only", "E-12"),
    caught(ECHO_CLIENT, "always-0", "E-13,E-14"),
    caught(ECHO_CLIENT, "silent", "E-13,E-14"),
    caught(ECHO_CLIENT, "compares-nothing", "E-13"),
    caught(ECHO_CLIENT, "early-end-is-fine", "E-13"),
    caught(ECHO_CLIENT, "hangs-at-reset", "E-13"),
    caught(ECHO_CLIENT, "no-address", "E-14"),
    caught(ECHO_CLIENT, "traceback", "E-14"),
    caught(ECHO_CLIENT, "late-end", "E-14"),
    caught(ECHO_CLIENT, "text-on-stdout", "E-15"),
    caught(MULTICONN_CLIENT, "one-failure-unheeded", "M-23"),
    caught(MULTICONN_CLIENT, "no-deadline", "M-24"),
    caught(APP_CLIENT, "compact-json", "A-21"),
    caught(APP_CLIENT, "escaped-json", "A-21"),
    caught(APP_CLIENT, "says-big", "A-21"),
    caught(APP_CLIENT, "shows-nothing", "A-21"),
    caught(APP_CLIENT, "header-in-one-read", "A-22"),
    caught(APP_CLIENT, "content-to-4-kib", "A-22"),
    caught(APP_CLIENT, "unknown-is-utf-8", "A-23"),
    caught(APP_CLIENT, "byteorder-may-be-missing", "A-23"),
    caught(APP_CLIENT, "any-byteorder", "A-23"),
    caught(APP_CLIENT, "traceback", "A-23"),
    caught(APP_CLIENT, "traceback-for-an-error", "A-24"),
    caught(APP_CLIENT, "any-length", "A-23"),
    caught(APP_CLIENT, "always-0", "A-23"),
    caught(APP_CLIENT, "errors-exit-0", "A-24"),
    caught(APP_CLIENT, "only-codes-fail", "A-24"),
    caught(APP_CLIENT, "no-match-fails", "A-24"),
];

/// How many mutants are judged at a time: most of that time is waiting.
const N_AT_ONCE: usize = 3;

#[test]
fn each_defect_is_seen_on_its_row() {
    let left = Mutex::new(MUTANTS.iter());
    let surprises = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..N_AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(mutant) = left.lock().unwrap().next() else {
                        return;
                    };
                    surprises.lock().unwrap().extend(surprise(mutant));
                }
            });
        }
    });
    let is_caught = |mutant: &&Mutant| matches!(mutant.expected, Expected::Caught(_));
    let n_caught = MUTANTS.iter().filter(is_caught).count();
    let surprises = surprises.into_inner().unwrap();
    println!("expected: {n_caught} of {} caught", MUTANTS.len());
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// What isn't as the table says.
fn surprise(mutant: &Mutant) -> Option<String> {
    let (rows, is_to_fail, why) = match mutant.expected {
        Expected::Caught(rows) => (rows, true, "to be caught"),
        Expected::Escapes(rows, reason) => (rows, false, reason),
    };
    let Base { judged, command } = mutant.base;
    let name = mutant.name;
    let run = finish(checker(&format!(
        "{judged} --format json --timeout 2 --only {rows} -- {command} --mutant {name}"
    )));
    let verdicts = run.verdicts();
    let is_so = verdicts.len() == rows.split(',').count()
        && verdicts.values().all(|(verdict, _)| {
            // A row that failed once was seen to fail.
            let has_failed = verdict == "fails" || verdict == "unsteady";
            has_failed == is_to_fail && verdict != "not-judged"
        });
    let script = command.split_whitespace().nth(1).unwrap_or_default();
    let told = complaints(&verdicts);
    (!is_so).then(|| format!("{script} {name} on {rows}: {why}, but:{told}"))
}

#[track_caller]
fn check_holds(base: Base) {
    let Base { judged, command } = base;
    let run = finish(checker(&format!("{judged} --format json -- {command}")));
    let verdicts = run.verdicts();
    assert_eq!(run.code, Some(0), "{command}:{}", complaints(&verdicts));
    let all_hold = verdicts.values().all(|(verdict, _)| verdict == "holds");
    assert!(all_hold, "{command}:{}", complaints(&verdicts));
}

#[test]
fn without_a_defect_the_echo_server_holds_on_all_rows() {
    check_holds(ECHO);
}

#[test]
fn without_a_defect_the_server_of_messages_holds_on_all_rows() {
    check_holds(APP);
}

#[test]
fn without_a_defect_the_clients_hold_on_all_rows() {
    for base in [ECHO_CLIENT, MULTICONN_CLIENT, APP_CLIENT] {
        check_holds(base);
    }
}
