//! A lab on a terminal: sentences, calls with their results, findings.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::event::{Event, Failure, Outcome, Returned, Value};

/// For a terminal and a projector.
const WIDTH: usize = 80;
/// Where a result begins, if the call leaves room for it.
const RESULT_COLUMN: usize = 46;
/// Whoever makes the calls has this much room for a name.
const WHO_WIDTH: usize = 8;
/// A call that took longer has waited for something.
const NOTABLE: Duration = Duration::from_millis(10);

const CLAIM: Style = Style::new().bold();
const FAILED: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();

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
    let room = RESULT_COLUMN - WHO_WIDTH - 4;
    format!("  {who:<WHO_WIDTH$} {call:<room$} ")
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
            let column = begin(who, call).chars().count();
            end_call(out, column, *took, outcome)
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
    }
}

/// What came: beside the call, which ends at `column`, or below it.
fn end_call(
    out: &mut dyn Write,
    column: usize,
    took: f64,
    outcome: &Outcome,
) -> io::Result<()> {
    let (style, came) = match outcome {
        Outcome::Returned(returned) => (Style::new(), returned.to_string()),
        Outcome::Failed(failure) => (FAILED, failure.to_string()),
    };
    let waited = match took >= NOTABLE.as_secs_f64() {
        true => format!(" after {}", seconds(took)),
        false => String::new(),
    };
    let width = "= ".len() + came.chars().count() + waited.len();
    if column + width <= WIDTH {
        write!(out, "= {style}{came}{style:#}")?;
    } else {
        let indent = textwrap::Options::new(WIDTH)
            .break_words(false)
            .initial_indent("    = ")
            .subsequent_indent("      ");
        let came = textwrap::fill(&came, indent);
        write!(out, "\n{style}{came}{style:#}")?;
    }
    writeln!(out, "{FAINT}{waited}{FAINT:#}")
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
    for line in textwrap::wrap(text, options) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    Ok(())
}

/// A time as a person tells it.
pub(crate) fn seconds(time: f64) -> String {
    match time {
        time if time < 0.001 => format!("{:.0} us", time * 1e6),
        time if time < 1.0 => format!("{:.0} ms", time * 1e3),
        time => format!("{time:.1} s"),
    }
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

/// 1234567 as 1,234,567.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_a_person_reads_them() {
        for (count, expected) in
            [(7, "7"), (1000, "1,000"), (1234567, "1,234,567")]
        {
            assert_eq!(grouped(count), expected);
        }
        for (time, expected) in
            [(0.00002, "20 us"), (0.3, "300 ms"), (1.02, "1.0 s")]
        {
            assert_eq!(seconds(time), expected);
        }
    }
}
