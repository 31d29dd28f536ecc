//! `run`, when all goes well.

use test_support::Program;

use crate::{finish, finish_started, xtask};

/// Runs with `--host host`, and checks that it succeeds, says each of `expected`
/// in this order.
#[track_caller]
fn check(host: &str, arguments: &[&str], expected: &[&str]) {
    let mut all = vec!["run", arguments[0], "--host", host];
    all.extend(&arguments[1..]);
    let (code, stdout, stderr) = finish(&all);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let mut rest = stdout.as_str();
    for text in expected {
        let (_, behind) = rest
            .split_once(text)
            .unwrap_or_else(|| panic!("no {text:?} there: {stdout}"));
        rest = behind;
    }
    assert!(
        stdout
            .lines()
            .last()
            .unwrap()
            .starts_with("next: cargo xtask ")
    );
}

#[test]
fn echo_shows_both_commands_and_both_programs() {
    check(
        "127.7.0.1",
        &["echo"],
        &[
            "echo-server 127.7.0.1 0 -v\n",
            "server | listening on 127.7.0.1:",
            "echo-client 127.7.0.1 ",
            "server | accepted connection from 127.0.0.1:",
            "server | echoing \"Hello, world\"\n",
        ],
    );
    check(
        "127.7.0.1",
        &["echo"],
        &["client | received \"Hello, world\"\n"],
    );
}

#[test]
fn arguments_for_the_client_come_after_its_address() {
    check(
        "127.7.0.2",
        &["echo", "--", "--message", "it's me"],
        &[r"--message 'it'\''s me'", "received \"it's me\""],
    );
}

#[test]
fn multiconn_serves_everybody_while_one_client_is_quiet() {
    check(
        "127.7.0.3",
        &["multiconn", "--", "5"],
        &[
            "multiconn-server 127.7.0.3 0 -v\n",
            "echo-client 127.7.0.3 ",
            "quiet has connected",
            "multiconn-client 127.7.0.3 ",
            "client | 5 connections, 10 messages, ",
            "xtask | the client ",
            "quiet | I am done thinking.\n",
        ],
    );
}

#[test]
fn the_blocking_server_lets_the_same_client_wait() {
    // Once quiet has spoken, it may get its answer before or after the client has all of
    // its own: they are two programs.
    for last in [
        "quiet | I am done thinking.\n",
        "client | 3 connections, 6 messages, ",
    ] {
        check(
            "127.7.0.4",
            &["multiconn", "--as", "blocking"],
            &[
                "echo-server 127.7.0.4 0 -v --forever\n",
                "quiet has connected",
                "xtask | the client is not done after ",
                last,
            ],
        );
    }
}

#[test]
fn each_small_step_serves_the_same_client() {
    for step in ["threads", "nonblocking", "readiness"] {
        check(
            "127.7.0.5",
            &["multiconn", "--as", step],
            &[
                &format!("{step} 127.7.0.5 0 -v\n"),
                "client | 3 connections, 6 messages, ",
                "xtask | the client ",
            ],
        );
    }
}

#[test]
fn all_runs_each_stage() {
    check(
        "127.7.0.6",
        &["all"],
        &["echo-server ", "multiconn-server ", "app-server ", "next: "],
    );
}

/// What is named after a command that succeeds.
fn next_after(arguments: &str) -> Vec<String> {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let (code, stdout, stderr) = finish(&arguments);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let next = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("next: "));
    next.map(str::to_owned).collect()
}

#[test]
fn what_is_named_next_is_not_what_was_just_run() {
    let sum = "run app-protocol -v -- sum 1,2,3";
    let next = next_after("run app-protocol");
    assert_eq!(next[0], format!("cargo xtask {sum}"));
    assert!(next.len() > 1, "{next:?}");
    assert_eq!(next_after(sum), next[1..]);
}

#[test]
fn a_server_on_all_interfaces_is_reached_on_loopback() {
    check(
        "",
        &["echo"],
        &[
            "echo-server '' 0 -v\n",
            "listening on 0.0.0.0:",
            "echo-client 127.0.0.1 ",
        ],
    );
    check("::", &["echo"], &["listening on [::]:", "echo-client ::1 "]);
}

#[test]
fn two_runs_at_once_do_not_meet() {
    // Their arguments differ, so that each can be asked what it has left behind.
    let arguments = ["127.7.0.7", "127.7.0.8"].map(|host| ["run", "multiconn", "--host", host]);
    let runs = arguments.map(|arguments| Program::start(xtask(&arguments)).unwrap());
    for (run, arguments) in runs.into_iter().zip(arguments) {
        let (code, stdout, _) = finish_started(run, &arguments);
        assert_eq!(code, Some(0));
        assert!(stdout.contains("3 connections, 6 messages, "), "{stdout}");
    }
}

#[test]
fn colour_is_for_terminals_only() {
    let (_, stdout, _) = finish(&["run", "echo", "--host", "127.7.0.8"]);
    assert!(!stdout.contains('\x1b'), "{stdout}");
}
