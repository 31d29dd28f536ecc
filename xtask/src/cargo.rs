//! Building the programs, and where they then are.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::Receiver;

use anyhow::{Context, bail};

use crate::process::{LOOK_INTERVAL, ask_to_end};
use crate::run::Interrupted;
use crate::watch::Event;

/// A program of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In `src/bin` of its package.
    Binary,
    /// A small step, in `examples` of its package.
    Example,
}

impl Program {
    fn flag(self) -> &'static str {
        match self.kind {
            Kind::Binary => "--bin",
            Kind::Example => "--example",
        }
    }

    /// Where the executable is, once it is built.
    pub(crate) fn path(self, release: bool) -> anyhow::Result<PathBuf> {
        let mut path = target_folder()?;
        path.push(if release { "release" } else { "debug" });
        if self.kind == Kind::Example {
            path.push("examples");
        }
        path.push(format!("{}{}", self.name, env::consts::EXE_SUFFIX));
        Ok(path)
    }
}

/// Builds the programs, all in one call of cargo, unless it is interrupted.
pub(crate) fn build(
    programs: &[Program],
    release: bool,
    inbox: &Receiver<Event>,
) -> anyhow::Result<()> {
    let mut arguments = vec!["build"];
    for program in programs {
        arguments.extend(["--package", program.package, program.flag(), program.name]);
    }
    if release {
        arguments.push("--release");
    }
    let mut cargo = start_cargo(&arguments)?;
    loop {
        match inbox.recv_timeout(LOOK_INTERVAL) {
            Ok(Event::Interrupted) => {
                ask_to_end(&mut cargo);
                cargo.wait()?;
                bail!(Interrupted);
            }
            _ => match cargo.try_wait()? {
                Some(status) => {
                    // Ctrl-C reaches cargo, too, perhaps before it reaches us.
                    if !status.success()
                        && let Ok(Event::Interrupted) = inbox.recv_timeout(20 * LOOK_INTERVAL)
                    {
                        bail!(Interrupted);
                    }
                    return check(status, &arguments);
                }
                None => continue,
            },
        }
    }
}

/// Runs cargo at the root of the workspace; its own messages are the progress.
pub(crate) fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    let status = start_cargo(arguments)?.wait()?;
    check(status, arguments)
}

fn start_cargo(arguments: &[&str]) -> anyhow::Result<Child> {
    // Inside `cargo xtask`, cargo says which cargo it is.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args(arguments)
        .current_dir(workspace_root())
        .spawn()
        .with_context(|| format!("cannot start `cargo {}`", arguments.join(" ")))
}

fn check(status: ExitStatus, arguments: &[&str]) -> anyhow::Result<()> {
    if !status.success() {
        let command_line = arguments.join(" ");
        bail!("`cargo {command_line}` failed ({status}); its messages stand above");
    }
    Ok(())
}

fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the workspace")
}

/// The folder with `debug` and `release` in it: this program is in one of them.
/// Asking the executable, and not the workspace, is right under
/// `CARGO_TARGET_DIR` too.
fn target_folder() -> anyhow::Result<PathBuf> {
    let executable = env::current_exe().context("cannot find the path of xtask itself")?;
    let folder = executable.ancestors().nth(2).with_context(|| {
        format!("expected xtask in the target folder, found it at {executable:?}")
    })?;
    Ok(folder.to_owned())
}
