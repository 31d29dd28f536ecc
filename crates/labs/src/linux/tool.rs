//! What `ss`, `netstat` and `lsof` print about the same sockets, if they are
//! there.

use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use anyhow::Context;

use crate::child::{self, Running};
use crate::lab::Lab;

/// They only read a table.
const DEADLINE: Duration = Duration::from_secs(5);

/// Where they are on some systems, though only root looks there.
const ALSO: [&str; 2] = ["/usr/sbin", "/sbin"];

/// The package that brings each, on most distributions.
const PACKAGES: [(&str, &str); 3] = [
    ("ss", "iproute2"),
    ("netstat", "net-tools"),
    ("lsof", "lsof"),
];

/// Runs a command such as `ss -tan`, tells the lines in which all these addresses
/// stand, and returns them. If there is no such program, it says which package
/// brings it.
///
/// # Errors
///
/// If it can't be started, or doesn't end.
pub(crate) fn show(
    lab: &mut Lab,
    command: &str,
    addresses: &[SocketAddr],
) -> anyhow::Result<Option<Vec<String>>> {
    let mut words = command.split_whitespace();
    let name = words.next().expect("a command has a name");
    let Some(path) = find(name) else {
        let package = PACKAGES.iter().find(|(tool, _)| *tool == name);
        let package = package.map_or(name, |(_, package)| *package);
        let why = format!("it isn't here; install {package}");
        lab.not_shown(format!("what {name} prints"), why);
        return Ok(None);
    };
    let text = output(&path, words)
        .with_context(|| format!("cannot run {}", path.display()))?;
    let lines = text.lines().filter(|line| {
        // lsof has an arrow between the two.
        let words: Vec<_> =
            line.split([' ', '-', '>']).map(str::to_owned).collect();
        addresses
            .iter()
            .all(|address| words.contains(&address.to_string()))
    });
    // They line up their columns for the whole table; here is a part of it.
    let mut lines: Vec<_> = lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    // Theirs are in no order that means anything.
    lines.sort_by_key(|line| line.find(&addresses[0].to_string()));
    for line in &lines {
        lab.found(name, line.as_str());
    }
    Ok(Some(lines))
}

fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(ALSO.map(PathBuf::from));
    folders
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn output<'a>(
    program: &Path,
    arguments: impl Iterator<Item = &'a str>,
) -> anyhow::Result<String> {
    let mut command = child::command(program)?;
    command
        .args(arguments)
        // netstat translates the states.
        .env("LC_ALL", "C")
        .env_remove("LANGUAGE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut running = Running(command.spawn()?);
    let mut stdout = running.0.stdout.take().expect("it is piped");
    // Whoever hangs is killed when `running` goes, and then this thread ends, too.
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let result = stdout.read_to_end(&mut text).map(|_| text);
        // Nobody listens any more once the deadline is over.
        let _ = sender.send(result);
    });
    let text = receiver
        .recv_timeout(DEADLINE)
        .context("it does not end")??;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
