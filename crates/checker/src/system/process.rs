//! A program under test, as a tree of processes that is ended as a whole.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::command_line::CommandLine;
use crate::outcome::{Miss, Outcome, limit_of_start};
use crate::system::output::{Output, said};
use crate::system::ports::starting;
use crate::system::tree::{Mark, Tree};
use crate::system::{orphans, watchman};

/// How much of a program's outputs is kept, unless a row wants more.
const ROOM: usize = 64 * 1024;

/// How often the end of a process is looked for: there is no event that wouldn't
/// take its status away from the child handle.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

/// What to start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    pub(crate) command: CommandLine,
    /// What the program is told of its address in it: host and port.
    pub(crate) told: Vec<String>,
    /// Where it runs; here if there is none.
    pub(crate) folder: Option<PathBuf>,
    /// What it gets on its standard input.
    pub(crate) input: Vec<u8>,
    /// True if its standard input ends behind that. Otherwise it stays open, and silent:
    /// many a server ends when a person presses Enter.
    pub(crate) ends_input: bool,
    /// How many files it may have open at most, if that is to be lowered.
    pub(crate) max_files: Option<u32>,
    /// How much of its standard output is kept, if that is more than usual.
    pub(crate) room: usize,
}

/// A running program. With its last use its whole tree is ended.
#[derive(Debug)]
pub(crate) struct Process {
    child: Mutex<Child>,
    tree: Arc<Tree>,
    /// Held open as long as the program runs.
    _stdin: Option<ChildStdin>,
    stdout: Arc<Output>,
    stderr: Arc<Output>,
    told: Vec<String>,
}

impl Process {
    /// Starts the program.
    pub(crate) fn start(order: &Order) -> Outcome<Self> {
        let mark = Mark::new();
        let mut command = order.started_by();
        command
            .envs(order.command.env.iter().map(|(name, value)| (name, value)))
            .env(Mark::VARIABLE, mark.value())
            // What a program says of an error is read, and so is wanted in one language.
            .env("LC_ALL", "C.UTF-8")
            .env_remove("LANGUAGE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(folder) = &order.folder {
            command.current_dir(folder);
        }
        // A Ctrl-C at the terminal is the checker's, not the program's.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // Returns once the child has become the program, or failed to.
        let spawned = {
            let _no_probe = starting();
            let spawned = command.spawn();
            if let Ok(child) = &spawned {
                // Before anybody can take it for an orphan.
                orphans::claim(child.id());
            }
            spawned
        };
        let mut child = spawned.map_err(|error| {
            let why = limit_of_start(&error).unwrap_or_else(|| error.to_string());
            Miss::not_judged(format!(
                "cannot start `{}`: {why}",
                order.command.words.join(" ")
            ))
        })?;
        let stdin = child.stdin.take().expect("standard input is piped");
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr = child.stderr.take().expect("standard error is piped");
        let tree = Arc::new(Tree::new(child.id(), mark));
        watchman::watch(&tree);
        let attach = || {
            Ok(Self {
                stdout: Output::collect(stdout, ROOM.max(order.room))?,
                stderr: Output::collect(stderr, ROOM)?,
                _stdin: feed(stdin, order)?,
                told: order.told.clone(),
                tree: Arc::clone(&tree),
                child: Mutex::new(child),
            })
        };
        attach().map_err(|error| {
            tree.end();
            let why = limit_of_start(&error).unwrap_or_else(|| error.to_string());
            Miss::not_judged(format!("cannot read what the program says: {why}"))
        })
    }

    /// The program's processes.
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What it was told of its address.
    pub(crate) fn told(&self) -> &[String] {
        &self.told
    }

    pub(crate) fn stdout(&self) -> Vec<u8> {
        self.stdout.bytes()
    }

    pub(crate) fn stdout_text(&self) -> String {
        self.stdout.text()
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// The status, if the program has ended.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        let mut child = self
            .child
            .lock()
            .expect("nobody panics with a child locked");
        // One that somebody else has waited for runs no more either.
        child.try_wait().unwrap_or(Some(ExitStatus::default()))
    }

    /// Waits for the program's end and for the rest of its outputs.
    pub(crate) fn status(&self, within: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.ended() {
                let left = deadline.saturating_duration_since(Instant::now());
                let left = left.max(Duration::from_millis(200));
                self.stdout.wait_for_end(left);
                self.stderr.wait_for_end(left);
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::park_timeout(LOOK_INTERVAL);
        }
    }

    /// What the program says of its end, for a report, with its `words`: nothing while it
    /// runs.
    pub(crate) fn last_words(&self, words: impl FnOnce() -> String) -> Option<String> {
        if let Some(reason) = self.tree.why_ended() {
            return Some(format!("the checker ended it: {reason}"));
        }
        let status = self.ended()?;
        self.stderr.wait_for_end(Duration::from_millis(200));
        let mut told = format!("by then it had ended ({status})");
        told += &said(&words(), "");
        Some(told)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.tree.end();
        let mut child = self
            .child
            .lock()
            .expect("nobody panics with a child locked");
        let _ = child.kill();
        let _ = child.wait();
        orphans::give_back(child.id());
        orphans::reap();
    }
}

impl Order {
    fn started_by(&self) -> Command {
        let words = &self.command.words;
        let Some(max_files) = self.max_files else {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]);
            return command;
        };
        // The shell lowers the soft and the hard limit, then becomes the program.
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n \"$1\" && shift && exec \"$@\"", "sh"])
            .arg(max_files.to_string())
            .args(words);
        command
    }
}

/// Gives a program its input; what is returned holds that open.
fn feed(mut stdin: ChildStdin, order: &Order) -> io::Result<Option<ChildStdin>> {
    if !order.ends_input {
        return Ok(Some(stdin));
    }
    let input = order.input.clone();
    // A program that ends without reading its input is free to do so.
    thread::Builder::new().spawn(move || stdin.write_all(&input))?;
    Ok(None)
}

/// True if `program` can be found as a command would be, from `folder`.
pub fn command_exists(program: &str, folder: Option<&Path>) -> bool {
    let has_folder = Path::new(program).components().count() > 1;
    if has_folder {
        return folder.unwrap_or(Path::new(".")).join(program).is_file();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let suffix = env::consts::EXE_SUFFIX;
    env::split_paths(&path).any(|folder| {
        folder.join(program).is_file() || folder.join(format!("{program}{suffix}")).is_file()
    })
}
