//! The programs of the workspace.

use std::env;
use std::path::PathBuf;

use crate::places;

/// A program, by the names that cargo has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
}

impl Program {
    pub(crate) const fn new(package: &'static str, name: &'static str) -> Self {
        Self { package, name }
    }

    /// Where the executable is, once it is built.
    pub(crate) fn path(self, release: bool) -> anyhow::Result<PathBuf> {
        let mut path = places::target_folder()?;
        path.push(if release { "release" } else { "debug" });
        path.push(format!("{}{}", self.name, env::consts::EXE_SUFFIX));
        Ok(path)
    }
}
