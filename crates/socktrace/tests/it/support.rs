//! Programs to be watched, and what was recorded of one, also while it runs.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitStatus};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use socktrace::record::{Call, Note, Outcome, Record};
use socktrace::trace_file::Reader;
use tempfile::TempDir;
use test_support::{DEADLINE, Program, require_tool};

pub(crate) const SOCKTRACE: &str = env!("CARGO_BIN_EXE_socktrace");

/// A script in the folder `tests/programs`, as a command.
pub(crate) fn script(name: &str) -> [String; 2] {
    // The interpreter itself: what is called `python3` may be a shell script, with
    // children of its own, that looks for it.
    static PYTHON: OnceLock<String> = OnceLock::new();
    let python = PYTHON.get_or_init(|| {
        let path = unwatched(&["python3", "-c", "import sys; print(sys.executable)"]);
        path.stdout.trim().to_owned()
    });
    [python.clone(), program_file(name)]
}

/// A file in the folder `tests/programs`.
fn program_file(name: &str) -> String {
    // Not as it was when the test was compiled: the course may have been moved.
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    format!("{here}/tests/programs/{name}")
}

/// A C program of that folder, compiled; `None` if nothing here compiles it.
pub(crate) fn compiled(name: &str) -> Option<String> {
    compiled_with(name, name, &["-pthread"])
}

/// The same under another name, with other flags for the compiler.
pub(crate) fn compiled_with(name: &str, to: &str, flags: &[&str]) -> Option<String> {
    static COMPILED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if !require_tool("cc") {
        return None;
    }
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = folder.join(to);
    if compiled.insert(to.to_owned()) {
        // Others may run the tests as well, and one that runs can't be written to.
        let new = folder.join(format!("{to}.{}", std::process::id()));
        let mut cc = Command::new("cc");
        cc.args(["-O1", "-w", "-o"]).arg(&new);
        cc.args(flags).arg(program_file(&format!("{name}.c")));
        assert!(cc.status().unwrap().success(), "{name}.c doesn't compile");
        fs::rename(new, &program).unwrap();
    }
    Some(program.to_str().unwrap().to_owned())
}

/// `socktrace` with these words.
pub(crate) fn socktrace<W: AsRef<str>>(words: &[W]) -> Command {
    let mut command = Command::new(SOCKTRACE);
    command.args(words.iter().map(AsRef::as_ref));
    command
}

/// A program that ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> Ended {
    finish(&mut Program::start(command).unwrap())
}

pub(crate) fn finish(program: &mut Program) -> Ended {
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    Ended {
        status,
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr,
    }
}

/// A command of words, run to its end by itself.
pub(crate) fn unwatched<W: AsRef<str>>(words: &[W]) -> Ended {
    let mut command = Command::new(words[0].as_ref());
    command.args(words[1..].iter().map(AsRef::as_ref));
    run(command)
}

/// One program under watch, with its trace in a file.
pub(crate) struct Watching {
    pub(crate) program: Program,
    pub(crate) stdin: ChildStdin,
    folder: TempDir,
}

/// A run under watch that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) ended: Ended,
    pub(crate) records: Vec<Record>,
}

/// Watches a command of words.
pub(crate) fn watch<W: AsRef<str>>(words: &[W]) -> Watching {
    watch_with(&[], words)
}

/// The same, with flags.
pub(crate) fn watch_with<W: AsRef<str>>(flags: &[&str], words: &[W]) -> Watching {
    let folder = TempDir::new().unwrap();
    let mut command = socktrace(&["trace", "--one", "--json"]);
    command.arg(folder.path().join("trace.jsonl")).args(flags);
    command.arg("--").args(words.iter().map(AsRef::as_ref));
    let (program, stdin) = Program::start_with_pipe(command).unwrap();
    Watching {
        program,
        stdin,
        folder,
    }
}

/// Runs a command by itself and under watch, and checks that nobody can tell the two by
/// what it prints and by how it ends.
#[track_caller]
pub(crate) fn check_unharmed<W: AsRef<str>>(words: &[W]) -> Run {
    let expected = unwatched(words);
    let run = watch(words).finish();
    assert_eq!(run.ended, expected);
    run
}

impl Watching {
    fn file(&self) -> PathBuf {
        self.folder.path().join("trace.jsonl")
    }

    /// What was recorded so far.
    pub(crate) fn so_far(&self) -> Vec<Record> {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        let whole = text.split_inclusive('\n').filter(|it| it.ends_with('\n'));
        whole.map(|it| serde_json::from_str(it).unwrap()).collect()
    }

    /// Waits until `n` records are as wanted. There is no event to wait for: so it looks
    /// again, a little later.
    #[track_caller]
    pub(crate) fn wait_for(&self, n: usize, is_wanted: impl Fn(&Record) -> bool) {
        wait_until("the records", || {
            self.so_far().iter().filter(|it| is_wanted(it)).count() >= n
        });
    }

    /// Waits until `n` calls of that name have been seen to wait.
    #[track_caller]
    pub(crate) fn wait_for_waits(&self, n: usize, name: &str) {
        self.wait_for(
            n,
            |it| matches!(it, Record::Wait(wait) if wait.name == name),
        );
    }

    /// The process that is watched.
    pub(crate) fn process(&self) -> i32 {
        self.wait_for(1, |it| matches!(it, Record::Thread(_)));
        let process = self.so_far().into_iter().find_map(|it| match it {
            Record::Thread(thread) => Some(thread.process),
            _ => None,
        });
        i32::try_from(process.unwrap()).unwrap()
    }

    /// Sends a signal to the process that is watched.
    pub(crate) fn signal(&self, signal: Signal) {
        let process = nix::unistd::Pid::from_raw(self.process());
        nix::sys::signal::kill(process, signal).unwrap();
    }

    /// Waits for its end, and reads the whole trace.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Run {
        drop(self.stdin);
        let ended = finish(&mut self.program);
        let file = File::open(self.folder.path().join("trace.jsonl"))
            .unwrap_or_else(|error| panic!("{error}; {ended:?}"));
        let reader = Reader::new(BufReader::new(file)).unwrap();
        let records: Result<Vec<Record>, _> = reader.collect();
        let records = records.unwrap_or_else(|error| panic!("{error}; {ended:?}"));
        Run { ended, records }
    }
}

impl Run {
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.records.iter().filter_map(|record| match record {
            Record::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The calls of that name.
    pub(crate) fn named(&self, name: &str) -> Vec<&Call> {
        self.calls().filter(|call| call.name == name).collect()
    }

    /// The results of the calls of that name: a number, or the name of an error.
    pub(crate) fn results(&self, name: &str) -> Vec<String> {
        let calls = self.named(name).into_iter();
        calls.map(result).collect()
    }

    pub(crate) fn notes(&self) -> Vec<&str> {
        let records = self.records.iter();
        records
            .filter_map(|record| match record {
                Record::Note(Note { text, .. }) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// How many signals of that name arrived.
    pub(crate) fn n_signals(&self, name: &str) -> usize {
        let is_it = |it: &&Record| matches!(it, Record::Signal(it) if it.name == name);
        self.records.iter().filter(is_it).count()
    }

    /// How many processes and threads there were.
    pub(crate) fn n_threads(&self) -> usize {
        let is_it = |it: &&Record| matches!(it, Record::Thread(_));
        self.records.iter().filter(is_it).count()
    }
}

/// What came back from a call, in a word.
pub(crate) fn result(call: &Call) -> String {
    match &call.result {
        Outcome::Returned(number) => number.to_string(),
        Outcome::Failed(errno) => errno.name.clone(),
        Outcome::Unfinished(_) => "unfinished".to_owned(),
    }
}

/// Looks again and again, until it is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came to {what}");
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// A word that nobody else's command line has.
pub(crate) fn mark() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("mark-{}-{count}", std::process::id())
}

/// The processes that have a word in their command line, zombies aside.
pub(crate) fn marked(mark: &str) -> Vec<i32> {
    let processes = procfs::process::all_processes().unwrap().flatten();
    let has_mark = |words: Vec<String>| words.iter().any(|word| word.contains(mark));
    processes
        .filter(|process| process.cmdline().is_ok_and(has_mark))
        .map(|process| process.pid)
        .collect()
}

/// Waits until no such process is left.
#[track_caller]
pub(crate) fn check_nothing_left(mark: &str) {
    wait_until("an end of all", || marked(mark).is_empty());
}
