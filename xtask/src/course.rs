//! The course at a glance: what exists, and no more.

use std::io::{self, Write};

use crate::build::{Kind, Program};

/// A stage: a pair of programs, and the chapter about them.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    summary: &'static str,
    chapter: &'static str,
    pub(crate) server: Program,
    pub(crate) client: Program,
    /// What the client is told when the learner gives no arguments for it.
    pub(crate) client_arguments: &'static [&'static str],
    /// The server ends by itself when its one client is done.
    pub(crate) server_ends_by_itself: bool,
    /// Worth a try after this stage.
    pub(crate) next: &'static str,
}

pub(crate) const ECHO: Stage = Stage {
    name: "echo",
    summary: "one blocking connection",
    chapter: "docs/src/echo.md",
    server: binary("echo", "echo-server"),
    client: binary("echo", "echo-client"),
    client_arguments: &[],
    server_ends_by_itself: true,
    next: "cargo xtask run echo -- --message 'anything'; cargo xtask run multiconn",
};

pub(crate) const MULTICONN: Stage = Stage {
    name: "multiconn",
    summary: "many connections on one thread",
    chapter: "docs/src/multiconn.md",
    server: binary("multiconn", "multiconn-server"),
    client: binary("multiconn", "multiconn-client"),
    client_arguments: &["3"],
    server_ends_by_itself: false,
    next: "cargo xtask run multiconn --as blocking; cargo xtask run app-protocol",
};

pub(crate) const APP_PROTOCOL: Stage = Stage {
    name: "app-protocol",
    summary: "messages instead of bytes",
    chapter: "docs/src/app-protocol.md",
    server: binary("app-protocol", "app-server"),
    client: binary("app-protocol", "app-client"),
    client_arguments: &["search", "morpheus"],
    server_ends_by_itself: false,
    next: "cargo xtask run app-protocol -v -- sum 1,2,3",
};

/// In the order in which they are learned.
pub(crate) const STAGES: [&Stage; 3] = [&ECHO, &MULTICONN, &APP_PROTOCOL];

const fn binary(package: &'static str, name: &'static str) -> Program {
    Program {
        package,
        name,
        kind: Kind::Binary,
    }
}

/// Prints the course: its stages, its commands, what to do first.
pub(crate) fn show() -> anyhow::Result<()> {
    let mut text = String::from("Socket programming in Rust: the stages\n\n");
    for stage in STAGES {
        text += &format!(
            "  {:<14}{:<31}{}\n",
            stage.name, stage.summary, stage.chapter
        );
    }
    text += "
Commands

  cargo xtask run STAGE        start its server and client, show what they say
  cargo xtask run multiconn --as blocking|threads|nonblocking|readiness
                               the same client against a smaller step
  cargo xtask run all          one stage after the other
  cargo xtask check STAGE      what the programs promise, judged from outside
  cargo xtask check STAGE -- COMMAND
                               the same of any program, in any language
  cargo xtask exercise         the next broken program to repair
  cargo xtask bench WORKLOAD   our servers and others, measured side by side
  cargo xtask load PROTOCOL    as much as any server can answer, measured
  cargo xtask prepare          fetch and build everything, check this machine
  cargo xtask COMMAND --help   its flags, with an example

Start with

  cargo xtask run echo
";
    // Cut short by `| head`, it has been read as far as somebody wanted to.
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
