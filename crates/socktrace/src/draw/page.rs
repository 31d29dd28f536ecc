//! Columns on a terminal: the time, a program to the left, one to the right, and the
//! arrows between them.

use std::io::{self, Write};

use anstyle::Style;

use crate::record::{Header, Micros, Side};

use super::entry::{Arrow, Entry};
use super::paragraph::{Paragraph, Row};
use super::theme::{ARROW, FAINT, NAME, PLAIN, Theme};

/// Below this, columns would be mere shreds.
const MIN_WIDTH: usize = 40;
/// No terminal is wider, and no number that is made up fills the memory.
const MAX_WIDTH: usize = 1000;
/// `9999.9999` seconds and less; what is longer has fewer decimals.
const TIME_WIDTH: usize = 8;
/// Where the first column begins.
const START: usize = TIME_WIDTH + 1;
/// Between the columns: an arrow and the number of a step.
const GAP: usize = 7;
/// The same where columns are scarce, and where they aren't.
const NARROW_GAP: usize = 5;
const WIDE_GAP: usize = 9;

/// What is drawn in the gap.
struct Sign {
    text: String,
    width: usize,
    style: Style,
}

/// Where everything stands.
#[derive(Debug)]
pub(super) struct Page {
    width: usize,
    column: usize,
    /// Between two columns; none, if there is one.
    gap: Option<usize>,
    titles: Vec<(Side, Paragraph)>,
    theme: Theme,
}

impl Page {
    pub(super) fn new(header: &Header, width: usize, theme: Theme) -> Self {
        let width = width.clamp(MIN_WIDTH, MAX_WIDTH);
        let has = |side| header.programs.iter().any(|one| one.side == side);
        let has_both = has(Side::Server) && has(Side::Client);
        let gap = has_both.then_some(match width {
            ..72 => NARROW_GAP,
            72..100 => GAP,
            _ => WIDE_GAP,
        });
        let column = match gap {
            Some(gap) => (width - START - gap) / 2,
            None => width - START,
        };
        let titles = header.programs.iter().take(2);
        let titles = titles.map(|one| {
            let mut command = Paragraph::new("", "  ").with(FAINT, one.command.join(" "));
            command.max_rows = 2;
            (one.side, command)
        });
        Self {
            width,
            column,
            gap,
            titles: titles.collect(),
            theme,
        }
    }

    /// How wide a cell is.
    pub(super) fn column_width(&self) -> usize {
        self.column
    }

    /// How long an arrow is, its number included; none, if there is nothing to draw one
    /// between.
    pub(super) fn arrow_room(&self) -> Option<usize> {
        self.gap.map(|gap| gap - 2)
    }

    /// Whose each column is.
    pub(super) fn title(&self, out: &mut impl Write) -> io::Result<()> {
        let mut line = Line::new(out);
        line.put(FAINT, &format!("{:>TIME_WIDTH$}", "time"), TIME_WIDTH)?;
        // One program is a program, whichever side it would be.
        if self.gap.is_some() {
            for side in [Side::Server, Side::Client] {
                line.pad_to(self.start(Some(side)))?;
                let name = side.to_string();
                line.put(NAME, &name, name.len())?;
            }
            line.end()?;
            line = Line::new(out);
        }
        let (left, right) = (self.title_of(Side::Server), self.title_of(Side::Client));
        for index in 0..left.len().max(right.len()) {
            for (rows, side) in [(&left, Side::Server), (&right, Side::Client)] {
                if let Some(row) = rows.get(index) {
                    line.pad_to(self.start(Some(side)))?;
                    line.row(row)?;
                }
            }
            line.end()?;
            line = Line::new(out);
        }
        if left.is_empty() && right.is_empty() {
            line.end()?;
        }
        Ok(())
    }

    fn title_of(&self, wanted: Side) -> Vec<Row> {
        let mut titles = self.titles.iter().filter(|(side, _)| *side == wanted);
        let title = titles.next();
        title.map_or_else(Vec::new, |(_, title)| title.rows(self.column, self.theme))
    }

    pub(super) fn entry(&self, entry: &Entry, out: &mut impl Write) -> io::Result<()> {
        let width = match entry.side {
            Some(_) => self.column,
            None => self.width - START,
        };
        let time = time(entry.at);
        let mut sign = self.sign(entry);
        let mut is_first = true;
        for paragraph in &entry.lines {
            for row in paragraph.rows(width, self.theme) {
                let mut line = Line::new(out);
                if is_first {
                    line.put(FAINT, &time, TIME_WIDTH)?;
                    is_first = false;
                }
                self.cell(&mut line, entry.side, &row, sign.take().as_ref())?;
                line.end()?;
            }
        }
        Ok(())
    }

    /// Text from the left border on, without a time.
    pub(super) fn full_width(&self, paragraph: &Paragraph, out: &mut impl Write) -> io::Result<()> {
        for row in paragraph.rows(self.width, self.theme) {
            let mut line = Line::new(out);
            line.row(&row)?;
            line.end()?;
        }
        Ok(())
    }

    /// A row of a cell, and what stands in the gap next to it.
    fn cell(
        &self,
        line: &mut Line<impl Write>,
        side: Option<Side>,
        row: &Row,
        sign: Option<&Sign>,
    ) -> io::Result<()> {
        let start = self.start(side);
        match (sign, side) {
            (Some(sign), Some(Side::Client)) => {
                line.pad_to(start - 1 - sign.width.min(start - 1))?;
                line.put(sign.style, &sign.text, sign.width)?;
                line.pad_to(start)?;
                line.row(row)
            }
            (Some(sign), Some(Side::Server)) => {
                line.pad_to(start)?;
                line.row(row)?;
                line.pad_to(start + self.column + 1)?;
                line.put(sign.style, &sign.text, sign.width)
            }
            _ => {
                line.pad_to(start)?;
                line.row(row)
            }
        }
    }

    /// An arrow that comes in, `◀──7`; else the beginning of one, where something leaves.
    fn sign(&self, entry: &Entry) -> Option<Sign> {
        let room = self.arrow_room()?;
        match entry.arrow {
            Some(arrow) => Some(self.arrow(arrow, room, entry.side?)),
            None => entry.leaves.then(|| Sign {
                text: self.theme.line.to_string().repeat(room),
                width: room,
                style: FAINT,
            }),
        }
    }

    fn arrow(&self, arrow: Arrow, room: usize, to: Side) -> Sign {
        let plus = if arrow.has_more { "+" } else { "" };
        let mut number = format!("{}{plus}", arrow.from);
        if number.len() >= room {
            // It stands below the call, then.
            number.clear();
        }
        let line = self.theme.line.to_string().repeat(room - 1 - number.len());
        let text = match to {
            Side::Server => format!("{}{line}{number}", self.theme.left),
            Side::Client => format!("{number}{line}{}", self.theme.right),
        };
        Sign {
            text,
            width: room,
            style: ARROW,
        }
    }

    /// Where a cell begins.
    fn start(&self, side: Option<Side>) -> usize {
        match (side, self.gap) {
            (Some(Side::Client), Some(gap)) => START + self.column + gap,
            _ => START,
        }
    }
}

/// Seconds, as exact as there is room for.
fn time(at: Micros) -> String {
    let (seconds, micros) = (at / 1_000_000, at % 1_000_000);
    let shown = match seconds {
        0..1_000 => format!("{seconds}.{:04}", micros / 100),
        1_000..100_000 => format!("{seconds}.{:02}", micros / 10_000),
        100_000..10_000_000 => seconds.to_string(),
        // Nobody watched for so long, whatever the file says.
        _ => ">9999999".to_owned(),
    };
    format!("{shown:>TIME_WIDTH$}")
}

/// A line that is being written.
struct Line<'a, W> {
    out: &'a mut W,
    width: usize,
}

impl<'a, W: Write> Line<'a, W> {
    fn new(out: &'a mut W) -> Self {
        Self { out, width: 0 }
    }

    fn put(&mut self, style: Style, text: &str, width: usize) -> io::Result<()> {
        self.width += width;
        if style == PLAIN {
            return self.out.write_all(text.as_bytes());
        }
        write!(self.out, "{style}{text}{style:#}")
    }

    fn pad_to(&mut self, column: usize) -> io::Result<()> {
        let n = column.saturating_sub(self.width);
        self.width += n;
        write!(self.out, "{:n$}", "")
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        for span in &row.spans {
            self.put(span.style, &span.text, 0)?;
        }
        self.width += row.width;
        Ok(())
    }

    fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_any_length_fit() {
        let cases = [
            (0, "  0.0000"),
            (312, "  0.0003"),
            (999_999_999, "999.9999"),
            (1_000_000_000, " 1000.00"),
            (99_999_999_999, "99999.99"),
            (100_000_000_000, "  100000"),
            (9_999_999_999_999, " 9999999"),
            (u64::MAX, ">9999999"),
        ];
        for (at, expected) in cases {
            assert_eq!(time(at), expected);
        }
    }
}
