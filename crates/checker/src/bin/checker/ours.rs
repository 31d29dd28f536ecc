//! The course's own programs, as commands: they stand beside this one.

use std::env;
use std::path::Path;

use anyhow::{Context, bail};

use checker::{Side, Stage};

/// A program, and how it is told what not every program can be told.
pub(crate) struct Ours {
    pub(crate) words: Vec<String>,
    pub(crate) short_deadline: &'static str,
    pub(crate) stdin: &'static str,
}

/// The course's own program.
pub(crate) fn ours(stage: Stage, side: Side) -> anyhow::Result<Ours> {
    let (words, short_deadline, stdin) = match (stage, side) {
        (Stage::Echo, Side::Server) => ("echo-server {host} {port}", "", ""),
        (Stage::Echo, Side::Client) => ("echo-client {host} {port}", "--timeout 0.5", "-"),
        (Stage::Multiconn, Side::Server) => ("multiconn-server {host} {port}", "", ""),
        (Stage::Multiconn, Side::Client) => (
            "multiconn-client {host} {port} {connections}",
            "--timeout 0.5",
            "",
        ),
        (Stage::AppProtocol, Side::Server) => (
            "app-server {host} {port}",
            "--header-timeout 0.5 --idle-timeout 0.5",
            "",
        ),
        (Stage::AppProtocol, Side::Client) => (
            "app-client {host} {port} {action} {value}",
            "--timeout 0.5",
            "",
        ),
    };
    let mut words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    let checker = env::current_exe().context("cannot find the path of the checker itself")?;
    let program = checker.with_file_name(format!("{}{}", words[0], env::consts::EXE_SUFFIX));
    if !program.is_file() {
        bail!(
            "no {} beside the checker; `cargo xtask check` builds it",
            words[0]
        );
    }
    // As it would be typed here.
    let here = env::current_dir().unwrap_or_default();
    let short = program.strip_prefix(&here).unwrap_or(&program);
    // A name alone would be looked for in the PATH.
    let is_name = short.components().count() == 1;
    let program = Path::new(if is_name { "." } else { "" }).join(short);
    words[0] = program.to_string_lossy().into_owned();
    Ok(Ours {
        words,
        short_deadline,
        stdin,
    })
}
