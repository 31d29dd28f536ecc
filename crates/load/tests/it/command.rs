//! The command, and what comes of it.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use serde_json::Value;
use test_support::{DEADLINE, Program, accept};

pub(crate) const LOAD: &str = env!("CARGO_BIN_EXE_load");

/// `load PROTOCOL 127.0.0.1 PORT ARGUMENTS`.
pub(crate) fn command(protocol: &str, port: u16, arguments: &str) -> Command {
    let mut command = Command::new(LOAD);
    command
        .args([protocol, "127.0.0.1", &port.to_string()])
        .args(arguments.split_whitespace());
    command
}

/// What a load generator has printed as JSON, and its exit status.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
    pub(crate) stderr: String,
}

impl Outcome {
    /// What comes of a command that prints JSON.
    #[track_caller]
    pub(crate) fn of(command: Command) -> Self {
        let mut program = Program::start(command).unwrap();
        let (status, stdout, stderr) = program.finish(DEADLINE).unwrap();
        let report = serde_json::from_slice(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
        Self {
            code: status.code(),
            report,
            stderr,
        }
    }

    pub(crate) fn number(&self, field: &str) -> u64 {
        self.report[field].as_u64().unwrap()
    }

    pub(crate) fn errors(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.report["errors"].clone()).unwrap()
    }

    /// Nothing went wrong, at neither end.
    #[track_caller]
    pub(crate) fn check_right(&self) {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        assert_eq!(self.errors(), BTreeMap::new());
        assert_eq!(self.report["shortages"], serde_json::json!({}));
    }
}

/// Puts a load of echoes on a server of any kind.
#[track_caller]
pub(crate) fn put_load(port: u16, arguments: &str) -> Outcome {
    Outcome::of(command("echo", port, &format!("{arguments} --json")))
}

/// Puts a load on a server that serves each of `n_connections` by `serve`.
#[track_caller]
pub(crate) fn put_load_on(
    n_connections: usize,
    arguments: &str,
    serve: impl Fn(TcpStream) + Sync,
) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (listener, serve) = (&listener, &serve);
    thread::scope(|scope| {
        for _ in 0..n_connections {
            scope.spawn(move || serve(accept(listener).unwrap()));
        }
        put_load(port, &format!("{arguments} --connections {n_connections}"))
    })
}
