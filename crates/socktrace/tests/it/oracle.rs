//! `strace` tells the same: of each thread the same calls in the same order, with the same
//! arguments, bytes and results.

mod strace;

use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use socktrace::record::{Call, Outcome};
use tempfile::TempDir;
use test_support::{DEADLINE, Peer, Program, Server, require_tool};

use self::strace::Seen;
use crate::run::{Run, SOCKTRACE, beside, foreign, read, value};

/// What two watchers have seen of two runs of a program: the calls of each thread.
struct Both {
    ours: Vec<Vec<Seen>>,
    theirs: Vec<Vec<Seen>>,
}

/// Runs a program under each, and `act` beside it.
fn watch(words: &[&str], act: impl Fn(&Program)) -> Both {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ours.jsonl");
    let mut command = Command::new(SOCKTRACE);
    command.args(["trace", "--one", "--json"]).arg(&file);
    command.arg("--").args(words);
    let ours = finish(command, &act);
    let prefix = folder.path().join("theirs");
    let mut command = strace::command(&prefix);
    command.args(words);
    assert_eq!(finish(command, &act), ours);
    Both {
        ours: ours_of(&read(&file)),
        theirs: strace::read(&prefix),
    }
}

fn finish(command: Command, act: impl Fn(&Program)) -> (Option<i32>, Vec<u8>) {
    let mut program = Program::start(command).unwrap();
    act(&program);
    let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
    assert!(status.success(), "{stderr}");
    // The port is another one each time.
    let is_address = |byte: &u8| byte.is_ascii_digit();
    let stdout = stdout.into_iter().filter(|byte| !is_address(byte));
    (status.code(), stdout.collect())
}

/// The calls of our record, thread by thread, in the words of the comparison.
fn ours_of(records: &Run) -> Vec<Vec<Seen>> {
    let calls: Vec<&Call> = records.calls().collect();
    let mut threads: Vec<u32> = calls.iter().map(|call| call.thread).collect();
    threads.sort_unstable();
    threads.dedup();
    let of = |thread| {
        // In the order in which they began.
        let mut own: Vec<&&Call> = calls.iter().filter(|it| it.thread == thread).collect();
        own.sort_by_key(|call| call.step);
        own.into_iter().map(|call| seen(call)).collect()
    };
    threads.into_iter().map(of).collect()
}

fn seen(call: &Call) -> Seen {
    let values = || call.arguments.iter().chain(&call.gave);
    let mut words: Vec<String> = strace::COMPARED
        .iter()
        .filter_map(|name| values().find(|argument| argument.name == *name))
        .map(|argument| strace::without_port(&argument.value.to_string()))
        .collect();
    if let Some(event) = value(&call.arguments, "event") {
        words.extend(event.split(' ').next().map(str::to_owned));
    }
    let bytes = call.data.as_ref().filter(|data| data.length > 0);
    Seen {
        name: call.name.clone(),
        words: words.iter().map(|word| strace::sorted(word)).collect(),
        result: match &call.result {
            Outcome::Returned(value) => value.to_string(),
            Outcome::Failed(errno) => errno.name.clone(),
            Outcome::Unfinished(_) => "?".to_owned(),
        },
        bytes: bytes.map(|data| data.bytes.clone()).unwrap_or_default(),
        is_about_time: strace::TIMING.contains(&&*call.name),
    }
}

impl Both {
    /// The same sequences. Which thread has which number is another matter each time.
    #[track_caller]
    fn check(mut self) {
        self.ours.sort();
        self.theirs.sort();
        assert!(self.ours.iter().map(Vec::len).sum::<usize>() > 5);
        for (ours, theirs) in self.ours.iter().zip(&self.theirs) {
            let lines = |calls: &[Seen]| calls.iter().map(ToString::to_string).collect();
            let (ours, theirs): (Vec<String>, Vec<String>) = (lines(ours), lines(theirs));
            assert_eq!(ours, theirs);
        }
        assert_eq!(self.ours.len(), self.theirs.len());
    }

    /// The same, but for what differs from run to run: how often a program that waits for
    /// readiness was woken, and which thread wrote to the socket pair by which a signal
    /// wakes another.
    #[track_caller]
    fn check_without_waits(mut self) {
        for threads in [&mut self.ours, &mut self.theirs] {
            let pair = threads
                .iter()
                .flatten()
                .find(|call| call.name == "socketpair");
            let pair = pair.map(|call| call.words[3].clone()).unwrap_or_default();
            let is_in_pair = |call: &Seen| {
                let mut ends = pair.trim_matches(['[', ']']).split(", ");
                ends.any(|end| call.words.first().is_some_and(|word| word == end))
            };
            for calls in &mut *threads {
                calls.retain(|call| !call.is_about_time && call.result != "EAGAIN");
                calls.retain(|call| !is_in_pair(call));
            }
            threads.retain(|calls| !calls.is_empty());
        }
        self.check();
    }
}

fn nothing(_: &Program) {}

/// One client of a server that says where it listens.
fn one_client(program: &Program) {
    let line = program.first_line().unwrap();
    let address = line.strip_prefix("listening on ").unwrap().parse().unwrap();
    let mut peer = Peer::connect(address).unwrap();
    peer.round_trip(b"some bytes\0\xff").unwrap();
    peer.half_close().unwrap();
    peer.expect_end().unwrap();
}

/// The same, of a server that then has to be told to end.
fn one_client_and_the_end(program: &Program) {
    one_client(program);
    let watcher = program.pid();
    let children = format!("/proc/{watcher}/task/{watcher}/children");
    let children = std::fs::read_to_string(children).unwrap();
    let child = children.split_whitespace().next().unwrap();
    kill(Pid::from_raw(child.parse().unwrap()), Signal::SIGTERM).unwrap();
}

fn path(program: &str) -> String {
    let path: PathBuf = beside(program);
    path.to_str().unwrap().to_owned()
}

/// A client, with a server that nobody watches.
#[track_caller]
fn watch_client(server: &str, client: &str, more: &[&str]) -> Both {
    let mut command = Command::new(path(server));
    command.args(["::1", "0"]);
    if server == "echo-server" {
        command.arg("--forever");
    }
    let server = Server::start(command).unwrap();
    let port = server.address.port().to_string();
    watch(&[&[&*path(client), "::1", &port], more].concat(), nothing)
}

#[test]
fn our_echo_server() {
    if require_tool("strace") {
        watch(&[&path("echo-server"), "127.0.0.1", "0"], one_client).check();
    }
}

#[test]
fn our_echo_client() {
    if require_tool("strace") {
        watch_client("echo-server", "echo-client", &[]).check();
    }
}

#[test]
fn our_servers_that_wait_for_readiness() {
    if require_tool("strace") {
        let server = &[&path("multiconn-server"), "::1", "0"] as &[&str];
        watch(server, one_client_and_the_end).check_without_waits();
    }
}

#[test]
fn our_clients_that_wait_for_readiness() {
    if require_tool("strace") {
        let both = watch_client("multiconn-server", "multiconn-client", &["1"]);
        both.check_without_waits();
        let action = ["search", "morpheus"];
        let both = watch_client("app-server", "app-client", &action);
        both.check_without_waits();
    }
}

#[test]
fn python_with_threads_and_processes() {
    if require_tool("strace") && require_tool("python3") {
        let script = foreign("all_sorts.py");
        assert!(Path::new(&script).is_file());
        watch(&["python3", &script], nothing).check();
    }
}
