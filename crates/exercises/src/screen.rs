//! What goes to the terminal, in lines of at most 79 columns.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::verdict::{Details, Finding, Row};

const WIDTH: usize = 79;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const STRONG: Style = Style::new().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();

/// Prints to standard output; cut short by `| head`, it has been read as far as
/// somebody wanted to.
pub(crate) fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Prints a line to standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "note: {text}");
}

/// `text` in lines that fit.
pub(crate) fn wrapped(text: &str, first: &str, others: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(others);
    textwrap::fill(text, options)
}

/// A label and its text, on as many lines as they need.
pub(crate) fn labelled(label: &str, text: &str) -> String {
    wrapped(text, &format!("  {label:<9} "), "            ") + "\n"
}

/// Rows, with what was sent, expected and came.
pub(crate) fn failures<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut text = String::new();
    for Row { id, title, finding } in rows {
        let word = match finding {
            Finding::Holds => "holds",
            Finding::Fails(_) => "FAILS",
            Finding::Unsteady(_) => "UNSTEADY",
            Finding::NotJudged { .. } => "not judged",
        };
        text += &format!("{id}  {BAD}{word}{BAD:#}  {title}\n");
        match finding {
            Finding::Holds => {}
            Finding::Fails(details) => text += &shown(details),
            Finding::Unsteady(details) => {
                text += &labelled("unsteady", "it failed, and held when it was tried again");
                text += &shown(details);
            }
            Finding::NotJudged { reason } => text += &labelled("why", reason),
        }
    }
    text
}

fn shown(details: &Details) -> String {
    labelled("sent", &details.sent)
        + &labelled("expected", &details.expected)
        + &labelled("came", &details.came)
}

/// A unified diff, coloured.
pub(crate) fn coloured(diff: &str) -> String {
    let mut text = String::new();
    for line in diff.lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => ADDED,
            Some(b'-') => REMOVED,
            _ => Style::new(),
        };
        text += &format!("{style}{line}{style:#}\n");
    }
    text
}
