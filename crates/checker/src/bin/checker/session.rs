//! One run of the checker: what is judged, and what is told of it.

use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use checker::{STOPPED, Side, Subject};
use indicatif::{ProgressBar, ProgressStyle};

use crate::accused::Accused;
use crate::again::{again, next};
use crate::args::{Args, Format};
use crate::each;
use crate::escape::shown;
use crate::interrupt::INTERRUPTED;
use crate::judge::{Judged, Verdict, judge};
use crate::report::{self, Part, Report, RowReport};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    AllHold,
    SomeFail,
}

/// Does what the command line says.
pub(crate) fn run(args: &Args) -> anyhow::Result<Judgement> {
    if let Some(name) = args.unknown_row() {
        bail!("no row {name:?} at this stage; --list shows them all");
    }
    // clap takes `--` with nothing after it for no command at all.
    let is_empty =
        args.command.is_empty() && env::args_os().next_back().is_some_and(|last| last == "--");
    if is_empty || args.command.first().is_some_and(String::is_empty) {
        bail!("the command after `--` is empty: expected `-- COMMAND`");
    }
    if args.client && args.command.is_empty() && args.each.is_none() {
        bail!("--client needs the client's command: `--client -- COMMAND`");
    }
    if args.list {
        list(args).or_else(ignore_closed)?;
        return Ok(Judgement::AllHold);
    }
    match &args.each {
        Some(folder) => judge_each(args, folder),
        None => judge_one(args),
    }
}

fn list(args: &Args) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (side, name) in [(Side::Server, "server"), (Side::Client, "client")] {
        writeln!(out, "{name}")?;
        for row in args.rows(side) {
            let level = format!("{:?}", row.level).to_lowercase();
            writeln!(out, "  {}  {level:<10}  {}", row.id, row.title)?;
        }
    }
    Ok(())
}

fn judge_one(args: &Args) -> anyhow::Result<Judgement> {
    let begin = Instant::now();
    let accused: Vec<_> = Accused::of(args)?
        .into_iter()
        .filter(|accused| !args.rows(accused.side).is_empty())
        .collect();
    if accused.is_empty() {
        bail!("no row is left to judge; --list shows them all");
    }
    let mut parts = Vec::new();
    for accused in &accused {
        match judge_part(args, accused, None) {
            Ok(part) => parts.push(part),
            // No server starts any more: all of its rows are left.
            Err(_) if INTERRUPTED.load(Ordering::Relaxed) => parts.push(left_part(args, accused)),
            Err(error) => return Err(error),
        }
    }
    let report = Report {
        name: None,
        stage: args.stage,
        lacks_command: false,
        error: None,
        parts,
        seconds: begin.elapsed().as_secs_f64(),
    };
    match args.format {
        // `| head` has read enough: no failure.
        Format::Text => report::print(&report, next(args).as_deref()).or_else(ignore_closed)?,
        Format::Json => print_line(&serde_json::to_string_pretty(&report)?)?,
        Format::Junit => print_line(&report::junit(std::slice::from_ref(&report))?)?,
    }
    Ok(judgement(&[report]))
}

fn judge_part(args: &Args, accused: &Accused, deadline: Option<Instant>) -> anyhow::Result<Part> {
    let rows = args.rows(accused.side);
    let trial = accused.trial(args)?;
    let progress = progress_bar();
    let judged = judge(&trial, &rows, deadline, &progress);
    progress.finish_and_clear();
    let rows = judged
        .into_iter()
        .map(|judged| {
            let again = match &accused.subject {
                Subject::Command(template) => again(args, judged.row.id, Some(template)),
                Subject::Running(_) => again(args, judged.row.id, None),
            };
            RowReport::new(judged, again)
        })
        .collect();
    Ok(Part {
        side: accused.side,
        program: accused.program(),
        rows,
    })
}

/// What is known of a program that can't be judged after Ctrl-C any more.
fn left_part(args: &Args, accused: &Accused) -> Part {
    let left = |row| Judged {
        row,
        verdict: Verdict::NotJudged(STOPPED.to_owned()),
        took: Duration::ZERO,
    };
    let rows = args.rows(accused.side).into_iter();
    Part {
        side: accused.side,
        program: accused.program(),
        rows: rows
            .map(|row| RowReport::new(left(row), String::new()))
            .collect(),
    }
}

/// On a terminal, which row is at work; nothing elsewhere.
fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("checking {msg:5} {pos}/{len} rows, {elapsed}");
    let bar = ProgressBar::no_length().with_style(style.expect("the template is right"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn judge_each(args: &Args, folder: &Path) -> anyhow::Result<Judgement> {
    let folders = each::submissions(folder, &args.output)?;
    fs::create_dir_all(&args.output)
        .with_context(|| format!("cannot make {}", args.output.display()))?;
    let mut reports = Vec::new();
    let mut left = Vec::new();
    for folder in folders {
        let name = shown(&folder.file_name().unwrap_or_default().to_string_lossy());
        if INTERRUPTED.load(Ordering::Relaxed) {
            left.push(name);
            continue;
        }
        if io::stderr().is_terminal() {
            writeln!(io::stderr(), "{name}")?;
        }
        let report = judge_submission(args, &folder, name);
        // It isn't the program's fault that it didn't start any more.
        if report.error.is_none() || !INTERRUPTED.load(Ordering::Relaxed) {
            reports.push(report);
        }
        // One program's mess isn't the next one's ground.
        checker::end_all();
    }
    let mut text = report::table(&reports);
    if !left.is_empty() {
        text += &format!("interrupted: not judged: {}\n", left.join(", "));
    }
    let files = [
        ("check.txt", text.clone()),
        ("check.json", serde_json::to_string_pretty(&reports)?),
        ("check.xml", report::junit(&reports)?),
    ];
    for (file, content) in &files {
        let path = args.output.join(file);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    match args.format {
        Format::Text => print_line(text.trim_end())?,
        Format::Json => print_line(&files[1].1)?,
        Format::Junit => print_line(&files[2].1)?,
    }
    Ok(judgement(&reports))
}

fn judge_submission(args: &Args, folder: &Path, name: String) -> Report {
    let begin = Instant::now();
    let side = if args.client {
        Side::Client
    } else {
        Side::Server
    };
    let part = each::command_of(folder).and_then(|template| {
        let accused = Accused {
            side,
            subject: Subject::Command(template),
            short_deadline: args.short_deadline.clone(),
            stdin: args.stdin.clone(),
        };
        judge_part(args, &accused, Some(begin + args.budget))
    });
    let (parts, error) = match part {
        Ok(part) => (vec![part], None),
        Err(error) => (Vec::new(), Some(shown(&format!("{error:#}")))),
    };
    Report {
        name: Some(name),
        stage: args.stage,
        lacks_command: each::lacks_command(folder),
        error,
        parts,
        seconds: begin.elapsed().as_secs_f64(),
    }
}

fn judgement(reports: &[Report]) -> Judgement {
    let fails = |report: &Report| report.error.is_some() || report.counts().n_fail > 0;
    if reports.iter().any(fails) {
        Judgement::SomeFail
    } else {
        Judgement::AllHold
    }
}

fn print_line(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}").or_else(ignore_closed)
}

/// Standard output closed early has been read as far as somebody wanted to.
fn ignore_closed(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    }
}
