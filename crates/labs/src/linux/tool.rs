//! What `ss`, `netstat` and `lsof` print about the same sockets, if they are
//! there.

use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use rlimit::Resource;

use crate::child::{self, Running};
use crate::lab::Lab;

/// They only read a table.
const DEADLINE: Duration = Duration::from_secs(2);

/// Some versions of lsof begin by closing every descriptor that they may have,
/// open or not; in some containers that is a thousand million.
const MAX_DESCRIPTORS: u64 = 1024;

/// The package that brings each, on most distributions.
const PACKAGES: [(&str, &str); 3] = [
    ("ss", "iproute2"),
    ("netstat", "net-tools"),
    ("lsof", "lsof"),
];

/// Runs a command such as `ss -tan`, tells the lines in which all these
/// addresses stand, and returns them. If there are none, it says why.
pub(crate) fn show(
    lab: &mut Lab,
    command: &str,
    addresses: &[SocketAddr],
) -> Option<Vec<String>> {
    let lines = lines(lab, command, addresses)?;
    let name = name(command);
    if lines.is_empty() {
        let why = "it says nothing about these sockets here";
        lab.not_shown(format!("what {name} prints"), why);
        return None;
    }
    for line in &lines {
        lab.found(name, line.as_str());
    }
    Some(lines)
}

/// The same lines, not told. If the command can't be run, it says why: if there
/// is no such program, with the package that brings it.
pub(crate) fn lines(
    lab: &mut Lab,
    command: &str,
    addresses: &[SocketAddr],
) -> Option<Vec<String>> {
    let text = match run(command) {
        Ok(text) => text,
        Err(error) => {
            let what = format!("what {} prints", name(command));
            lab.not_shown(what, format!("{error:#}"));
            return None;
        }
    };
    let lines = text.lines().filter(|line| {
        // lsof has an arrow between the two.
        let words: Vec<_> = line.split([' ', '-', '>']).collect();
        addresses
            .iter()
            .all(|address| words.contains(&address.to_string().as_str()))
    });
    // They line up their columns for the whole table; here is a part of it.
    let mut lines: Vec<_> = lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    // Theirs are in no order that means anything.
    lines.sort_by_key(|line| line.find(&addresses[0].to_string()));
    Some(lines)
}

fn name(command: &str) -> &str {
    command.split(' ').next().unwrap_or(command)
}

/// What a command prints.
fn run(command: &str) -> anyhow::Result<String> {
    let name = name(command);
    let Some(path) = child::find(name) else {
        let package = PACKAGES.iter().find(|(tool, _)| *tool == name);
        let package = package.map_or(name, |(_, package)| *package);
        bail!("it isn't here; install {package}");
    };
    output(&path, command.split_whitespace().skip(1))
        .with_context(|| format!("{} cannot be run", path.display()))
}

fn output<'a>(
    program: &Path,
    arguments: impl Iterator<Item = &'a str>,
) -> anyhow::Result<String> {
    let (soft, hard) = Resource::NOFILE.get()?;
    Resource::NOFILE.set(soft.min(MAX_DESCRIPTORS), hard)?;
    let mut command = child::command(program)?;
    command
        .args(arguments)
        // netstat translates the states.
        .env("LC_ALL", "C")
        .env_remove("LANGUAGE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut running = Running {
        child: command.spawn()?,
    };
    let mut stdout = running.child.stdout.take().expect("it is piped");
    // Whoever hangs is killed when `running` goes, and then this thread ends,
    // too.
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let result = stdout.read_to_end(&mut text).map(|_| text);
        // Nobody listens any more once the deadline is over.
        let _ = sender.send(result);
    });
    match receiver.recv_timeout(DEADLINE) {
        Ok(text) => Ok(String::from_utf8_lossy(&text?).into_owned()),
        Err(_) => bail!("it did not end within {} s", DEADLINE.as_secs()),
    }
}
