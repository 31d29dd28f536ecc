//! Many programs, a folder each.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::subject::Template;

/// The file that holds a folder's command.
const COMMAND_FILE: &str = "run.txt";

/// The folders in `folder`, by their names.
pub(crate) fn submissions(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot look into {}", folder.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        if path.is_dir() && !is_hidden {
            folders.push(path.canonicalize()?);
        }
    }
    folders.sort();
    if folders.is_empty() {
        bail!(
            "{} has no folders in it: one for each program is expected",
            folder.display()
        );
    }
    Ok(folders)
}

/// The command in a folder's file: its first line that says something.
pub(crate) fn command_of(folder: &Path) -> anyhow::Result<Template> {
    let text = fs::read_to_string(folder.join(COMMAND_FILE))
        .with_context(|| format!("cannot read {COMMAND_FILE}"))?;
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .with_context(|| format!("{COMMAND_FILE} has no command in it"))?;
    let words = shell_words::split(line).with_context(|| format!("{COMMAND_FILE}: {line}"))?;
    Ok(Template {
        words,
        folder: Some(folder.to_owned()),
    })
}
