//! Many programs, a folder each.

use std::fs::{self, File};
use std::io::Read;
use std::path::{self, Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};

use checker::{Template, command_line};

/// The file that holds a folder's command.
const COMMAND_FILE: &str = "run.txt";

/// Longer than any command, in bytes.
const LONGEST: u64 = 64 * 1024;

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
            // By the name that it has here, also where that is a link.
            folders.push(path::absolute(path)?);
        }
    }
    folders.retain(|folder| folder.canonicalize().ok() != results || results.is_none());
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
    let path = folder.join(COMMAND_FILE);
    let cannot_read = || format!("cannot read {COMMAND_FILE}");
    // A pipe or a device would be waited for.
    let is_file = fs::metadata(&path).with_context(cannot_read)?.is_file();
    ensure!(is_file, "{COMMAND_FILE} is no file");
    let mut bytes = Vec::new();
    let file = File::open(&path).with_context(cannot_read)?;
    file.take(LONGEST)
        .read_to_end(&mut bytes)
        .with_context(cannot_read)?;
    let command = command_line::text(&bytes)
        .and_then(|text| command_line::command(&text))
        .map_err(|wrong| anyhow!("{COMMAND_FILE}: {wrong}"))?;
    Ok(Template {
        command,
        folder: Some(folder.to_owned()),
    })
}
