//! A course that was copied, and one that was moved with all that it had built: each
//! builds and runs its own programs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use test_support::Program;

use crate::root;

/// The first time, it compiles all that stage 1 and this program need.
const LIMIT: Duration = Duration::from_secs(300);

/// What the client of stage 1 says, and what it says after a change.
const MESSAGE: &str = "Hello, world";
const CHANGED: &str = "Bonjour à tous";

/// Copies a file, or a folder without what was built in it.
fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        if name != "target" {
            copy(&from.join(&name), &to.join(&name));
        }
    }
}

/// Replaces `from` in each source below the folder; returns how often.
fn replace(folder: &Path, from: &str, to: &str) -> usize {
    let mut n_replaced = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            n_replaced += replace(&path, from, to);
        } else if let text = fs::read_to_string(&path).unwrap()
            && text.contains(from)
        {
            fs::write(&path, text.replace(from, to)).unwrap();
            n_replaced += 1;
        }
    }
    n_replaced
}

/// What `cargo xtask run echo` prints in `folder`.
#[track_caller]
fn run_echo(folder: &Path, target: Option<&str>) -> String {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap());
    cargo.args(["xtask", "run", "echo", "--host", "127.7.3.1"]);
    // As from a shell, not from the cargo that runs this test.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO") && name != "CARGO_HOME" {
            cargo.env_remove(name);
        }
    }
    if let Some(target) = target {
        cargo.env("CARGO_TARGET_DIR", target);
    }
    cargo.env("CARGO_NET_OFFLINE", "true").current_dir(folder);
    let mut program = Program::start(cargo).unwrap();
    let (status, stdout, stderr) = program.finish(LIMIT).unwrap();
    assert!(status.success(), "{stderr}");
    String::from_utf8(stdout).unwrap()
}

/// A folder without anything but, perhaps, what an earlier run of the test has built:
/// dependencies that needn't be compiled again.
fn emptied(folder: PathBuf, earlier: &Path) -> PathBuf {
    let kept = folder.with_file_name("kept");
    for place in [&folder, earlier] {
        let _ = fs::rename(place.join("target"), &kept);
        let _ = fs::remove_dir_all(place);
    }
    fs::create_dir_all(&folder).unwrap();
    let _ = fs::rename(&kept, folder.join("target"));
    folder
}

#[test]
fn a_target_folder_that_another_course_has_used_is_cleared_of_its_programs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared");
    let _ = fs::remove_dir_all(&folder);
    // Outside of the course, as seen from a program in it.
    let xtask = folder.join("target/debug/xtask");
    fs::create_dir_all(xtask.parent().unwrap()).unwrap();
    // A link: a copy could not be started while another test starts a process.
    fs::hard_link(env!("CARGO_BIN_EXE_xtask"), &xtask).unwrap();
    let courses = ["one", "two"].map(|name| folder.join(name));
    for course in &courses {
        for package in ["xtask", "crates/echo"] {
            fs::create_dir_all(course.join(package)).unwrap();
            fs::write(course.join(package).join("Cargo.toml"), "").unwrap();
        }
    }
    let calls_of_cargo = |course: &Path| {
        let mut command = Command::new(&xtask);
        command.args(["run", "echo"]).current_dir(course);
        command.env_remove("CARGO_MANIFEST_DIR");
        command.env("CARGO", root().join("xtask/tests/it/failing-cargo.sh"));
        let (_, _, stderr) = Program::start(command).unwrap().finish(LIMIT).unwrap();
        let calls = stderr
            .lines()
            .filter_map(|line| line.strip_prefix("called: "));
        let words = |call: &str| call.split(' ').next().unwrap().to_owned();
        calls.map(words).collect::<Vec<_>>()
    };
    let [one, two] = &courses;
    assert_eq!(calls_of_cargo(one), ["build"]);
    assert_eq!(calls_of_cargo(one), ["build"]);
    assert_eq!(calls_of_cargo(two), ["clean", "clean", "build"]);
    assert_eq!(calls_of_cargo(two), ["build"]);
}

#[test]
fn a_copied_course_and_a_moved_one_run_their_own_programs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moved");
    let moved = folder.join("it's moved");
    let copied = emptied(folder.join("Kopie für Anfänger"), &moved);
    for name in ["Cargo.toml", "Cargo.lock", ".cargo", "crates", "xtask"] {
        copy(&root().join(name), &copied.join(name));
    }
    let stdout = run_echo(&copied, None);
    let expected = format!("client | received \"{MESSAGE}\"");
    assert!(stdout.contains(&expected), "{stdout}");

    // Cargo finds nothing to build anew here but what is changed.
    fs::rename(&copied, &moved).unwrap();
    assert_ne!(replace(&moved.join("crates/echo/src"), MESSAGE, CHANGED), 0);
    // From a folder inside, and with a target folder as seen from there.
    let stdout = run_echo(&moved.join("crates"), Some("../target"));
    let expected = format!("client | received \"{CHANGED}\"");
    assert!(stdout.contains(&expected), "{stdout}");
    let command = r"/moved/it'\''s moved/target/debug/echo-server' 127.7.3.1 0 -v";
    assert!(stdout.contains(command), "{stdout}");
}
