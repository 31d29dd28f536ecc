//! Where everything is.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::catalogue::Exercise;

/// Another folder for the learner's copies: tests are not to touch the real one.
const WORK_VARIABLE: &str = "EXERCISES_WORK";

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate is two folders below the root")
}

/// The learner's own package.
pub(crate) fn work() -> PathBuf {
    env::var_os(WORK_VARIABLE).map_or_else(|| root().join("crates/exercises/work"), PathBuf::from)
}

/// The learner's copy of the program.
pub(crate) fn copy(exercise: &Exercise) -> PathBuf {
    work().join("src/bin").join(exercise.name)
}

/// The program as it is broken.
pub(crate) fn broken(exercise: &Exercise) -> PathBuf {
    root()
        .join("crates/exercises/zoo/src/bin")
        .join(exercise.name)
}

/// The program as it should be.
pub(crate) fn solution(exercise: &Exercise) -> PathBuf {
    root()
        .join("crates/exercises/solutions/src/bin")
        .join(exercise.name)
}

/// The folder with `debug` in it. Asking the executable, and not the workspace, is
/// right under `CARGO_TARGET_DIR` too.
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let executable = env::current_exe().context("cannot find the path of this program")?;
    let folder = executable.ancestors().nth(2);
    Ok(folder.unwrap_or(Path::new("target")).to_owned())
}

/// The checker, which is built together with this program.
pub(crate) fn checker() -> anyhow::Result<PathBuf> {
    let executable = env::current_exe().context("cannot find the path of this program")?;
    Ok(executable.with_file_name(format!("checker{}", env::consts::EXE_SUFFIX)))
}

/// A path as the learner would type it, at the root of the workspace.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.display().to_string()
}
