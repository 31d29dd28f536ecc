//! A program to be judged, as the command line names it.

use std::io::{self, Write};
use std::sync::Once;

use anyhow::{Context, anyhow, bail};
use checker::{Side, Subject, Template, Trial, command_exists};

use crate::args::Args;
use crate::escape::{quoted, quoted_command};
use crate::interrupt::INTERRUPTED;
use crate::ours::ours;

/// A program to be judged.
pub(crate) struct Accused {
    pub(crate) side: Side,
    pub(crate) subject: Subject,
    pub(crate) short_deadline: Option<String>,
    pub(crate) stdin: Option<String>,
}

impl Accused {
    /// What the command line names.
    pub(crate) fn of(args: &Args) -> anyhow::Result<Vec<Self>> {
        let one = |side, subject| Self {
            side,
            subject,
            short_deadline: args.short_deadline.clone(),
            stdin: args.stdin.clone(),
        };
        if let Some(address) = args.connect {
            return Ok(vec![one(Side::Server, Subject::Running(address))]);
        }
        if !args.command.is_empty() {
            let side = if args.client {
                Side::Client
            } else {
                Side::Server
            };
            let words = args.command.clone();
            let template = Template::of_words(words);
            return Ok(vec![one(side, Subject::Command(template))]);
        }
        [Side::Server, Side::Client]
            .into_iter()
            .map(|side| {
                let ours = ours(args.stage, side)?;
                let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                Ok(Self {
                    side,
                    subject: Subject::Command(Template::of_words(ours.words)),
                    short_deadline: given(ours.short_deadline),
                    stdin: given(ours.stdin),
                })
            })
            .collect()
    }

    /// How it is judged; an error if it can't be.
    pub(crate) fn trial(&self, args: &Args) -> anyhow::Result<Trial> {
        let split = |text: &Option<String>| text.as_deref().map(shell_words::split).transpose();
        let mut trial = Trial::new(args.stage, self.side, self.subject.clone());
        trial.host = args.host;
        trial.fixed_port = args.port;
        trial.patience = args.timeout;
        trial.give_up = args.patience;
        trial.short_deadline = split(&self.short_deadline).context("--short-deadline")?;
        trial.stdin = split(&self.stdin).context("--stdin")?;
        trial.drain_deadline = args.drain_deadline;
        trial.interrupted = Some(&INTERRUPTED);
        trial.tell = tell_once;
        self.check_command(args)?;
        trial.check_start().map_err(|reason| anyhow!(reason))?;
        Ok(trial)
    }

    fn check_command(&self, args: &Args) -> anyhow::Result<()> {
        let Subject::Command(template) = &self.subject else {
            return Ok(());
        };
        let program = &template.command.words[0];
        if !command_exists(program, template.folder.as_deref()) {
            bail!("cannot start `{program}`: there is no such command");
        }
        if !template.has("{port}") && args.port.is_none() {
            bail!(
                "`{}` isn't told a port: put {{port}} into the command, or say by --port which it uses",
                self.program()
            );
        }
        Ok(())
    }

    /// How it is called in a report.
    pub(crate) fn program(&self) -> String {
        match &self.subject {
            Subject::Command(template) => {
                let setting =
                    |(name, value): &(String, String)| format!("{name}={} ", quoted(value));
                let settings: String = template.command.env.iter().map(setting).collect();
                settings + &quoted_command(&template.command.words)
            }
            Subject::Running(address) => address.to_string(),
        }
    }
}

/// Says what the person who asked has to wait for, the first time.
fn tell_once(line: &str) {
    static TOLD: Once = Once::new();
    // Nothing is left to do if standard error is closed.
    TOLD.call_once(|| drop(writeln!(io::stderr(), "{line}")));
}
