//! Building programs.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use crate::catalogue::Exercise;
use crate::places;
use crate::process::{self, Cancel, End};

/// The first build fetches and compiles all that the programs use, perhaps over a
/// slow network.
const LIMIT: Duration = Duration::from_secs(1800);

/// How a build ended. Cargo's own messages are on the terminal by then.
#[derive(Debug)]
pub(crate) enum Built {
    Program(PathBuf),
    Failed,
    Cancelled,
}

/// Builds the learner's copy.
pub(crate) fn build_copy(exercise: &Exercise, cancel: &Cancel) -> anyhow::Result<Built> {
    // Kept from one exercise to the next, and away from what the workspace builds.
    let target = places::target()?.join("exercises");
    let mut cargo = cargo_build();
    cargo
        .arg("--manifest-path")
        .arg(places::work().join("Cargo.toml"))
        .args(["--bin", exercise.name, "--target-dir"])
        .arg(&target);
    Ok(match process::run(&mut cargo, LIMIT, cancel)?.end {
        End::ByItself(status) if status.success() => {
            Built::Program(target.join("debug").join(file_name(exercise.name)))
        }
        End::ByItself(_) | End::TooLong => Built::Failed,
        End::Cancelled => Built::Cancelled,
    })
}

/// Builds all broken programs and all solutions.
pub(crate) fn build_all() -> anyhow::Result<Programs> {
    let target = places::target()?;
    let mut cargo = cargo_build();
    cargo
        .args(["--bins", "--package", "zoo", "--package", "solutions"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(places::root());
    match process::run(&mut cargo, LIMIT, &Cancel::default())?.end {
        End::ByItself(status) if status.success() => Ok(Programs(target.join("debug"))),
        _ => bail!("cannot build the exercises; cargo's messages stand above"),
    }
}

/// The folder with all broken programs and all solutions, built.
#[derive(Debug)]
pub(crate) struct Programs(PathBuf);

impl Programs {
    pub(crate) fn broken(&self, exercise: &Exercise) -> PathBuf {
        self.0.join(file_name(exercise.name))
    }

    /// In the same folder, so not under the same name.
    pub(crate) fn solution(&self, exercise: &Exercise) -> PathBuf {
        self.0
            .join(file_name(&format!("{}-solution", exercise.name)))
    }
}

fn file_name(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

fn cargo_build() -> Command {
    // Inside `cargo xtask`, cargo says which cargo it is.
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet"]);
    cargo
}
