//! Many programs, a folder each.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use checker::{Template, command_line};

/// The file that holds a folder's command.
const COMMAND_FILE: &str = "run.txt";

/// The folders in `folder`, by their names, without the one of the results.
pub(crate) fn submissions(folder: &Path, results: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot look into {}", folder.display()))?;
    // Nobody has handed in what an earlier run has left there.
    let results = results.canonicalize().ok();
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
    folders.retain(|folder| Some(folder) != results.as_ref());
    folders.sort();
    if folders.is_empty() {
        bail!(
            "{} has no folders in it: one for each program is expected",
            folder.display()
        );
    }
    Ok(folders)
}

/// True if nothing says how the program is started.
pub(crate) fn lacks_command(folder: &Path) -> bool {
    !folder.join(COMMAND_FILE).exists()
}

/// The command in a folder's file.
pub(crate) fn command_of(folder: &Path) -> anyhow::Result<Template> {
    let bytes = fs::read(folder.join(COMMAND_FILE))
        .with_context(|| format!("cannot read {COMMAND_FILE}"))?;
    let line = command_line::text(&bytes)
        .and_then(|text| command_line::command(&text))
        .map_err(|wrong| anyhow!("{COMMAND_FILE}: {wrong}"))?;
    Ok(Template {
        env: line.env,
        words: line.words,
        folder: Some(folder.to_owned()),
    })
}
