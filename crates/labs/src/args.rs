//! The command line: what may be asked for, and by which words.

use clap::{Parser, Subcommand};

use crate::catalogue::Experiment;
use crate::child;

/// Does what books only tell: each call is made here and now, and shown with
/// what came of it.
///
/// Without a NAME, it lists the experiments. Each takes a few seconds, and
/// leaves nothing behind. In what they print:
///
///   client   recv(64)    = 6 "Hello."     who called what, and what came of it
///   client   recv(64)    = EAGAIN (11)    an error, with its number
///   =>   a sentence that was tried on what came, and holds
///   --   a part that this machine doesn't allow, with what to do about it
#[derive(Parser)]
#[command(
    name = "cargo xtask lab",
    bin_name = "cargo xtask lab",
    version,
    verbatim_doc_comment,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  cargo xtask lab stream\n  \
                  cargo xtask lab stream --ask\n  \
                  cargo xtask lab errors ECONNRESET\n  \
                  cargo xtask lab all\n\n\
                  Exit status: 0 done, 1 it failed here, 2 wrong usage."
)]
pub(crate) struct Args {
    /// The experiment, or all, one after another
    #[arg(value_parser = parse_name)]
    pub(crate) name: Option<Name>,
    /// Its subject: a host (ping), an error (errors), a name (hostnames)
    #[arg(value_name = "SUBJECT", requires = "name")]
    pub(crate) operand: Option<String>,
    /// Ask, before the notable calls, what they will do
    #[arg(long, requires = "name")]
    pub(crate) ask: bool,
    /// Print what happens as JSON lines
    #[arg(long, requires = "name", conflicts_with = "ask")]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Hidden>,
}

/// What this program is started for by itself, and by `prepare`.
#[derive(Subcommand)]
pub(crate) enum Hidden {
    #[command(name = child::BOUND, hide = true)]
    Bound(child::Args),
    #[command(hide = true)]
    ProbeNamespaces,
}

#[derive(Clone, Copy)]
pub(crate) enum Name {
    One(&'static Experiment),
    All,
}

fn parse_name(name: &str) -> Result<Name, String> {
    if name == "all" {
        return Ok(Name::All);
    }
    let experiment = Experiment::named(name).map(Name::One);
    experiment.ok_or_else(|| {
        let hint = match Experiment::like(name) {
            Some(experiment) => format!("did you mean {}? ", experiment.name),
            None => String::new(),
        };
        format!("there is none; {hint}`cargo xtask lab` lists them")
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Args;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
