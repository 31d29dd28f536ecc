//! Programs under watch, and what was recorded of them.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use socktrace::kind::{Kind, kind_of};
use socktrace::record::{Argument, Call, Connection, Record, Side, SocketId, Step, Way};
use socktrace::trace_file::Reader;
use tempfile::TempDir;
use test_support::Program;

pub(crate) const SOCKTRACE: &str = env!("CARGO_BIN_EXE_socktrace");

/// Far more than any of these runs takes.
const LIMIT: Duration = Duration::from_secs(60);

/// A run that has ended.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    /// The first line of its trace, and all others.
    pub(crate) records: Vec<Record>,
}

/// The programs of the stages, beside the tracer: its tests don't bring them.
pub(crate) fn beside(program: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(SOCKTRACE).ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--target-dir"]).arg(target);
        for package in ["echo", "multiconn", "app-protocol"] {
            cargo.args(["--package", package]);
        }
        let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
        assert!(cargo.current_dir(here).status().unwrap().success());
    });
    Path::new(SOCKTRACE).with_file_name(program)
}

/// A program in the folder `tests/programs/foreign`.
pub(crate) fn foreign(program: &str) -> String {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    format!("{here}/tests/programs/foreign/{program}")
}

/// Runs `socktrace trace` with these words, and reads its trace.
pub(crate) fn trace<W: AsRef<str>>(words: &[W]) -> Run {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("trace.jsonl");
    let mut command = Command::new(SOCKTRACE);
    command.args(["trace", "--json"]).arg(&file);
    command.args(words.iter().map(AsRef::as_ref));
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(LIMIT).unwrap();
    Run {
        status: status.code(),
        stdout,
        stderr,
        ..read(&file)
    }
}

/// Reads a trace; how the programs ended is told elsewhere.
pub(crate) fn read(file: &Path) -> Run {
    let reader = Reader::new(BufReader::new(File::open(file).unwrap())).unwrap();
    let records: Result<Vec<Record>, _> = reader.collect();
    Run {
        status: None,
        stdout: Vec::new(),
        stderr: String::new(),
        records: records.unwrap(),
    }
}

/// A server and a client, each a line of words. All their bytes are kept.
pub(crate) fn pair(server: &[&str], client: &[&str]) -> Run {
    trace(&[&["--bytes", "1000000", "--"], server, &["::"], client].concat())
}

impl Run {
    /// It went well, and what it tells is sound.
    #[track_caller]
    pub(crate) fn check(self) -> Self {
        assert_eq!(self.status, Some(0), "{}", self.stderr);
        self.check_sound();
        self
    }

    /// What holds for any trace: each call is there once; what a call owes itself to came
    /// before it; a receive is owed to the bytes that it got, all of them.
    #[track_caller]
    pub(crate) fn check_sound(&self) {
        let calls: Vec<&Call> = self.calls().collect();
        for (at, call) in calls.iter().enumerate() {
            let before = &calls[..at];
            assert!(before.iter().all(|other| other.step != call.step));
            assert!(call.began <= call.ended, "{call:?}");
            for cause in &call.causes {
                let cause = before.iter().find(|other| other.step == cause.step);
                assert!(cause.is_some(), "not caused by what came before: {call:?}");
            }
            let owed: u64 = call.causes.iter().filter_map(|it| it.bytes).sum();
            let length = call.data.as_ref().map_or(0, |data| data.length);
            let is_joined = call.socket.is_some_and(|socket| self.is_joined(socket));
            if is_joined && call.data.as_ref().is_some_and(|it| it.way != Way::Sent) {
                assert_eq!(owed, length, "{call:?}");
            }
        }
        let Some(Record::End(end)) = self.records.last() else {
            panic!("the trace has no end");
        };
        assert_eq!(end.calls, calls.len() as u64);
    }

    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.records.iter().filter_map(|record| match record {
            Record::Call(call) => Some(call),
            _ => None,
        })
    }

    pub(crate) fn call(&self, step: Step) -> &Call {
        self.calls().find(|call| call.step == step).unwrap()
    }

    /// The calls on one socket.
    pub(crate) fn on(&self, socket: SocketId) -> impl Iterator<Item = &Call> {
        self.calls().filter(move |call| call.socket == Some(socket))
    }

    pub(crate) fn connections(&self) -> Vec<&Connection> {
        let records = self.records.iter();
        records
            .filter_map(|record| match record {
                Record::Connection(connection) => Some(connection),
                _ => None,
            })
            .collect()
    }

    /// The one connection that there is.
    #[track_caller]
    pub(crate) fn connection(&self) -> &Connection {
        let [connection] = self.connections()[..] else {
            panic!("not one connection: {:?}", self.connections());
        };
        connection
    }

    fn is_joined(&self, socket: SocketId) -> bool {
        let mut joined = self.connections().into_iter();
        joined.any(|it| it.connected == socket || it.accepted == socket)
    }

    /// All bytes that went that way through a socket.
    pub(crate) fn bytes(&self, socket: SocketId, way: Way) -> Vec<u8> {
        let data = self.on(socket).filter_map(|call| call.data.as_ref());
        let data = data.filter(|data| data.way == way);
        data.flat_map(|data| data.bytes.clone()).collect()
    }

    /// What a side printed to its standard output.
    pub(crate) fn printed(&self, side: Side) -> String {
        let records = self.records.iter();
        records
            .filter_map(|record| match record {
                Record::Output(it) if it.side == side && it.stream == "stdout" => Some(&*it.text),
                _ => None,
            })
            .collect()
    }

    /// The status that the first process of a side ended with.
    pub(crate) fn status_of(&self, side: Side) -> Option<i32> {
        let process = self.records.iter().find_map(|record| match record {
            Record::Thread(thread) if thread.side == side => Some(thread.process),
            _ => None,
        })?;
        self.records.iter().find_map(|record| match record {
            Record::Exit(exit) if exit.thread == process => Some(exit.status),
            _ => None,
        })
    }
}

/// What a call does.
pub(crate) fn kind(call: &Call) -> Kind {
    kind_of(&call.name, &call.arguments)
}

/// An argument, or what the kernel gave, as text.
pub(crate) fn value(values: &[Argument], name: &str) -> Option<String> {
    let found = values.iter().find(|argument| argument.name == name);
    found.map(|argument| argument.value.to_string())
}
