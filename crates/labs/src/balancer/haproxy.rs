//! The balancer: started, asked and told.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::child::{self, Running};
use crate::wait;

const CONFIGURATION: &str = include_str!("haproxy.cfg");
/// As the configuration has them.
pub(super) const FRONT: &str = "127.0.0.1:65432";
const STATS: &str = "127.0.0.1:65430";

/// How long haproxy may take for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Haproxy {
    running: Running,
}

/// What haproxy knows of a server.
pub(super) struct Row {
    /// `UP`, `DOWN`, `DRAIN`.
    pub(super) status: String,
    /// Connections that it has now.
    pub(super) n_now: u64,
    /// Connections that it was ever given.
    pub(super) n_ever: u64,
}

/// Debian has it where only an administrator's `PATH` looks.
const DEBIAN: &str = "/usr/sbin/haproxy";

fn find() -> Option<PathBuf> {
    let debian = || Path::new(DEBIAN).is_file().then(|| DEBIAN.into());
    child::find("haproxy").or_else(debian)
}

impl Haproxy {
    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    ///
    /// If it isn't installed, or doesn't start: with what it says.
    pub(super) fn start() -> anyhow::Result<Self> {
        let program = find().context(
            "there is no haproxy here; `apt install haproxy` or `brew install \
             haproxy` brings it",
        )?;
        let mut child = child::command(&program)?
            .args(["-db", "-f", "/dev/stdin"])
            // It doesn't start where it can't find out where it is.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start haproxy")?;
        let input = child.stdin.take();
        let mut haproxy = Self {
            running: Running { child },
        };
        let mut input = input.context("haproxy has no standard input")?;
        // If it is gone already, what it says is told below.
        let _ = input.write_all(CONFIGURATION.as_bytes());
        drop(input);
        let answers = wait::until(|| {
            let has_ended = haproxy.running.child.try_wait()?.is_some();
            let answers = haproxy.row("BACKEND").is_ok();
            Ok((has_ended || answers).then_some(answers))
        })?;
        match answers {
            Some(true) => Ok(haproxy),
            _ => bail!("haproxy doesn't start: {}", haproxy.complaint()),
        }
    }

    /// Says something to haproxy, and returns its answer.
    pub(super) fn tell(&self, words: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(STATS)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(format!("{words}\n").as_bytes())?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.trim().to_owned())
    }

    /// What it knows of a server: a line of `show stat`, whose first line names
    /// the columns.
    pub(super) fn row(&self, server: &str) -> anyhow::Result<Row> {
        let table = self.tell("show stat").context("no word from haproxy")?;
        let mut lines = table.lines().map(|line| line.split(','));
        let names: Vec<&str> = lines.next().context("no table")?.collect();
        let row = lines
            .map(Iterator::collect::<Vec<&str>>)
            .find(|row| row.get(1) == Some(&server))
            .with_context(|| format!("haproxy doesn't know {server}"))?;
        let field = |name| {
            let index = names.iter().position(|found| *found == name);
            let value = index.and_then(|index| row.get(index));
            value.with_context(|| format!("haproxy doesn't tell {name}"))
        };
        Ok(Row {
            status: field("status")?.to_string(),
            n_now: field("scur")?.parse()?,
            n_ever: field("stot")?.parse()?,
        })
    }

    /// Asks until a server is as `is_so` wants it.
    ///
    /// # Errors
    ///
    /// If that takes too long: with what haproxy says then.
    pub(super) fn wait_until(
        &self,
        server: &str,
        is_so: impl Fn(&Row) -> bool,
    ) -> anyhow::Result<Row> {
        let found = wait::until(|| Ok(Some(self.row(server)?).filter(&is_so)));
        if let Some(row) = found? {
            return Ok(row);
        }
        let Row { status, n_now, .. } = self.row(server)?;
        bail!("{server} stays {status}, with {n_now} connections")
    }

    /// Why it ended, in its own words: those of its lines that are alerts.
    fn complaint(mut self) -> String {
        // It may run, and say nothing more.
        let _ = self.running.child.kill();
        let mut text = String::new();
        if let Some(mut stderr) = self.running.child.stderr.take() {
            let _ = stderr.read_to_string(&mut text);
        }
        let alerts = text.lines().filter(|line| line.contains("ALERT"));
        let alerts = alerts.collect::<Vec<_>>().join(" ");
        // Another version, or what isn't haproxy, has other words.
        let mut text = match (alerts.is_empty(), text.trim()) {
            (false, _) => alerts,
            (true, "") => "it says nothing".to_owned(),
            (true, text) => text.chars().take(200).collect(),
        };
        if text.contains("FD limit") {
            text += " (try `ulimit -n 1024`)";
        }
        text
    }
}
