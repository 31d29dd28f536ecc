//! All experiments, in the order in which the book comes to them.

use crate::lab::Lab;
use crate::stream;

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

pub(crate) const EXPERIMENTS: [Experiment; 1] = [Experiment {
    name: "stream",
    title: "Two messages were sent, and one was received",
    chapter: "docs/src/stream.md",
    run: Run::Plain(stream::run),
}];

impl Experiment {
    /// The one with this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        EXPERIMENTS
            .iter()
            .find(|experiment| experiment.name == name)
    }

    /// As it is typed: `ping [HOST]`.
    pub(crate) fn usage(&self) -> String {
        match self.run {
            Run::Plain(_) => self.name.to_owned(),
            Run::With { operand, .. } => format!("{} [{operand}]", self.name),
        }
    }
}
