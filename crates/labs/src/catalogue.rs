//! All experiments, in the order in which the book comes to them.

use crate::lab::{Ending, Lab};
use crate::{
    backlog, balancer, blocking, closing, datagram, endianness, errors,
    families, hostnames, ping, socket_state, stream, two_hosts,
};

/// An experiment.
#[derive(Clone, Copy)]
pub(crate) struct Experiment {
    pub(crate) name: &'static str,
    /// What surprises in it.
    pub(crate) title: &'static str,
    /// The page about it.
    pub(crate) chapter: &'static str,
    pub(crate) run: Run,
}

/// How it is run.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    Plain(fn(&mut Lab) -> anyhow::Result<()>),
    /// With a word more, if there is one.
    With {
        /// What that word is, as in `ping [HOST]`.
        operand: &'static str,
        run: fn(&mut Lab, Option<&str>) -> anyhow::Result<()>,
    },
}

pub(crate) const EXPERIMENTS: [Experiment; 13] = [
    Experiment {
        name: "families",
        title: "The same echo over IPv4, over IPv6, and with a path",
        chapter: "docs/src/families.md",
        run: Run::Plain(families::run),
    },
    Experiment {
        name: "datagram",
        title: "Sent without an error, and never received",
        chapter: "docs/src/tcp-and-udp.md",
        run: Run::Plain(datagram::run),
    },
    Experiment {
        name: "stream",
        title: "Two messages were sent, and one was received",
        chapter: "docs/src/stream.md",
        run: Run::Plain(stream::run),
    },
    Experiment {
        name: "backlog",
        title: "Connected, and nobody has accepted",
        chapter: "docs/src/backlog.md",
        run: Run::Plain(backlog::run),
    },
    Experiment {
        name: "socket-state",
        title: "A server that has ended, and a port still in use",
        chapter: "docs/src/socket-state.md",
        run: Run::Plain(socket_state::run),
    },
    Experiment {
        name: "two-hosts",
        title: "A cable is cut, and neither end notices",
        chapter: "docs/src/two-hosts.md",
        run: Run::Plain(two_hosts::run),
    },
    Experiment {
        name: "ping",
        title: "A host that answers, with no server running",
        chapter: "docs/src/ping.md",
        run: Run::With {
            operand: "HOST",
            run: ping::run,
        },
    },
    Experiment {
        name: "errors",
        title: "The errors of a socket, each one provoked",
        chapter: "docs/src/errors.md",
        run: Run::With {
            operand: "ERROR",
            run: errors::run,
        },
    },
    Experiment {
        name: "hostnames",
        title: "One name, several addresses, in an order not yours",
        chapter: "docs/src/hostnames.md",
        run: Run::With {
            operand: "NAME",
            run: hostnames::run,
        },
    },
    Experiment {
        name: "blocking",
        title: "EAGAIN, and nothing is wrong",
        chapter: "docs/src/blocking.md",
        run: Run::Plain(blocking::run),
    },
    Experiment {
        name: "closing",
        title: "Every send succeeded, and yet bytes are lost",
        chapter: "docs/src/closing.md",
        run: Run::Plain(closing::run),
    },
    Experiment {
        name: "endianness",
        title: "The number 1, read as 16,777,216",
        chapter: "docs/src/byte-order.md",
        run: Run::Plain(endianness::run),
    },
    Experiment {
        name: "balancer",
        title: "A server is killed, and no newcomer notices",
        chapter: "docs/src/conclusion.md",
        run: Run::Plain(balancer::run),
    },
];

/// The list of them, as it is printed.
pub(crate) fn list() -> String {
    let mut text = String::from("Experiments, after cargo xtask lab\n\n");
    for experiment in EXPERIMENTS {
        text += &format!("  {:<17}{}\n", experiment.usage(), experiment.title);
    }
    text += "  all              one after another\n\n\
             Start with: cargo xtask lab stream\n\
             With --ask, you say first what the kernel will do.\n";
    text
}

impl Experiment {
    /// The one with this name, or whose chapter has it.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        let name = name.to_lowercase().replace('_', "-");
        let page = format!("docs/src/{name}.md");
        let mut all = EXPERIMENTS.iter();
        all.find(|it| it.name == name || it.chapter == page)
    }

    /// The one that may be meant by another name: they begin alike.
    pub(crate) fn like(name: &str) -> Option<&'static Self> {
        let start: String = name.to_lowercase().chars().take(3).collect();
        EXPERIMENTS.iter().find(|it| it.name.starts_with(&start))
    }

    /// What stands below it.
    pub(crate) fn ending(&self) -> Ending<'static> {
        let mut from_here =
            EXPERIMENTS.iter().skip_while(|it| it.name != self.name);
        let next = match from_here.nth(1) {
            Some(next) => format!("cargo xtask lab {}", next.name),
            None => "cargo xtask exercise".to_owned(),
        };
        Ending {
            title: self.title,
            chapter: self.chapter,
            next,
        }
    }

    /// As it is typed: `ping [HOST]`.
    pub(crate) fn usage(&self) -> String {
        match self.run {
            Run::Plain(_) => self.name.to_owned(),
            Run::With { operand, .. } => format!("{} [{operand}]", self.name),
        }
    }
}
