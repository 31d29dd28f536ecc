//! The report on a terminal of 80 columns, or in a pipe.

use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use checker::{Side, span};

use super::{Details, Finding, Report, RowReport};

const WIDTH: usize = 79;
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const UNKNOWN: Style = AnsiColor::Yellow.on_default();

/// Prints the whole report, and what is `next` if all rows hold.
pub(crate) fn print(report: &Report, next: Option<&str>) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    for part in &report.parts {
        let side = match part.side {
            Side::Server => "server",
            Side::Client => "client",
        };
        writeln!(out, "{side}: {}", part.program)?;
        for row in part.rows.iter().filter(|row| !row.is_left()) {
            print_row(&mut out, row)?;
        }
        writeln!(out)?;
    }
    let counts = report.counts();
    let mut summary = format!("{} hold", counts.n_hold);
    if counts.n_fail > 0 {
        summary += &format!(", {} don't", counts.n_fail);
    }
    if counts.n_not_judged > 0 {
        summary += &format!(", {} not judged", counts.n_not_judged);
    }
    let style = if counts.n_fail > 0 { BAD } else { GOOD };
    let took = span(Duration::from_secs_f64(report.seconds));
    writeln!(out, "{style}{summary}{style:#} ({took})")?;
    if let Some(next) = next.filter(|_| counts.all_hold()) {
        writeln!(out, "next: {next}")?;
    }
    if counts.n_left > 0 {
        let rows = if counts.n_left == 1 { "row" } else { "rows" };
        let n_left = counts.n_left;
        writeln!(out, "{UNKNOWN}interrupted{UNKNOWN:#}: {n_left} {rows} left")?;
    }
    Ok(())
}

fn print_row(out: &mut impl Write, row: &RowReport) -> io::Result<()> {
    let (style, word) = match row.finding {
        Finding::Holds => (GOOD, "holds"),
        Finding::Fails(_) => (BAD, "FAILS"),
        Finding::Unsteady(_) => (BAD, "UNSTEADY"),
        Finding::NotJudged { .. } => (UNKNOWN, "not judged"),
    };
    let RowReport { id, title, .. } = row;
    writeln!(out, "  {id}  {style}{word:<10}{style:#}  {title}")?;
    match &row.finding {
        Finding::Holds => Ok(()),
        Finding::NotJudged { reason } => labelled(out, "why", reason),
        Finding::Fails(details) => print_details(out, details),
        Finding::Unsteady(details) => {
            labelled(
                out,
                "unsteady",
                "it failed, and held when it was tried again",
            )?;
            print_details(out, details)
        }
    }
}

fn print_details(out: &mut impl Write, details: &Details) -> io::Result<()> {
    labelled(out, "sent", &details.sent)?;
    labelled(out, "expected", &details.expected)?;
    labelled(out, "came", &details.came)?;
    labelled(out, "cause?", details.cause)?;
    labelled(out, "read", details.chapter)?;
    // One line, whatever its length: it is there to be copied.
    writeln!(out, "        again     {}", details.again)
}

fn labelled(out: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    let first = format!("        {label:<9} ");
    writeln!(out, "{}", wrapped(text, &first, "                  "))
}

/// `text` in lines of at most 79 columns.
fn wrapped(text: &str, first: &str, others: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(others);
    textwrap::fill(text, options)
}

/// A line for each of several programs, and one for all that have no command.
pub(crate) fn table(reports: &[Report]) -> String {
    let name = |report: &Report| report.name.clone().unwrap_or_default();
    let width = reports.iter().map(|report| name(report).chars().count());
    let width = width.max().unwrap_or(0).clamp(4, 30);
    let mut table = format!("{:<width$}  hold  fail  not judged  what\n", "name");
    for report in reports.iter().filter(|report| !report.lacks_command) {
        let counts = report.counts();
        let what = match &report.error {
            Some(error) => error.clone(),
            None if counts.n_left > 0 => {
                let n_left = format!("interrupted: {} left", counts.n_left);
                let failed = report.failed().into_iter();
                failed
                    .chain([n_left.as_str()])
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            None => report.failed().join(" "),
        };
        let first = format!(
            "{:<width$}  {:>4}  {:>4}  {:>10}  ",
            name(report),
            counts.n_hold,
            counts.n_fail,
            counts.n_not_judged
        );
        let others = " ".repeat(width + 26);
        table += wrapped(&what, &first, &others).trim_end();
        table.push('\n');
    }
    let without = reports.iter().filter(|report| report.lacks_command);
    let without: Vec<String> = without.map(name).collect();
    if !without.is_empty() {
        let list = format!("no run.txt in: {}", without.join(", "));
        table += &format!("\n{}\n", wrapped(&list, "", "  "));
    }
    table
}
