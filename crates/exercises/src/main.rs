//! `cargo xtask exercise`: broken programs to repair, one after another, until the
//! checker is content.
#![forbid(unsafe_code)]

mod cargo;
mod catalogue;
mod check;
mod hints;
mod places;
mod process;
mod progress;
mod screen;
mod table;
mod verdict;
mod watch;
mod work;

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::catalogue::{EXERCISES, Exercise};
use crate::check::{Outcome, check, next, whole};
use crate::process::Cancel;
use crate::progress::Progress;
use crate::screen::{GOOD, STRONG, coloured, labelled, print, wrapped};
use crate::verdict::Rows;

/// How alike two names are, from 0 to 1, if one may be a slip for the other.
const ALIKE: f32 = 0.6;

/// Shows a broken program, and checks it whenever you save it, until it holds.
///
/// Without a NAME it is the first that you haven't solved. The copy that you edit
/// is in crates/exercises/work, where nothing can break anything else.
///
/// While it waits for you to save: h + Enter gives a hint, q + Enter ends it.
#[derive(Parser)]
#[command(
    name = "cargo xtask exercise",
    bin_name = "cargo xtask exercise",
    version,
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  cargo xtask exercise\n  \
                  cargo xtask exercise recv-once-server\n  \
                  cargo xtask exercise hint\n\n\
                  Exit status: 0 solved, 1 not yet, 2 wrong usage."
)]
struct Args {
    /// The exercise [default: the first that isn't solved]
    #[arg(value_parser = parse_name)]
    name: Option<&'static Exercise>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// List all exercises
    List,
    /// Check your copy once
    Check {
        /// The exercise [default: the first that isn't solved]
        #[arg(value_parser = parse_name)]
        name: Option<&'static Exercise>,
    },
    /// Print the next of three hints
    Hint {
        /// The exercise [default: the first that isn't solved]
        #[arg(value_parser = parse_name)]
        name: Option<&'static Exercise>,
    },
    /// Print what turns your copy into the solution
    Solution {
        #[arg(value_parser = parse_name)]
        name: &'static Exercise,
    },
    /// Begin anew: your copy is replaced by the broken program
    Reset {
        #[arg(value_parser = parse_name)]
        name: &'static Exercise,
    },
    /// Build once what every later build takes from there
    #[command(hide = true)]
    Prepare,
    /// Judge all broken programs and solutions: a table for the book
    Table {
        /// Programs judged at once
        #[arg(long, value_name = "COUNT", default_value = "3")]
        jobs: NonZeroUsize,
        /// Leave out what else the broken ones break
        #[arg(long)]
        quick: bool,
    },
}

fn parse_name(name: &str) -> Result<&'static Exercise, String> {
    let find = |exercise: &&Exercise| exercise.name == name;
    EXERCISES.iter().find(find).ok_or_else(|| {
        let names = EXERCISES.each_ref().map(|exercise| exercise.name);
        let nearest = similar::get_close_matches(name, &names, 1, ALIKE);
        match nearest.first() {
            Some(nearest) => format!("no such exercise; did you mean {nearest}?"),
            None => "no such exercise; see `cargo xtask exercise list`".to_owned(),
        }
    })
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to do if standard error is closed too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the command line says. Returns false if something isn't solved yet.
fn run(args: &Args) -> anyhow::Result<bool> {
    match &args.command {
        None => or_next(args.name, work_on),
        Some(Command::List) => {
            print(&list());
            Ok(true)
        }
        Some(Command::Check { name }) => or_next(*name, check_once),
        Some(Command::Hint { name }) => or_next(*name, |exercise| {
            print(&coloured(&hints::next(exercise)?));
            Ok(true)
        }),
        Some(Command::Solution { name }) => {
            print(&coloured(&hints::diff(name)?));
            Ok(true)
        }
        Some(Command::Reset { name }) => {
            work::reset(name)?;
            Progress::update(|progress| progress.forget(name))?;
            let folder = places::shown(&places::copy(name));
            print(&format!("{folder} is the broken program again\n"));
            Ok(true)
        }
        Some(Command::Prepare) => prepare(),
        Some(Command::Table { jobs, quick }) => {
            let of_broken = if *quick { Rows::Own } else { Rows::All };
            table::print_table(*jobs, of_broken)
        }
    }
}

/// Does something with the exercise that was named, or with the next.
fn or_next(
    named: Option<&'static Exercise>,
    act: impl Fn(&'static Exercise) -> anyhow::Result<bool>,
) -> anyhow::Result<bool> {
    let progress = Progress::load();
    match named.or_else(|| progress.next()) {
        Some(exercise) => act(exercise),
        None => {
            print(&next(&progress));
            Ok(true)
        }
    }
}

/// Builds the program that is next, and so all that the others share with it.
fn prepare() -> anyhow::Result<bool> {
    let exercise = Progress::load().next().unwrap_or(&EXERCISES[0]);
    work::ensure(exercise)?;
    // Whether the learner's own text compiles is not the question here.
    cargo::build_copy(exercise, &Cancel::default())?;
    Ok(true)
}

fn work_on(exercise: &'static Exercise) -> anyhow::Result<bool> {
    work::ensure(exercise)?;
    print(&introduction(exercise)?);
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return check_once(exercise);
    }
    Ok(watch::watch(exercise)? == Outcome::Solved)
}

fn check_once(exercise: &'static Exercise) -> anyhow::Result<bool> {
    work::ensure(exercise)?;
    Ok(check(exercise, &Cancel::default())? == Outcome::Solved)
}

/// What is wrong, and where.
fn introduction(exercise: &Exercise) -> anyhow::Result<String> {
    let folder = places::copy(exercise);
    let mut text = format!(
        "Exercise {} of {}: {STRONG}{}{STRONG:#}, a part of {}\n\n",
        number(exercise),
        EXERCISES.len(),
        exercise.name,
        whole(exercise),
    );
    text += &wrapped(exercise.symptom, "", "");
    text += "\n\n";
    text += &labelled("breaks", &exercise.rows.join(", "));
    for (number, name) in work::files(&folder)?.iter().enumerate() {
        let label = if number == 0 { "edit" } else { "" };
        // Not wrapped: it is there to be copied.
        let path = places::shown(&folder.join(name));
        text += &format!("  {label:<9} {path}\n");
    }
    text += &labelled("read", &format!("docs/src/{}", exercise.chapter));
    text.push('\n');
    Ok(text)
}

fn list() -> String {
    let progress = Progress::load();
    let mut text = String::new();
    for exercise in &EXERCISES {
        let (number, name) = (number(exercise), exercise.name);
        let stage = exercise.stage.name();
        let state = match progress.is_solved(exercise) {
            true => format!("{GOOD}solved{GOOD:#}"),
            false => "-".to_owned(),
        };
        text += &format!("{number:>4}  {name:<24}  {stage:<14}{state}\n");
    }
    let (n_solved, n_exercises) = (progress.n_solved(), EXERCISES.len());
    text + &format!("\n{n_solved} of {n_exercises} solved\n{}", next(&progress))
}

fn number(exercise: &Exercise) -> usize {
    let before = EXERCISES.iter().take_while(|other| *other != exercise);
    before.count() + 1
}
