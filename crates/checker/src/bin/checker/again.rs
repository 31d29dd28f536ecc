//! Lines to be copied into a shell: one that checks a row again, one that goes on.

use std::env;
use std::path::Path;
use std::time::Duration;

use checker::{Level, Stage, Template};
use clap::{CommandFactory, ValueEnum};

use crate::args::Args;
use crate::escape::{quoted, quoted_command};

/// Set by `cargo xtask` for the tools that it starts.
const ROOT_VARIABLE: &str = "COURSE_ROOT";

/// The command that checks one row. A program of `--each` is started in its own
/// folder, and the line leads there; without a command, our own programs are judged.
pub(crate) fn again(args: &Args, row: &str, template: Option<&Template>) -> String {
    let folder = template.and_then(|template| template.folder.as_deref());
    let here = env::current_dir().unwrap_or_default();
    let mut words = words(args, args.stage, folder.unwrap_or(&here));
    words.extend(["--only".to_owned(), row.to_owned()]);
    let command = match (folder, template) {
        (Some(_), Some(template)) => in_environment(template),
        _ => args.command.clone(),
    };
    if !command.is_empty() {
        words.extend(["--".to_owned(), quoted_command(&command)]);
    }
    let line = words.join(" ");
    match folder {
        // In brackets, so that whoever copies it stays where they are.
        Some(folder) => format!("(cd {} && {line})", quoted(folder)),
        None => line,
    }
}

/// What comes next for a program that holds on all rows of a stage, up to a level.
pub(crate) fn next(args: &Args) -> Option<String> {
    let is_part = !args.only.is_empty() || !args.skip.is_empty() || args.profile.is_some();
    if is_part {
        return None;
    }
    let after = |level: Level| following(&level);
    let (stage, level) = match args.level.and_then(after) {
        Some(level) => (args.stage, Some(level)),
        None => (following(&args.stage)?, None),
    };
    let mut words = words(args, stage, &env::current_dir().unwrap_or_default());
    if let Some(level) = level {
        words.extend(["--level".to_owned(), name(&level)]);
    }
    if !args.command.is_empty() {
        words.extend(["--".to_owned(), quoted_command(&args.command)]);
    }
    Some(words.join(" "))
}

/// The value after this one, in the order of the course.
fn following<T: ValueEnum + PartialEq>(value: &T) -> Option<T> {
    let mut values = T::value_variants().iter();
    values.find(|other| *other == value)?;
    values.next().cloned()
}

/// What a program of `--each` has in its environment isn't the checker's.
fn in_environment(template: &Template) -> Vec<String> {
    let settings = template.command.env.iter();
    let settings: Vec<String> = settings
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let env = (!settings.is_empty()).then(|| "env".to_owned());
    env.into_iter()
        .chain(settings)
        .chain(template.command.words.clone())
        .collect()
}

/// The checker as it can be started in `folder`, and all that changes how it judges.
/// `--level` and `--skip` only choose rows, and `--format` only shows them.
fn words(args: &Args, stage: Stage, folder: &Path) -> Vec<String> {
    let mut words = vec![checker(folder), name(&stage)];
    let mut flag = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([flag.to_owned(), quoted(value)]);
        }
    };
    flag("--connect", args.connect.map(|address| address.to_string()));
    flag("--profile", args.profile.as_ref().map(name));
    flag("--timeout", changed("timeout", args.timeout));
    flag("--patience", changed("patience", args.patience));
    flag("--short-deadline", args.short_deadline.clone());
    flag("--stdin", args.stdin.clone());
    flag(
        "--drain-deadline",
        changed("drain_deadline", args.drain_deadline),
    );
    let host = args.host.to_string();
    flag(
        "--host",
        (Some(&host) != default("host").as_ref()).then_some(host),
    );
    flag("--port", args.port.map(|port| port.to_string()));
    if args.client {
        words.push("--client".to_owned());
    }
    words
}

/// `cargo xtask` works in the course only, and is known to whoever started it so.
fn checker(folder: &Path) -> String {
    let root = env::var_os(ROOT_VARIABLE).and_then(|root| Path::new(&root).canonicalize().ok());
    let folder = folder.canonicalize().ok();
    match (root, folder, env::current_exe()) {
        (Some(root), Some(folder), _) if folder.starts_with(&root) => {
            "cargo xtask check".to_owned()
        }
        (_, _, Ok(checker)) => quoted(checker),
        _ => "cargo xtask check".to_owned(),
    }
}

fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A time, unless it is what the flag is without being given.
fn changed(flag: &str, value: Duration) -> Option<String> {
    let seconds = value.as_secs_f64().to_string();
    (Some(&seconds) != default(flag).as_ref()).then_some(seconds)
}

/// What a flag is when it isn't given.
fn default(flag: &str) -> Option<String> {
    let command = Args::command();
    let argument = command
        .get_arguments()
        .find(|argument| argument.get_id() == flag)?;
    let value = argument.get_default_values().first()?;
    Some(value.to_string_lossy().into_owned())
}
