//! A program to be judged, as the command line names it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::AtomicU64;

use anyhow::{Context, anyhow, bail};

use crate::arena::{Arena, Setup};
use crate::args::Args;
use crate::escape::{quoted, quoted_command};
use crate::fixed_port::who_listens_on;
use crate::ours::ours;
use crate::outcome::{Miss, limit_of};
use crate::speech::Speech;
use crate::stage::{Side, Stage};
use crate::subject::{Subject, Template};
use crate::system::{Listening, Ports, command_exists};

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
            let template = Template {
                env: Vec::new(),
                words,
                folder: None,
            };
            return Ok(vec![one(side, Subject::Command(template))]);
        }
        [Side::Server, Side::Client]
            .into_iter()
            .map(|side| {
                let ours = ours(args.stage, side)?;
                let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                Ok(Self {
                    side,
                    subject: Subject::Command(Template {
                        env: Vec::new(),
                        words: ours.words,
                        folder: None,
                    }),
                    short_deadline: given(ours.short_deadline),
                    stdin: given(ours.stdin),
                })
            })
            .collect()
    }

    /// What its rows share; an error if it can't be judged at all.
    pub(crate) fn setup(&self, args: &Args) -> anyhow::Result<Setup> {
        let split = |text: &Option<String>| text.as_deref().map(shell_words::split).transpose();
        let setup = Setup {
            stage: args.stage,
            subject: self.subject.clone(),
            speech: match args.stage {
                Stage::Echo | Stage::Multiconn => Speech::Echo,
                Stage::AppProtocol => Speech::Messages,
            },
            host: args.host,
            fixed_port: args.port,
            ports: Ports::new(),
            patience: args.timeout,
            give_up: args.patience,
            short_deadline: split(&self.short_deadline).context("--short-deadline")?,
            stdin: split(&self.stdin).context("--stdin")?,
            drain_deadline: args.drain_deadline,
            slowest_start: AtomicU64::new(0),
        };
        self.check_command(args)?;
        check_loopback(&setup)?;
        if self.side == Side::Server {
            probe(&setup)?;
        }
        Ok(setup)
    }

    fn check_command(&self, args: &Args) -> anyhow::Result<()> {
        let Subject::Command(template) = &self.subject else {
            return Ok(());
        };
        let program = &template.words[0];
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
                let settings: String = template.env.iter().map(setting).collect();
                settings + &quoted_command(&template.words)
            }
            Subject::Running(address) => address.to_string(),
        }
    }
}

/// Connects to itself once: where that fails, no program could do better. A port that a
/// program can't be told must be free.
fn check_loopback(setup: &Setup) -> anyhow::Result<()> {
    if matches!(setup.subject, Subject::Running(_)) {
        return Ok(());
    }
    let host = setup.host;
    let listener = TcpListener::bind((host, 0)).with_context(|| {
        format!("nobody can listen on {host} here; is it an address of this machine?")
    })?;
    let address = listener.local_addr().context("cannot find its own port")?;
    TcpStream::connect(address).map_err(|error| {
        let why = limit_of(&error).unwrap_or_else(|| error.to_string());
        anyhow!("the checker can't connect to itself on {host}: {why}")
    })?;
    let Some(port) = setup.fixed_port else {
        return Ok(());
    };
    match who_listens_on(SocketAddr::new(host, port)) {
        Some(owner) => bail!(owner),
        None => Ok(()),
    }
}

/// Starts the server once: one that never listens can't be judged.
fn probe(setup: &Setup) -> anyhow::Result<()> {
    let started = match setup.subject {
        Subject::Command(_) => Arena::new(setup).serve().map(|_| ()),
        // Not connected to: a server of one client would then have had it.
        Subject::Running(address) if nobody_listens(address) => {
            bail!("nobody listens on {address}: is the server running, and on this port?")
        }
        Subject::Running(_) => Ok(()),
    };
    started.map_err(|miss| match miss {
        Miss::NotJudged(reason) => anyhow!(reason),
        Miss::Fails(failure) => anyhow!(failure.came),
    })
}

/// True if this machine's table of sockets says so; other machines have their own.
fn nobody_listens(address: SocketAddr) -> bool {
    match Listening::now() {
        Listening::On(sockets) => {
            let is_this = |(listening, _): &(SocketAddr, u64)| listening.port() == address.port();
            address.ip().is_loopback() && !sockets.iter().any(is_this)
        }
        Listening::Unknown => false,
    }
}
