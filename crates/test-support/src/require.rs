//! What a test needs of the machine. What is missing is said aloud, and under
//! `REQUIRE_TOOLS=1` it is a failure.

use std::env;
use std::process::{Command, Stdio};

/// Says whether `program --version` runs, or `program -V` or `-v`, as some have it.
///
/// # Panics
///
/// If the tool is missing and required.
pub fn require_tool(program: &str) -> bool {
    let is_there = ["--version", "-V", "-v"].iter().any(|flag| {
        Command::new(program)
            .arg(flag)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    require(is_there, &format!("no {program}"))
}

/// Raises this process's limit of open files as far as it may, and says whether a test
/// may then open `n` of them, beside those of the tests that run at the same time.
///
/// # Panics
///
/// If it may not, and tools are required.
pub fn require_descriptors(n: u64) -> bool {
    const OTHERS: u64 = 500;
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(0);
    let missing = format!("the hard limit of open files is {limit}, too low for {n} (ulimit -Hn)");
    require(limit >= n + OTHERS, &missing)
}

/// Says whether it is there; if it isn't, also what is `missing`.
///
/// # Panics
///
/// If it is missing and required.
pub fn require(is_there: bool, missing: &str) -> bool {
    let is_required = env::var_os("REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(is_there || !is_required, "{missing}, and REQUIRE_TOOLS=1");
    if !is_there {
        eprintln!("skipped: {missing}");
    }
    is_there
}
