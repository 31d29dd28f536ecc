//! What is the machine's doing, a wrapper's or somebody else's program's is never
//! blamed on the program that is judged.

use std::fs;
use std::net::TcpListener;
use std::process::{self, Command};
use std::time::{Duration, Instant};

use test_support::{Program, require_tool};

use crate::checker::{Run, checker, complaints, finish_within, tests};

/// Longer than these few rows take on a busy machine.
const BOUND: Duration = Duration::from_secs(120);

/// A checker of these rows, with a shell script as the program: `$1` and `$2` are its
/// host and port.
fn script(judged: &str, script: &str) -> Command {
    let mut command = checker(&format!("{judged} --format json --"));
    command.args(["sh", "-c", script, "script", "{host}", "{port}"]);
    command
}

/// The same, in a network of its own that `prepare` sets up; none where users may not
/// make one.
fn in_a_network(prepare: &str, judged: &str) -> Option<Command> {
    let unshare = ["--map-root-user", "--net", "--mount"];
    let is_allowed = Command::new("unshare").args(unshare).arg("true").status();
    if !require_tool("unshare") || !is_allowed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no network of its own");
        return None;
    }
    let mut command = Command::new("unshare");
    command
        .args(unshare)
        .args(["sh", "-c", &format!("{prepare} && exec \"$@\""), "sh"])
        .arg(env!("CARGO_BIN_EXE_checker"))
        .args(judged.split_whitespace())
        .current_dir(tests());
    Some(command)
}

#[track_caller]
fn check_refused(command: Command, words: &[&str]) -> Duration {
    let begin = Instant::now();
    let run = finish_within(BOUND, command);
    assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    begin.elapsed()
}

#[test]
fn what_others_write_to_standard_error_is_no_words_of_the_programs() {
    // As a virtual machine and a build tool do, each time with other numbers.
    let chatty = "echo \"Picked up OPTIONS: -Xmx64m ($$)\" >&2; \
                  echo \"  Running \\`$*\\`\" >&2; exec python3 \"$@\"";
    for (judged, program, rows) in [
        (
            "multiconn",
            "mutants/echo.py {host} {port}",
            ["E-07", "E-09"].as_slice(),
        ),
        (
            "echo --client",
            "mutants/echo_client.py {host} {port} 1 hello",
            &["E-13", "E-14"],
        ),
    ] {
        let mut command = checker(&format!("{judged} --format json"));
        command.args([
            "--only",
            &rows.join(","),
            "--",
            "sh",
            "-c",
            chatty,
            "chatty",
        ]);
        command.args(program.split(' '));
        check(&finish_within(BOUND, command), rows, "holds", "");
    }
}

/// These rows have this verdict, and what is told of them has these words.
#[track_caller]
fn check(run: &Run, rows: &[&str], verdict: &str, words: &str) {
    let verdicts = run.verdicts();
    for row in rows {
        let (came, told) = &verdicts[*row];
        let is_so = came == verdict && told.contains(words);
        assert!(is_so, "{row}:{}{}", complaints(&verdicts), run.stderr);
    }
}

#[test]
fn a_server_that_is_there_already_is_not_judged_in_place_of_the_program() {
    let mut old = Command::new("python3");
    old.args(["-u", "-c"]).arg(
        "import socket, time\n\
         listener = socket.create_server(('127.0.0.1', 0))\n\
         print(listener.getsockname()[1])\n\
         time.sleep(600)",
    );
    let old = Program::start(old).unwrap();
    let port = old.first_line().unwrap();
    let command = checker(&format!(
        "echo --port {port} -- python3 robust/bad.py good 127.0.0.1 {port}"
    ));
    check_refused(command, &[&port, "is taken", "python3"]);
    let command = checker(&format!(
        "echo --client --port {port} -- python3 mutants/echo_client.py 127.0.0.1 {port} 1"
    ));
    check_refused(command, &[&port, "is taken", "python3"]);
}

#[test]
fn a_client_whose_port_is_written_in_it_is_told_no_other() {
    // Freed at once; below the ports that the system gives away itself.
    let port = (20_000..30_000)
        .find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        .unwrap();
    let command = checker(&format!(
        "echo --client --port {port} --format json --only E-11,E-12,E-13,E-14 -- \
         python3 mutants/echo_client.py 127.0.0.1 {port} 1"
    ));
    let run = finish_within(BOUND, command);
    check(&run, &["E-11", "E-12", "E-13", "E-14"], "holds", "");
}

#[test]
fn a_program_that_dies_at_once_is_not_tried_again_and_again() {
    for judged in ["echo", "echo --port 4099"] {
        let command = script(judged, "echo boom >&2; exit 3");
        let took = check_refused(command, &["exit status: 3", "\"boom\""]);
        // A program without a port would be waited for as long as TIME_WAIT lasts.
        assert!(took < Duration::from_secs(30), "{judged}: {took:?}");
    }
}

#[test]
fn the_end_of_a_child_is_seen_where_its_signal_was_ignored() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' CHLD; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_checker"))
        .args(["echo", "--", "sh", "-c", "exit 3", "{port}"]);
    let took = check_refused(command, &["exit status: 3"]);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[test]
fn a_server_that_listens_elsewhere_is_told_where() {
    // The system chooses its port, whatever it is told.
    let elsewhere = "exec python3 robust/bad.py good \"$1\" 0";
    let words = [
        "it listens on 127.0.0.1:",
        "and not on 127.0.0.1:",
        "--port",
    ];
    let took = check_refused(script("echo", elsewhere), &words);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[test]
fn standard_input_stays_open_as_long_as_a_server_is_held() {
    let run = finish_within(
        BOUND,
        script(
            "echo --only E-01,E-04",
            "exec python3 robust/bad.py enter-ends-it \"$@\"",
        ),
    );
    check(&run, &["E-01", "E-04"], "holds", "");
}

#[test]
fn programs_speak_one_language() {
    let mut command = script(
        "echo",
        "exec python3 robust/bad.py tells-its-language \"$@\"",
    );
    command.env("LC_ALL", "de_DE.UTF-8").env("LANGUAGE", "de");
    check_refused(command, &["C.UTF-8 None"]);
}

#[test]
fn signals_reach_a_server_behind_a_wrapper() {
    let server = "python3 mutants/echo.py \"$@\"";
    let judged = "multiconn --only E-01,E-08,M-01,M-06,M-13";
    // Without `true`, the shell would become the server.
    let run = finish_within(BOUND, script(judged, &format!("{server}; exit $?")));
    check(&run, &["E-08", "M-13"], "holds", "");
    let deaf = format!("{server} --mutant stop-exits-1; exit $?");
    let run = finish_within(BOUND, script("multiconn --only M-13", &deaf));
    check(&run, &["M-13"], "fails", "signals went to `python3`");
    check(&run, &["M-13"], "fails", "`sh`");
}

#[test]
fn too_few_descriptors_are_the_checkers_own_affair() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 100; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_checker"))
        .args(["multiconn", "--format", "json", "--only", "E-08,M-01,M-03"])
        .args(["--", "python3", "mutants/echo.py", "{host}", "{port}"])
        .current_dir(tests());
    let run = finish_within(BOUND, command);
    check(&run, &["E-08", "M-01"], "holds", "");
    check(&run, &["M-03"], "not-judged", "ulimit -n");
}

#[test]
fn an_inherited_limit_is_blamed_only_where_a_program_stands_at_it() {
    let under_limit = |command: &str| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "ulimit -n 1500; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_checker"))
            .args("multiconn --format json --only M-03 --timeout 2 -- python3".split(' '))
            .args(command.split(' '))
            .current_dir(tests());
        finish_within(BOUND, shell)
    };
    let good = under_limit("robust/bad.py takes-two {host} {port}");
    check(&good, &["M-03"], "not-judged", "1500 files open");
    let bad = under_limit("mutants/echo.py {host} {port} --mutant at-most-512");
    check(&bad, &["M-03"], "fails", "");
}

#[test]
fn too_few_ports_are_the_machines() {
    let prepare = "ip link set lo up && \
                   echo 40000 40100 > /proc/sys/net/ipv4/ip_local_port_range";
    let judged = "multiconn --format json --only M-01,M-03 -- \
                  python3 mutants/echo.py {host} {port}";
    let Some(command) = in_a_network(prepare, judged) else {
        return;
    };
    let run = finish_within(BOUND, command);
    check(&run, &["M-01"], "holds", "");
    check(&run, &["M-03"], "not-judged", "ip_local_port_range");
}

#[test]
fn without_loopback_nothing_is_judged() {
    let judged = "echo -- python3 mutants/echo.py {host} {port}";
    let Some(command) = in_a_network("true", judged) else {
        return;
    };
    check_refused(command, &["can't connect to itself", "loopback"]);
}

#[test]
fn what_programs_leave_in_the_table_of_processes_is_taken_out() {
    let mark = format!("forks-{}", process::id());
    let command = checker(&format!(
        "multiconn --format json --only M-01,M-03,M-09 -- \
         python3 robust/bad.py forks-and-forgets {{host}} {{port}} {mark}"
    ));
    let mut checker = Program::start(command).unwrap();
    let mut most = 0;
    while checker.is_running().unwrap() {
        most = most.max(n_zombies());
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let (status, stdout, stderr) = checker.finish(BOUND).unwrap();
    let stdout = String::from_utf8_lossy(&stdout);
    // On a machine that does much else, the storms come to no end, and that row isn't
    // judged; nor do a thousand forked programs always fit into the judge's memory.
    let is_told = ["ended and never waited for", "too slow a server"];
    assert!(
        is_told.iter().any(|told| stdout.contains(told)),
        "{stdout}{stderr}"
    );
    let has_failed = stdout.contains(r#""verdict": "fails""#);
    let expected = Some(i32::from(has_failed));
    assert_eq!(status.code(), expected, "{stdout}{stderr}");
    // One storm's worth at the most, since the watchman has looked.
    assert!(most < 6_000, "{most} zombies at a time");
    assert!(n_zombies() < 100);
}

/// How many processes of this machine have ended and weren't waited for.
fn n_zombies() -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let states = processes.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    states.filter(|stat| stat.contains(") Z ")).count()
}
