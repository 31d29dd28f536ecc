//! Where everything is.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::catalogue::Exercise;

/// Where the course is, if `cargo xtask` has started this program.
const ROOT_VARIABLE: &str = "COURSE_ROOT";

/// Another folder for the learner's copies: tests are not to touch the real one.
const WORK_VARIABLE: &str = "EXERCISES_WORK";

/// The root of the workspace: as `cargo xtask` says, or, started by hand, the next
/// one here or above. It is found at run time, since a course may be moved, or copied
/// together with its programs.
pub(crate) fn root() -> PathBuf {
    let is_root = |folder: &&Path| folder.join("crates/exercises/zoo/Cargo.toml").is_file();
    env::var_os(ROOT_VARIABLE).map_or_else(
        || {
            let here = env::current_dir().unwrap_or_default();
            let root = here.ancestors().find(is_root).map(Path::to_owned);
            // Where there is none, the first file that is missing is named.
            root.unwrap_or(here)
        },
        PathBuf::from,
    )
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

/// A path as the learner would type it here, into a shell, too.
pub(crate) fn shown(path: &Path) -> String {
    let here = env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(here).unwrap_or(path).to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    match path.chars().all(is_plain) {
        true => path.into_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
