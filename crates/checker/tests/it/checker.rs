//! One run of the checker, and what it said of each row.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use test_support::Program;

/// Longer than any run here takes on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(240);

/// What a run of the checker left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Each row's verdict, and what was told of it.
pub(crate) type Verdicts = BTreeMap<String, (String, String)>;

/// The folder of this crate's tests.
pub(crate) fn tests() -> PathBuf {
    Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("tests")
}

/// A checker with these arguments, split at white space.
pub(crate) fn checker(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_checker"));
    command
        .args(arguments.split_whitespace())
        .current_dir(tests());
    command
}

#[track_caller]
pub(crate) fn finish(command: Command) -> Run {
    finish_within(LIMIT, command)
}

#[track_caller]
pub(crate) fn finish_within(limit: Duration, command: Command) -> Run {
    let mut program = Program::start(command).unwrap();
    let (status, stdout, stderr) = program.finish(limit).unwrap();
    Run {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr,
    }
}

impl Run {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub(crate) fn verdicts(&self) -> Verdicts {
        verdicts(&self.json())
    }
}

/// The verdicts in one report.
pub(crate) fn verdicts(report: &Value) -> Verdicts {
    let parts = report["parts"].as_array().unwrap();
    let rows = parts
        .iter()
        .flat_map(|part| part["rows"].as_array().unwrap());
    rows.map(|row| {
        let text = |field: &str| row[field].as_str().unwrap_or_default();
        let told = match text("verdict") {
            "holds" => String::new(),
            "not-judged" => text("reason").to_owned(),
            _ => format!("{}; came: {}", text("sent"), text("came")),
        };
        (text("id").to_owned(), (text("verdict").to_owned(), told))
    })
    .collect()
}

/// All that doesn't hold, for the message of a panic.
pub(crate) fn complaints(verdicts: &Verdicts) -> String {
    let broken = verdicts
        .iter()
        .filter(|(_, (verdict, _))| verdict != "holds");
    broken
        .map(|(id, (verdict, told))| format!("\n  {id} {verdict}: {told}"))
        .collect()
}
