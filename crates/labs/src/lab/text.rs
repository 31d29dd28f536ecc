//! A lab on a terminal: sentences, calls with their results, findings.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use common::Printable;

use super::event::{Event, Failure, Outcome, Returned, Value};
use super::number::{grouped, seconds};

/// For a terminal and a projector.
const WIDTH: usize = 80;
/// Whoever makes the calls has this much room for a name.
const WHO_WIDTH: usize = 8;
/// Where a result begins, if the call leaves room for it.
const RESULT_COLUMN: usize = 46;
/// A call that took longer has waited for something.
const NOTABLE: Duration = Duration::from_millis(10);

const CLAIM: Style = Style::new().bold();
/// To be read on light and on dark, and from the last row.
const FAILED: Style = AnsiColor::Magenta.on_default();

/// The call, before it is made: if it waits, one sees in what.
pub(crate) fn begin_call(
    out: &mut dyn Write,
    who: &str,
    call: &str,
) -> io::Result<()> {
    write!(out, "{}", begin(who, call))?;
    out.flush()
}

fn begin(who: &str, call: &str) -> String {
    format!("  {who:<WHO_WIDTH$} {}", printable(call))
}

/// An event, as a person reads it. Of a call, what comes after its begin.
pub(crate) fn write(out: &mut dyn Write, event: &Event) -> io::Result<()> {
    match event {
        Event::Lab { name, title, .. } => {
            writeln!(out, "{CLAIM}{name}: {title}{CLAIM:#}")
        }
        Event::About { text } => {
            writeln!(out)?;
            paragraph(out, Style::new(), "", text)
        }
        Event::Call {
            who,
            call,
            took,
            outcome,
        } => {
            let width = begin(who, call).chars().count();
            end_call(out, width, *took, outcome)
        }
        Event::Found { name, value } => {
            paragraph(out, Style::new(), "  ", &format!("{name}: {value}"))
        }
        Event::Claim { text, holds: true } => {
            paragraph(out, CLAIM, "=> ", text)
        }
        Event::Claim { text, holds: false } => {
            let text = format!("not here, see what came above: {text}");
            paragraph(out, FAILED, "=> ", &text)
        }
        Event::NotShown { what, why } => {
            let text = format!("{what}: not shown here, since {why}");
            paragraph(out, FAILED, "-- ", &text)
        }
        // A person is told in other words.
        Event::End { .. } | Event::Failed { .. } => Ok(()),
    }
}

/// What came: beside the call, of which `begun` columns are written, or below
/// it.
fn end_call(
    out: &mut dyn Write,
    begun: usize,
    took: f64,
    outcome: &Outcome,
) -> io::Result<()> {
    let (style, came) = match outcome {
        Outcome::Returned(returned) => (Style::new(), returned.to_string()),
        Outcome::Failed(failure) => (FAILED, failure.to_string()),
    };
    let came = format!("= {}", printable(&came));
    let waited = match took >= NOTABLE.as_secs_f64() {
        true => format!(" after {}", seconds(took)),
        false => String::new(),
    };
    let column = RESULT_COLUMN.max(begun + 1);
    let came = if column + came.chars().count() + waited.len() <= WIDTH {
        format!("{:1$}{came}", "", column - begun)
    } else {
        let indent = textwrap::Options::new(WIDTH - waited.len())
            .break_words(false)
            .initial_indent("    ")
            .subsequent_indent("      ");
        format!("\n{}", textwrap::fill(&came, indent))
    };
    writeln!(out, "{style}{came}{style:#}{waited}")
}

fn paragraph(
    out: &mut dyn Write,
    style: Style,
    mark: &str,
    text: &str,
) -> io::Result<()> {
    let indent = " ".repeat(mark.len());
    let options = textwrap::Options::new(WIDTH)
        .break_words(false)
        .initial_indent(mark)
        .subsequent_indent(&indent);
    for paragraph in text.lines() {
        for line in textwrap::wrap(&printable(paragraph), &options) {
            writeln!(out, "{style}{line}{style:#}")?;
        }
    }
    Ok(())
}

/// Names come from the command line, and lines from other programs: nothing in
/// them reaches the terminal as a control character.
fn printable(text: &str) -> String {
    Printable::whole(text.as_bytes())
        .without_quotes()
        .to_string()
}

impl Display for Returned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.value, self.text.is_empty()) {
            (Some(value), true) => write!(f, "{value}"),
            (Some(value), false) => write!(f, "{value} {}", self.text),
            (None, _) => f.write_str(&self.text),
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.name, self.number) {
            (Some(name), Some(number)) => write!(f, "{name} ({number})"),
            (_, Some(number)) => write!(f, "error {number}: {}", self.text),
            _ => write!(f, "error: {}", self.text),
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => f.write_str(&grouped(*count)),
            Self::Seconds(time) => f.write_str(&seconds(*time)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_others_say_moves_the_cursor() {
        let mut out = Vec::new();
        let text = "\u{1b}[2J\rx".to_owned();
        write(&mut out, &Event::About { text }).unwrap();
        assert_eq!(out, b"\n\\u{1b}[2J\\rx\n");
    }
}
