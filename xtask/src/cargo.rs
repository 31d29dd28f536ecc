//! Calling cargo, whose own messages are the progress.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::Receiver;
use std::{env, fs};

use anyhow::{Context, bail};

use crate::error::Interrupted;
use crate::event::Event;
use crate::places;
use crate::process::{LOOK_INTERVAL, ask_to_end};
use crate::program::Program;

/// Builds the programs, all in one call of cargo, unless it is interrupted.
pub(crate) fn build(
    programs: &[Program],
    release: bool,
    inbox: &Receiver<Event>,
) -> anyhow::Result<()> {
    let arguments = build_arguments(programs, release);
    let mut cargo = start(&arguments)?;
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

/// What cargo is told to build the programs. To build them as another command does,
/// the same packages have to be named: cargo gives a dependency the features that
/// all packages named want of it.
pub(crate) fn build_arguments(programs: &[Program], release: bool) -> Vec<&'static str> {
    let mut arguments = vec!["build"];
    for program in programs {
        arguments.extend(["--package", program.package, "--bin", program.name]);
    }
    if release {
        arguments.push("--release");
    }
    arguments
}

/// Runs cargo at the root of the workspace.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let status = start(arguments)?.wait()?;
    check(status, arguments)
}

fn start(arguments: &[&str]) -> anyhow::Result<Child> {
    let root = places::root()?;
    claim_target_folder(&root)?;
    start_in(&root, arguments)
}

/// Two courses may share a target folder, by `CARGO_TARGET_DIR`. They would run each
/// other's programs: cargo knows a package by its place in its workspace, and takes
/// what is newer than the sources for what was built from them. So what another
/// course has built is thrown away; the dependencies, most of it, stay.
fn claim_target_folder(root: &Path) -> anyhow::Result<()> {
    let target = places::target_folder()?;
    let root_itself = root.canonicalize()?;
    if target.starts_with(&root_itself) {
        return Ok(());
    }
    let owner = target.join("course");
    let name = root_itself.as_os_str().as_encoded_bytes();
    match fs::read(&owner) {
        Ok(present) if present == name => return Ok(()),
        Ok(_) => {
            for profile in ["dev", "release"] {
                let arguments = ["clean", "--quiet", "--workspace", "--profile", profile];
                check(start_in(root, &arguments)?.wait()?, &arguments)?;
            }
        }
        Err(_) => {}
    }
    fs::write(&owner, name).with_context(|| format!("cannot write {}", owner.display()))
}

fn start_in(root: &Path, arguments: &[&str]) -> anyhow::Result<Child> {
    // Inside `cargo xtask`, cargo says which cargo it is.
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(root);
    places::tell(&mut cargo)?;
    cargo
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
