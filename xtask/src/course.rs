//! The course: its stages, the steps between them, and the way from each to the next.

use std::io::{self, Write};

use clap::ValueEnum;

use crate::program::Program;

/// A stage: a pair of programs, and the chapter about them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    summary: &'static str,
    chapter: &'static str,
    pub(crate) server: Program,
    pub(crate) client: Program,
    /// Stage 1's client, where a second client shows who waits for whom.
    pub(crate) quiet_client: Option<Program>,
    /// What the client is told when the learner gives no arguments for it.
    pub(crate) client_arguments: &'static [&'static str],
    /// The server ends by itself when its one client is done.
    pub(crate) server_ends_by_itself: bool,
    /// Its programs take HOST and PORT, and no flags.
    pub(crate) is_naive: bool,
    pub(crate) remark: Option<Remark>,
    /// Worth a try after this stage.
    pub(crate) next: &'static [&'static str],
}

/// Something to say, once, about what a program has just said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remark {
    /// True for a line that gives occasion for it.
    pub(crate) fits: fn(&str) -> bool,
    pub(crate) text: &'static str,
}

pub(crate) const ECHO: Stage = Stage {
    name: "echo",
    summary: "one blocking connection",
    chapter: "docs/src/echo.md",
    server: Program::new("echo", "echo-server"),
    client: Program::new("echo", "echo-client"),
    quiet_client: None,
    client_arguments: &[],
    server_ends_by_itself: true,
    is_naive: false,
    remark: None,
    next: &[
        "cargo xtask run echo -- --message anything",
        "cargo xtask step echo",
        "cargo xtask run multiconn --as blocking",
    ],
};

/// What comes before stage 1: its pair as in any first book.
const NAIVE: Stage = Stage {
    server: Program::new("echo", "naive_server"),
    client: Program::new("echo", "naive_client"),
    is_naive: true,
    ..ECHO
};

pub(crate) const MULTICONN: Stage = Stage {
    name: "multiconn",
    summary: "many connections on one thread",
    chapter: "docs/src/multiconn.md",
    server: Program::new("multiconn", "multiconn-server"),
    client: Program::new("multiconn", "multiconn-client"),
    quiet_client: Some(ECHO.client),
    client_arguments: &["3"],
    server_ends_by_itself: false,
    is_naive: false,
    // Both messages leave in one write, and even two could be read at once. It looks
    // like a fault of one of the programs.
    remark: Some(Remark {
        fits: |line| line.contains(". Bye from"),
        text: "two messages read as one: TCP is a stream, it has no messages",
    }),
    next: &["cargo xtask run app-protocol"],
};

pub(crate) const APP_PROTOCOL: Stage = Stage {
    name: "app-protocol",
    summary: "messages instead of bytes",
    chapter: "docs/src/app-protocol.md",
    server: Program::new("app-protocol", "app-server"),
    client: Program::new("app-protocol", "app-client"),
    quiet_client: None,
    client_arguments: &["search", "morpheus"],
    server_ends_by_itself: false,
    is_naive: false,
    remark: None,
    next: &[
        "cargo xtask run app-protocol -v -- sum 1,2,3",
        "cargo xtask check app-protocol",
        "cargo xtask exercise",
        "cargo xtask lab",
        "cargo xtask bench keep-alive",
    ],
};

/// In the order in which they are learned.
pub(crate) const STAGES: [&Stage; 3] = [&ECHO, &MULTICONN, &APP_PROTOCOL];

impl Stage {
    /// All programs that take part.
    pub(crate) fn programs(&self) -> Vec<Program> {
        let mut programs = vec![self.server, self.client];
        programs.extend(self.quiet_client);
        programs
    }

    /// The same stage with the smaller program of `step`; `None` if that is another's.
    pub(crate) fn at(&self, step: Step) -> Option<Self> {
        if step.stage().name != self.name {
            return None;
        }
        let stage = match step {
            Step::Naive => NAIVE,
            _ => *self,
        };
        Some(Self {
            server: step.server(),
            next: step.next(),
            ..stage
        })
    }
}

/// The way to the event loop, in small steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Stage 1 as in any first book
    Naive,
    /// Stage 1's server, one client after another
    Blocking,
    /// A thread for each client
    Threads,
    /// One thread that asks each client again and again
    Nonblocking,
    /// One thread that sleeps until a client is ready
    Readiness,
    /// The same, which a client that doesn't read can't make hold much
    Backpressure,
    /// The same, on a hard day
    Robust,
}

impl Step {
    /// The stage that it leads to.
    pub(crate) fn stage(self) -> &'static Stage {
        match self {
            Self::Naive => &ECHO,
            _ => &MULTICONN,
        }
    }

    /// As it is typed.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value().expect("none is hidden");
        value.get_name().to_owned()
    }

    fn server(self) -> Program {
        let name = match self {
            Self::Naive => return NAIVE.server,
            Self::Blocking => return ECHO.server,
            Self::Threads => "threads",
            Self::Nonblocking => "nonblocking",
            Self::Readiness => "readiness",
            Self::Backpressure => "backpressure",
            Self::Robust => "robust",
        };
        Program::new(MULTICONN.server.package, name)
    }

    /// Worth a try after this step.
    fn next(self) -> &'static [&'static str] {
        match self {
            Self::Naive => &["cargo xtask run echo"],
            Self::Blocking => &["cargo xtask run multiconn --as threads"],
            Self::Threads => &["cargo xtask run multiconn --as nonblocking"],
            Self::Nonblocking => &["cargo xtask run multiconn --as readiness"],
            Self::Readiness => &["cargo xtask run multiconn --as backpressure"],
            Self::Backpressure => &["cargo xtask run multiconn --as robust"],
            Self::Robust => &["cargo xtask run multiconn"],
        }
    }
}

/// Prints the course: its stages, its commands, what to do first. With what cargo and
/// the shell add, it fits a terminal of 24 rows.
pub(crate) fn show() -> anyhow::Result<()> {
    let mut text = String::from("Socket programming in Rust: the stages, and their chapters\n\n");
    for stage in STAGES {
        let Stage { name, summary, .. } = stage;
        text += &format!("  {name:<14}{summary:<32}{}\n", stage.chapter);
    }
    text += "
Commands, after cargo xtask

  run STAGE                start its server and client, or those of all
  run echo --as naive      as in any first book: type, then Ctrl-D
  run multiconn --as STEP  smaller servers, in steps (docs/src/steps.md)
  step STAGE, trace STAGE  each socket call: at your keys, or as a diagram
  check STAGE              judge its programs; any other with -- COMMAND
  exercise                 the next broken program to repair
  lab                      experiments: errors, closing, blocking, two hosts
  bench, load              servers side by side; as much as one can answer
  prepare                  fetch and build all of it, check this machine
  COMMAND --help           its flags, with an example

Start with: cargo xtask run echo
";
    // Cut short by `| head`, it has been read as far as somebody wanted to.
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The command that leads on: the one without arguments for a client.
    fn way_on(next: &[&'static str]) -> Option<&'static str> {
        let leads_on = |line: &&&str| line.contains(" run ") && !line.contains(" -- ");
        next.iter().find(leads_on).copied()
    }

    #[test]
    fn each_stage_and_step_leads_to_the_next() {
        assert_eq!(way_on(Step::Naive.next()), Some("cargo xtask run echo"));
        let mut way = vec![way_on(ECHO.next).expect("a step")];
        for step in &Step::value_variants()[1..] {
            let expected = format!("cargo xtask run multiconn --as {}", step.name());
            assert_eq!(way.last(), Some(&expected.as_str()));
            way.push(way_on(step.next()).expect("another step"));
        }
        assert_eq!(way.last(), Some(&"cargo xtask run multiconn"));
        let last = way_on(MULTICONN.next);
        assert_eq!(last, Some("cargo xtask run app-protocol"));
        assert_eq!(way_on(APP_PROTOCOL.next), None);
        for tool in ["check", "exercise", "lab", "bench"] {
            let start = format!("cargo xtask {tool}");
            assert!(
                APP_PROTOCOL
                    .next
                    .iter()
                    .any(|line| line.starts_with(&start))
            );
        }
    }
}
