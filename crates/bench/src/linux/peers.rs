//! Who is measured: ours, and what a person would pick instead.

use super::workload::{Method, Speech, Workload};

/// A server to measure.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) speech: Speech,
    pub(crate) program: Program,
    pub(crate) arguments: &'static [&'static str],
}

/// Where a server comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// Built from the workspace: its package, and its name.
    Binary(&'static str, &'static str),
    /// A script, from the root of the workspace.
    Python(&'static str),
    /// A script that needs uvloop.
    Uvloop(&'static str),
}

/// The name of ours, in each workload.
pub(crate) const OURS: &str = "ours";
/// The name of the machine's limit for bytes, which is no server.
pub(crate) const IPERF3: &str = "iperf3";

const ASYNCIO: &str = "crates/bench/peers/python/asyncio_echo.py";

const fn echo(
    name: &'static str,
    what: &'static str,
    program: Program,
    arguments: &'static [&'static str],
) -> Peer {
    Peer {
        name,
        what,
        speech: Speech::Echo,
        program,
        arguments,
    }
}

const fn app(name: &'static str, what: &'static str, program: Program) -> Peer {
    Peer {
        name,
        what,
        speech: Speech::Messages,
        program,
        arguments: &[],
    }
}

/// In the order in which they are shown.
pub(crate) const PEERS: [Peer; 15] = [
    echo(
        OURS,
        "multiconn-server",
        Program::Binary("multiconn", "multiconn-server"),
        &[],
    ),
    echo(
        "epoll",
        "bare epoll: the floor of readiness, without any safety",
        Program::Binary("bare-peers", "bare-epoll"),
        &[],
    ),
    echo(
        "io_uring",
        "bare io_uring: the floor of completion",
        Program::Binary("bare-peers", "bare-uring"),
        &[],
    ),
    echo(
        "tokio",
        "tokio as in its example: multi-thread (one, on one core), 1 KiB",
        Program::Binary("tokio-peers", "tokio-echo"),
        &["--multi-thread"],
    ),
    echo(
        "tokio current",
        "tokio, current_thread, buffers of 1 KiB",
        Program::Binary("tokio-peers", "tokio-echo"),
        &[],
    ),
    echo(
        "tokio 128K",
        "tokio, current_thread, buffers of 128 KiB as ours",
        Program::Binary("tokio-peers", "tokio-echo"),
        &["--buffer", "131072"],
    ),
    echo(
        "threads",
        "the small step: a thread for each client",
        Program::Binary("multiconn", "threads"),
        &[],
    ),
    echo(
        "nonblocking",
        "the small step: each client asked again and again",
        Program::Binary("multiconn", "nonblocking"),
        &[],
    ),
    echo(
        "readiness",
        "the small step: mio, before it is made whole",
        Program::Binary("multiconn", "readiness"),
        &[],
    ),
    echo(
        "selectors",
        "Python, the guide's design",
        Program::Python("crates/multiconn/tests/peers/multiconn_server.py"),
        &[],
    ),
    echo(
        "asyncio",
        "Python, a protocol",
        Program::Python(ASYNCIO),
        &[],
    ),
    echo(
        "uvloop",
        "Python, the same protocol on libuv",
        Program::Uvloop(ASYNCIO),
        &["--uvloop"],
    ),
    app(
        OURS,
        "app-server",
        Program::Binary("app-protocol", "app-server"),
    ),
    app(
        "tokio codec",
        "tokio, current_thread, LengthDelimitedCodec, serde_json",
        Program::Binary("tokio-peers", "tokio-app"),
    ),
    app(
        "selectors",
        "Python, the guide's design",
        Program::Python("crates/app-protocol/tests/peers/app_server.py"),
    ),
];

impl Peer {
    /// True if it makes sense to put it to `workload`.
    pub(crate) fn takes_part(&self, workload: &Workload) -> bool {
        self.speech == workload.speech && workload.method != Method::Codec
    }
}
