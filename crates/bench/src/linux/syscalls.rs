//! System calls, as strace counts them.

use std::fs;
use std::process::{Command, Stdio, id};
use std::time::Duration;

use anyhow::{Context, ensure};

use super::contender::output_folder;
use super::machine::first_line;
use super::wait::wait_until;

/// What strace gets to write its table once the server has ended.
const TABLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether strace is installed, and may trace.
///
/// # Errors
///
/// Why not, for a person to read.
pub(crate) fn check() -> Result<(), String> {
    if first_line("strace", &["--version"]).is_none() {
        return Err("strace is not installed".to_owned());
    }
    let mut strace = Command::new("strace");
    let status = strace
        .args(["-D", "-c", "-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err("strace may not trace here; see ptrace(2)".to_owned()),
    }
}

/// Does `work`, which starts and ends a server behind the words that it is given, and
/// returns the server's system calls with what `work` returns.
pub(crate) fn of_run(
    work: impl FnOnce(&[String]) -> anyhow::Result<u64>,
) -> anyhow::Result<(u64, u64)> {
    let table = output_folder()?.join(format!("strace-{}.txt", id()));
    let path = table.display().to_string();
    // With -D, strace is the server's child and not its parent, so that the process that
    // we have started is the server.
    let words = ["strace", "-D", "-f", "-c", "-o", &path];
    let result = work(&words.map(str::to_owned));
    let text = || fs::read_to_string(&table).unwrap_or_default();
    let is_written = wait_until(|| total(&text()).is_some(), TABLE_TIMEOUT);
    let n_calls = total(&text());
    let _ = fs::remove_file(&table);
    let result = result?;
    ensure!(
        is_written,
        "strace has written no table; may it trace here?"
    );
    Ok((n_calls.context("no total")?, result))
}

/// The number of calls in the last line of strace's table: share, seconds, microseconds
/// each, calls, errors if any, and `total`.
fn total(table: &str) -> Option<u64> {
    let line = table.lines().find(|line| line.ends_with(" total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found_with_errors_and_without() {
        let with = "100.00    0.000148          14        10         1 total\n";
        let without = "100.00    0.012345           5      1234           total\n";
        assert_eq!(total(with), Some(10));
        assert_eq!(total(&format!("------ ------\n{without}")), Some(1234));
        assert_eq!(total("% time     seconds\n"), None);
    }
}
