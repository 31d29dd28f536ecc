//! Correct programs with one small defect each: every defect must be seen on the
//! rows that are about it.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checker::{Miss, Row, Side, Stage, Subject, Template, Trial, row};
use test_support::require_descriptors;

use crate::checker::tests;

/// A correct program, to whose command `--mutant NAME` can be added.
#[derive(Debug, Clone, Copy)]
struct Base {
    stage: Stage,
    side: Side,
    /// What Python runs, and how.
    command: &'static str,
    short_deadline: Option<&'static str>,
}

const ECHO: Base = Base {
    stage: Stage::Multiconn,
    side: Side::Server,
    command: "mutants/echo.py {host} {port}",
    short_deadline: None,
};
const APP: Base = Base {
    stage: Stage::AppProtocol,
    command: "mutants/app.py {host} {port}",
    short_deadline: Some("--deadline=0.5"),
    ..ECHO
};
const ECHO_CLIENT: Base = Base {
    stage: Stage::Echo,
    side: Side::Client,
    command: "mutants/echo_client.py {host} {port} {connections} {value}",
    short_deadline: None,
};
const MULTICONN_CLIENT: Base = Base {
    stage: Stage::Multiconn,
    short_deadline: Some("--timeout=0.5"),
    ..ECHO_CLIENT
};
const APP_CLIENT: Base = Base {
    stage: Stage::AppProtocol,
    command: "mutants/app_client.py {host} {port} {action} {value}",
    ..MULTICONN_CLIENT
};

impl Base {
    /// The program on trial, with that `mutant` if any.
    fn trial(&self, mutant: &[&str]) -> Trial {
        let words = ["python3"].into_iter();
        let words = words
            .chain(self.command.split(' '))
            .chain(mutant.iter().copied());
        let mut program = Template::of_words(words.map(str::to_owned).collect());
        program.folder = Some(tests());
        let mut trial = Trial::new(self.stage, self.side, Subject::Command(program));
        trial.short_deadline = self.short_deadline.map(|flag| vec![flag.to_owned()]);
        trial.stdin = (self.stage == Stage::Echo).then(|| vec!["--stdin".to_owned()]);
        trial
    }
}

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
    caught(APP_CLIENT, "panic", "A-23"),
    caught(APP_CLIENT, "uncaught", "A-23"),
    caught(APP_CLIENT, "traceback-for-an-error", "A-24"),
    caught(APP_CLIENT, "any-length", "A-23"),
    caught(APP_CLIENT, "always-0", "A-23"),
    caught(APP_CLIENT, "errors-exit-0", "A-24"),
    caught(APP_CLIENT, "only-codes-fail", "A-24"),
    caught(APP_CLIENT, "no-match-fails", "A-24"),
];

/// How many mutants are judged at a time: most of that time is waiting.
const N_AT_ONCE: usize = 8;

/// How long a step of a mutant may take: a hanging one takes no longer.
const PATIENCE: Duration = Duration::from_secs(2);

#[test]
fn each_defect_is_seen_on_its_row() {
    if !require_descriptors(N_AT_ONCE as u64 * 1_000) {
        return;
    }
    let checks = MUTANTS.iter().flat_map(|mutant| {
        let (rows, ..) = mutant.expectation();
        rows.split(',').map(move |row| (mutant, row))
    });
    // Rows with a limit of time go one by one: whoever waits for them does nothing else.
    let (timed, others): (Vec<_>, Vec<_>) = checks.partition(|(mutant, row)| mutant.is_timed(row));
    let surprises = Mutex::new(Vec::new());
    let check_all = |checks: Vec<(&Mutant, &str)>, n_at_once: usize| {
        let left = Mutex::new(checks.into_iter());
        let check_next = || {
            let (mutant, row) = left.lock().unwrap().next()?;
            let surprise = mutant.surprise(row);
            surprises.lock().unwrap().extend(surprise);
            Some(())
        };
        thread::scope(|scope| {
            for _ in 0..n_at_once {
                scope.spawn(|| while check_next().is_some() {});
            }
        });
    };
    thread::scope(|scope| {
        scope.spawn(|| check_all(timed, 1));
        check_all(others, N_AT_ONCE);
    });
    let surprises = surprises.into_inner().unwrap();
    let is_caught = |mutant: &&Mutant| matches!(mutant.expected, Expected::Caught(_));
    let n_caught = MUTANTS.iter().filter(is_caught).count();
    println!("expected: {n_caught} of {} caught", MUTANTS.len());
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

impl Mutant {
    /// The rows, whether they are to fail, and why.
    fn expectation(&self) -> (&'static str, bool, &'static str) {
        match self.expected {
            Expected::Caught(rows) => (rows, true, "to be caught"),
            Expected::Escapes(rows, reason) => (rows, false, reason),
        }
    }

    fn row(&self, id: &str) -> &'static Row {
        row(self.base.stage, self.base.side, id).unwrap()
    }

    fn is_timed(&self, id: &str) -> bool {
        self.row(id).is_timed
    }

    /// What isn't as the table says.
    fn surprise(&self, id: &str) -> Option<String> {
        let mut trial = self.base.trial(&["--mutant", self.name]);
        trial.patience = PATIENCE;
        let result = trial.check(self.row(id), None);
        let (_, is_to_fail, why) = self.expectation();
        let is_so = match &result {
            Ok(()) => !is_to_fail,
            Err(Miss::Fails(_)) => is_to_fail,
            Err(Miss::NotJudged(_)) => false,
        };
        let program = self.base.command;
        (!is_so).then(|| format!("{program} {} on {id}: {why}, but: {result:?}", self.name))
    }
}

#[track_caller]
fn check_holds(base: Base) {
    let mut results = base.trial(&[]).check_all();
    results.retain(|(_, result)| result.is_err());
    assert!(results.is_empty(), "{}: {results:#?}", base.command);
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
