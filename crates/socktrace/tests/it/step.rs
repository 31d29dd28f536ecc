//! Stepping through a recorded run on a real terminal.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use socktrace::play::{Held, Play, Settled};
use socktrace::record::{Header, Record, VERSION};
use socktrace::step::{StepOptions, run};
use test_support::{DEADLINE, require_tool};

use crate::tmux::Tmux;

const SIZE: (u16, u16) = (80, 24);
const UTF8: (&str, &str) = ("LC_ALL", "C.UTF-8");
const SOCKTRACE: &str = env!("CARGO_BIN_EXE_socktrace");
const TRACE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/step-echo.jsonl"
);
/// Tells how the program ended, and whether the terminal is what it was.
const AFTERWARDS: &str = "echo status=$?; stty -g >$D/after; cmp $D/before $D/after && echo unchanged; \
                          exec cat";

/// The script that runs `program` and tells what it left behind.
fn watched(program: &str) -> String {
    format!("stty -g >$D/before; {program}; {AFTERWARDS}")
}

fn step(flags: &str) -> String {
    watched(&format!("{SOCKTRACE} step --replay {TRACE} {flags}"))
}

/// The terminal is what it was before, and shows what was printed since.
#[track_caller]
fn check_restored(tmux: &Tmux, status: &str) -> String {
    let screen = tmux.wait_for("unchanged");
    assert!(screen.contains(&format!("status={status}\n")), "{screen}");
    assert_eq!(tmux.property("alternate_on"), "0");
    assert_eq!(tmux.property("cursor_flag"), "1");
    screen
}

#[test]
fn enter_by_enter_to_the_end() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = Tmux::start(&step(""), SIZE, &[UTF8]);
    tmux.wait_for("next: server, socket");
    tmux.keys(&["Enter"]);
    tmux.wait_for("1 socket(");
    tmux.keys(&["Enter", "Space", "Enter", "Enter", "Enter"]);
    let screen = tmux.wait_for("next: client, socket");
    assert!(
        screen.contains("6 accept4(3, SOCK_CLOEXEC) waits"),
        "{screen}"
    );
    tmux.keys(&["s"]);
    tmux.wait_for("the server waits in accept4; a call of the client can end that");
    tmux.keys(&["u"]);
    let screen = tmux.wait_for("◄── 8 connect");
    assert!(screen.contains("ESTABLISHED"), "{screen}");
    tmux.keys(&["r"]);
    tmux.wait_for("There is nothing more. q leaves.");
    tmux.keys(&["q"]);
    check_restored(&tmux, "0");
}

#[test]
fn bytes_and_words_are_shown_and_hidden() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = Tmux::start(&step(""), SIZE, &[UTF8]);
    tmux.wait_for("next: server, socket");
    tmux.keys(&["u"]);
    tmux.wait_for("no call waits now");
    tmux.keys(&["r"]);
    tmux.wait_for("There is nothing more. q leaves.");
    tmux.keys(&["b"]);
    tmux.wait_for("It moves no bytes.");
    tmux.keys(&["?"]);
    tmux.wait_for("more words");
    tmux.keys(&["Escape"]);
    tmux.wait_for("17 close(3) = 0");
    tmux.keys(&["Escape"]);
    tmux.wait_for("q leaves");
    tmux.keys(&["q"]);
    check_restored(&tmux, "0");
}

#[test]
fn predictions_are_judged_and_counted() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = Tmux::start(&step("--ask"), SIZE, &[UTF8]);
    tmux.wait_for("next: server, socket");
    tmux.keys(&["Enter", "Enter", "Enter", "Enter", "Enter"]);
    tmux.wait_for("predict: what will the server's accept4 do?");
    tmux.keys(&["Enter"]);
    tmux.wait_for("first predict what it will do: 1 to 4");
    tmux.keys(&["1"]);
    tmux.wait_for("Right: accept4 waits.");
    tmux.keys(&["Enter"]);
    tmux.wait_for("predict: what will the client's connect do?");
    tmux.keys(&["4"]);
    tmux.wait_for("You said another error. It returns 0 at once, connected.");
    tmux.keys(&["C-c"]);
    let screen = check_restored(&tmux, "0");
    assert!(
        screen.contains("1 of 2 predictions were right."),
        "{screen}"
    );
    assert!(
        screen.contains("To read about connect: docs/src/echo.md"),
        "{screen}"
    );
}

#[test]
fn a_window_too_small_says_so_and_works_again_when_it_is_larger() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = Tmux::start(&step(""), SIZE, &[UTF8]);
    tmux.wait_for("next: server, socket");
    tmux.resize(50, 24);
    let screen = tmux.wait_for("50 × 24 is too small: 60 × 16 needed");
    assert_eq!(screen.trim().lines().count(), 1, "{screen}");
    tmux.resize(100, 30);
    tmux.wait_for("next: server, socket");
    tmux.keys(&["Enter"]);
    tmux.wait_for("1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC");
    tmux.keys(&["q"]);
    check_restored(&tmux, "0");
}

#[test]
fn without_utf_8_the_screen_is_ascii() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = Tmux::start(&step(""), SIZE, &[("LC_ALL", "C")]);
    tmux.wait_for("next: server, socket");
    tmux.keys(&[
        "Enter", "Enter", "Enter", "Enter", "Enter", "Enter", "Enter", "Enter",
    ]);
    let screen = tmux.wait_for(" <-- 8 connect");
    assert!(screen.is_ascii(), "{screen:?}");
    tmux.keys(&["q"]);
    check_restored(&tmux, "0");
}

#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = Tmux::start(&step(""), SIZE, &[UTF8]);
    tmux.wait_for("next: server, socket");
    kill(Pid::from_raw(tmux.child()), Signal::SIGTERM).unwrap();
    check_restored(&tmux, "0");
}

#[test]
fn a_terminal_that_is_gone_ends_it() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = Tmux::start(&step(""), SIZE, &[UTF8]);
    tmux.wait_for("next: server, socket");
    let process = Pid::from_raw(tmux.child());
    tmux.close();
    let deadline = Instant::now() + DEADLINE;
    while kill(process, None).is_ok() {
        assert!(Instant::now() < deadline, "it still runs");
        // It is no child of ours, so nobody tells us of its end.
        thread::park_timeout(Duration::from_millis(2));
    }
}

#[test]
fn without_a_terminal_it_says_so() {
    let program = Command::new(SOCKTRACE)
        .args(["step", "--replay", TRACE])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(1));
    let said = String::from_utf8(program.stderr).unwrap();
    assert!(
        said.starts_with("error: stepping needs a terminal"),
        "{said}"
    );
    assert!(program.stdout.is_empty());
}

#[test]
fn a_panic_is_told_on_a_terminal_that_is_itself_again() {
    if !require_tool("tmux") {
        return;
    }
    // This very test program, which is told to run the one test that panics.
    let own = env::current_exe().unwrap();
    let child = format!(
        "{} --exact step::panics_while_it_steps --ignored",
        own.display()
    );
    let tmux = Tmux::start(
        &watched(&format!("{child} --nocapture")),
        SIZE,
        &[UTF8, ("RUST_BACKTRACE", "0")],
    );
    tmux.wait_for("Nothing has happened yet");
    tmux.keys(&["Enter"]);
    let screen = check_restored(&tmux, "101");
    assert!(screen.contains("this run panics"), "{screen}");
}

/// Not a test: what the one above runs in a terminal.
#[test]
#[ignore = "it panics, for another test to see what becomes of the terminal"]
fn panics_while_it_steps() {
    let header = Header {
        version: VERSION,
        architecture: String::new(),
        programs: vec![],
        bytes_kept: 0,
    };
    let _ = run(&mut Panics(false), &header, &StepOptions::default());
}

/// A run that is still once, and then panics.
struct Panics(bool);

impl Play for Panics {
    fn held(&self) -> Vec<Held> {
        vec![]
    }

    fn release(&mut self, _: u32) {}

    fn settle(&mut self, _: &mut dyn FnMut(Record)) -> anyhow::Result<Settled> {
        assert!(!self.0, "this run panics");
        self.0 = true;
        Ok(Settled::Still)
    }
}
