//! Where the course and its programs are.
//!
//! This is found out each time, and not when this program is built: a course may be
//! copied or moved together with its programs, and cargo then builds nothing anew.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// Tells the tools where the course is.
const ROOT_VARIABLE: &str = "COURSE_ROOT";

/// The root of the workspace.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    // For a program that it runs, cargo says where its package is.
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let starts = [package, env::current_dir().ok(), env::current_exe().ok()];
    starts
        .iter()
        .flatten()
        .find_map(|start| start.ancestors().find(|folder| is_root(folder)))
        .map(Path::to_owned)
        .context("cannot find the course here or above; try again in its folder")
}

fn is_root(folder: &Path) -> bool {
    ["xtask", "crates/echo"]
        .iter()
        .all(|package| folder.join(package).join("Cargo.toml").is_file())
}

/// The folder with `debug` and `release` in it: this program is in one of them.
/// Asking the executable, and not the workspace, is right under
/// `CARGO_TARGET_DIR` too.
pub(crate) fn target_folder() -> anyhow::Result<PathBuf> {
    let executable = env::current_exe().context("cannot find the path of xtask itself")?;
    let folder = executable.ancestors().nth(2).with_context(|| {
        format!("expected xtask in the target folder, found it at {executable:?}")
    })?;
    Ok(folder.to_owned())
}

/// Sees to it that `command`, cargo or a tool, works on this course, and in this
/// target folder.
pub(crate) fn tell(command: &mut Command) -> anyhow::Result<()> {
    command.env(ROOT_VARIABLE, root()?);
    // Cargo takes a relative folder from where it is called, and it is now called
    // elsewhere: at the root.
    let variables = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"];
    if variables.iter().any(|name| env::var_os(name).is_some()) {
        command.env(variables[0], target_folder()?);
    }
    Ok(())
}
