//! The learner's copies: a package of its own, which no other work can break.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::{fs, io};

use anyhow::Context;

use crate::catalogue::Exercise;
use crate::places;

/// What the programs use, and what a repair may need.
const DEPENDENCIES: [&str; 6] = ["anyhow", "ctrlc", "mio", "serde", "serde_json", "socket2"];

/// Sees to it that the learner has a copy of the program. Returns true if it is new.
pub(crate) fn ensure(exercise: &Exercise) -> anyhow::Result<bool> {
    write_package()?;
    let is_new = !places::copy(exercise).join("main.rs").exists();
    if is_new {
        copy_broken(exercise)?;
    }
    Ok(is_new)
}

/// Makes the learner's copy what the broken program is.
pub(crate) fn reset(exercise: &Exercise) -> anyhow::Result<()> {
    write_package()?;
    copy_broken(exercise)
}

/// The names of the files of a program.
pub(crate) fn files(folder: &Path) -> anyhow::Result<BTreeSet<OsString>> {
    let list = || -> io::Result<BTreeSet<OsString>> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(path.file_name().map(ToOwned::to_owned));
            }
        }
        Ok(names)
    };
    list().with_context(|| format!("cannot read {}", places::shown(folder)))
}

fn copy_broken(exercise: &Exercise) -> anyhow::Result<()> {
    let (from, to) = (places::broken(exercise), places::copy(exercise));
    let broken = files(&from)?;
    create_folder(&to)?;
    // The folder itself stays: somebody may watch it.
    for name in files(&to)?.difference(&broken) {
        let path = to.join(name);
        fs::remove_file(&path)
            .with_context(|| format!("cannot remove {}", places::shown(&path)))?;
    }
    for name in &broken {
        let path = from.join(name);
        let text =
            fs::read(&path).with_context(|| format!("cannot read {}", places::shown(&path)))?;
        write(&to.join(name), &text)?;
    }
    Ok(())
}

/// Writes what makes the folder a package, each time: the versions may have changed.
fn write_package() -> anyhow::Result<()> {
    let work = places::work();
    create_folder(&work)?;
    let root = |name: &str| {
        let path = places::root().join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", places::shown(&path)))
    };
    write(
        &work.join("Cargo.toml"),
        manifest(&root("Cargo.toml")?).as_bytes(),
    )?;
    // With the versions that are there already, nothing has to be fetched.
    write(&work.join("Cargo.lock"), root("Cargo.lock")?.as_bytes())?;
    // Git is not to offer the learner's attempts for a commit.
    write(&work.join(".gitignore"), b"*\n")
}

/// The manifest, with dependencies as the workspace has them.
fn manifest(workspace: &str) -> String {
    let is_wanted = |line: &&str| {
        let name = line.split_once(" = ").map(|(name, _)| name);
        name.is_some_and(|name| DEPENDENCIES.contains(&name))
    };
    let dependencies: Vec<&str> = workspace.lines().filter(is_wanted).collect();
    format!(
        "# Your copies of the broken programs. `cargo xtask exercise` writes this file.\n\
         [package]\n\
         name = \"work\"\n\
         version = \"0.1.0\"\n\
         edition = \"2024\"\n\
         publish = false\n\
         \n\
         [dependencies]\n\
         {}\n\
         \n\
         # A workspace of its own: what doesn't compile here breaks nothing elsewhere.\n\
         [workspace]\n\
         \n\
         [profile.dev]\n\
         debug = \"line-tables-only\"\n\
         \n\
         [profile.dev.package.\"*\"]\n\
         debug = false\n",
        dependencies.join("\n")
    )
}

fn create_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| {
        let folder = places::shown(folder);
        format!("cannot make {folder}; EXERCISES_WORK may name another folder")
    })
}

/// Leaves a file alone that is right already: cargo would build it again.
fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    match fs::read(path) {
        Ok(present) if present == content => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot read {}", places::shown(path)));
        }
        _ => {}
    }
    fs::write(path, content).with_context(|| format!("cannot write {}", places::shown(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_has_each_dependency_as_the_workspace_has_it() {
        let root = include_str!("../../../Cargo.toml");
        let manifest = manifest(root);
        for name in DEPENDENCIES {
            let line = manifest
                .lines()
                .find(|line| line.starts_with(&format!("{name} = ")));
            let line = line.expect(name);
            assert!(root.contains(line), "{line}");
            assert_eq!(
                line.matches('{').count(),
                line.matches('}').count(),
                "{line}"
            );
        }
        assert!(manifest.contains("\n[workspace]\n"));
    }
}
