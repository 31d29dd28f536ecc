//! Stepping through programs that run, on a real terminal.

use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs};

use test_support::{DEADLINE, require_tool};

use crate::tmux::Tmux;

const SIZE: (u16, u16) = (80, 24);
const UTF8: (&str, &str) = ("LC_ALL", "C.UTF-8");

/// Steps through `what`, in the folder of the built programs.
fn step(what: &str) -> Tmux {
    let program = Path::new(env!("CARGO_BIN_EXE_socktrace"));
    let folder = program.parent().unwrap().display();
    let program = program.display();
    let script = format!("cd {folder}; {program} step {what}; echo status=$?; exec cat");
    Tmux::start(&script, SIZE, &[UTF8])
}

/// A copy of a program, whose path nobody else has.
fn copy(name: &str, folder: &Path) -> PathBuf {
    let original = Path::new(env!("CARGO_BIN_EXE_socktrace")).with_file_name(name);
    let copy = folder.join(name);
    fs::copy(original, &copy).unwrap();
    copy
}

/// True if a program runs that was started by a path in `folder`.
fn runs_from(folder: &Path) -> bool {
    let folder = folder.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut commands = processes.filter_map(|it| fs::read(it.path().join("cmdline")).ok());
    commands.any(|command| String::from_utf8_lossy(&command).starts_with(folder))
}

#[track_caller]
fn check_nothing_runs_from(folder: &Path) {
    let deadline = Instant::now() + DEADLINE;
    while runs_from(folder) {
        assert!(Instant::now() < deadline, "something was left running");
        std::thread::yield_now();
    }
}

/// Presses Enter until the screen has `text`.
#[track_caller]
fn enter_until(tmux: &Tmux, text: &str) -> String {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let screen = tmux.screen();
        if screen.contains(text) {
            return screen;
        }
        assert!(Instant::now() < deadline, "no {text:?}:\n{screen}");
        tmux.keys(&["Enter"]);
        tmux.wait_until("another screen", |now| now != screen);
    }
}

#[test]
fn a_pair_is_stepped_through_to_its_end() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = step("echo");
    tmux.wait_for("next: server, socket");
    enter_until(&tmux, "accept4(3, SOCK_CLOEXEC) waits");
    let screen = enter_until(&tmux, "next: client, sendto");
    check_transcript(&screen);
    enter_until(&tmux, "end of input");
    enter_until(&tmux, "There is nothing more");
    tmux.keys(&["q"]);
    tmux.wait_for("status=0");
}

/// The book shows this very screen, but for what differs from run to run.
fn check_transcript(screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("../../docs/src/transcripts/step-echo.txt");
    if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, screen.trim_end().to_owned() + "\n").unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap();
    // Which of the calls are listed depends on who was faster; not what is explained.
    let essence = |screen: &str| -> Vec<String> {
        let from = screen.find("─ next: client, sendto").unwrap_or(0);
        let lines = screen[from..].lines().filter(|line| line.starts_with("  "));
        let words = lines.filter(|line| !line.contains('│'));
        words.map(|line| line.trim().to_owned()).collect()
    };
    assert_eq!(essence(&stored), essence(screen), "{}", path.display());
}

#[test]
fn a_side_can_be_chosen_and_a_wait_waited_for() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = step("echo --host ::1");
    tmux.wait_for("next: server, socket");
    tmux.keys(&["c"]);
    // There is no client yet, and the screen says so.
    tmux.wait_for("next: server, socket");
    enter_until(&tmux, "next: client, socket");
    tmux.keys(&["s"]);
    tmux.wait_for("accept4(3, SOCK_CLOEXEC) waits");
    tmux.keys(&["u"]);
    let screen = tmux.wait_for("accept4(3, SOCK_CLOEXEC) = 4");
    assert!(screen.contains("ESTABLISHED"), "{screen}");
    tmux.keys(&["r"]);
    tmux.wait_for("There is nothing more");
    tmux.keys(&["q"]);
    tmux.wait_for("status=0");
}

#[test]
fn whoever_leaves_early_leaves_nothing_running() {
    if !require_tool("tmux") {
        return;
    }
    for key in ["q", "C-c"] {
        let folder = tempfile::Builder::new()
            .prefix("leaves ö ")
            .tempdir()
            .unwrap();
        let (server, client) = (
            copy("multiconn-server", folder.path()),
            copy("multiconn-client", folder.path()),
        );
        let tmux = step(&format!(
            "-- '{}' 127.0.0.1 0 :: '{}' {{host}} {{port}} 2",
            server.display(),
            client.display()
        ));
        tmux.wait_for("next: server, socket");
        enter_until(&tmux, "next: client");
        assert!(runs_from(folder.path()));
        tmux.keys(&[key]);
        tmux.wait_for("status=0");
        check_nothing_runs_from(folder.path());
    }
}

#[test]
fn predictions_are_judged_by_what_the_kernel_does() {
    if !require_tool("tmux") {
        return;
    }
    let tmux = step("echo --ask");
    tmux.wait_for("next: server, socket");
    // Before accept, nobody has connected: it can only wait, which is the first answer.
    enter_until(&tmux, "what will the server's accept4 do?");
    tmux.keys(&["1"]);
    tmux.wait_for("1 of 1 right");
    tmux.keys(&["q"]);
    let screen = tmux.wait_for("status=0");
    assert!(screen.contains("1 of 1 prediction"), "{screen}");
}
