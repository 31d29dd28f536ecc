//! Text that wraps within a column, and plays no tricks with the terminal.

use anstyle::Style;
use unicode_width::UnicodeWidthChar;

use super::theme::{PLAIN, Theme};

/// More rows than this are more than anybody reads of one text.
const MAX_ROWS: usize = 12;
/// Of a text, so many bytes are kept: with [`MAX_ROWS`], no terminal shows more.
const MAX_TEXT: usize = 4096;
/// Marks that stand on top of a character take no room; so many characters may be in a
/// row for each column of it.
const MAX_STACKED: usize = 4;

/// A space that no row ends at.
const NO_BREAK: char = '\u{a0}';

/// Text in one style.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) style: Style,
    pub(super) text: String,
}

/// Text that is wrapped.
#[derive(Debug, Clone)]
pub(super) struct Paragraph {
    /// What stands before the first row, and before the others. Ours, never a
    /// stranger's.
    pub(super) first: String,
    pub(super) others: String,
    pub(super) prefix: Style,
    pub(super) spans: Vec<Span>,
    pub(super) max_rows: usize,
    /// There was more to say.
    pub(super) is_cut: bool,
    /// Rows end anywhere: a space is as good as any character.
    pub(super) is_raw: bool,
}

impl Paragraph {
    pub(super) fn new(first: impl Into<String>, others: impl Into<String>) -> Self {
        Self {
            first: first.into(),
            others: others.into(),
            prefix: PLAIN,
            spans: Vec::new(),
            max_rows: MAX_ROWS,
            is_cut: false,
            is_raw: false,
        }
    }

    /// A line of a call or an event, below its first.
    pub(super) fn detail() -> Self {
        Self::new("    ", "      ")
    }

    pub(super) fn with(mut self, style: Style, text: impl Into<String>) -> Self {
        self.add(style, text);
        self
    }

    pub(super) fn add(&mut self, style: Style, text: impl Into<String>) {
        let mut text = text.into();
        if text.len() > MAX_TEXT {
            text.truncate(text.floor_char_boundary(MAX_TEXT));
            self.is_cut = true;
        }
        self.add_whole(style, text);
    }

    /// Whatever its length is; the caller knows that it has one.
    pub(super) fn add_whole(&mut self, style: Style, text: String) {
        self.spans.push(Span { style, text });
    }

    /// The rows, each at most `width` columns wide.
    pub(super) fn rows(&self, width: usize, theme: Theme) -> Vec<Row> {
        Wrap::new(self, width, theme).rows()
    }
}

/// What fits side by side.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) spans: Vec<Span>,
    pub(super) width: usize,
}

impl Row {
    pub(super) fn push(&mut self, style: Style, text: &str, width: usize) {
        self.width += width;
        match self.spans.last_mut() {
            Some(last) if last.style == style => last.text += text,
            _ => self.spans.push(Span {
                style,
                text: text.to_owned(),
            }),
        }
    }
}

/// A character with its style and the columns that it takes.
type Cell = (char, Style, usize);

struct Wrap<'a> {
    paragraph: &'a Paragraph,
    theme: Theme,
    width: usize,
    rows: Vec<Vec<Cell>>,
    /// The row that is being filled.
    row: Vec<Cell>,
    row_width: usize,
    /// How many of its cells may stay, if the next one doesn't fit.
    last_break: usize,
}

impl<'a> Wrap<'a> {
    fn new(paragraph: &'a Paragraph, width: usize, theme: Theme) -> Self {
        Self {
            paragraph,
            theme,
            width,
            rows: Vec::new(),
            row: Vec::new(),
            row_width: 0,
            last_break: 0,
        }
    }

    /// The columns for text in the row that is being filled.
    fn room(&self) -> usize {
        let prefix = match self.rows.is_empty() {
            true => &self.paragraph.first,
            false => &self.paragraph.others,
        };
        self.width.saturating_sub(prefix.chars().count()).max(1)
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.paragraph.max_rows
    }

    fn rows(mut self) -> Vec<Row> {
        self.fill();
        let is_cut = self.is_full() && !self.row.is_empty() || self.paragraph.is_cut;
        if !self.is_full() && (!self.row.is_empty() || self.rows.is_empty()) {
            self.rows.push(std::mem::take(&mut self.row));
        }
        if is_cut {
            self.end_by_ellipsis();
        }
        let paragraph = self.paragraph;
        let mut rows = Vec::with_capacity(self.rows.len());
        for cells in &self.rows {
            let prefix = match rows.is_empty() {
                true => &paragraph.first,
                false => &paragraph.others,
            };
            let mut row = Row::default();
            row.push(paragraph.prefix, prefix, prefix.chars().count());
            let mut buffer = [0; 4];
            // Nobody sees spaces at the end, and files that are compared have none.
            let n_trailing = cells
                .iter()
                .rev()
                .take_while(|(one, ..)| *one == ' ')
                .count();
            for (character, style, width) in &cells[..cells.len() - n_trailing] {
                row.push(*style, character.encode_utf8(&mut buffer), *width);
            }
            rows.push(row);
        }
        rows
    }

    fn fill(&mut self) {
        for span in &self.paragraph.spans {
            for character in span.text.chars() {
                if character == NO_BREAK {
                    self.push_unbroken(' ', span.style);
                } else if is_harmless(character, self.theme) {
                    self.push(character, span.style);
                } else {
                    for shown in character.escape_debug() {
                        // Some harmful ones are nothing that it escapes.
                        match is_harmless(shown, self.theme) {
                            true => self.push(shown, span.style),
                            false => {
                                for digit in shown.escape_unicode() {
                                    self.push(digit, span.style);
                                }
                            }
                        }
                    }
                }
                if self.is_full() {
                    return;
                }
            }
        }
    }

    fn push(&mut self, character: char, style: Style) {
        self.push_unbroken(character, style);
        if !self.is_raw() && matches!(character, ' ' | ',' | '|' | '/') {
            self.last_break = self.row.len();
        }
    }

    fn push_unbroken(&mut self, character: char, style: Style) {
        let width = columns(character);
        let room = self.room();
        if self.row_width + width > room || self.row.len() >= MAX_STACKED * room {
            self.end_row();
        }
        if self.row.is_empty() && character == ' ' && !self.rows.is_empty() && !self.is_raw() {
            return;
        }
        self.row.push((character, style, width));
        self.row_width += width;
    }

    fn is_raw(&self) -> bool {
        self.paragraph.is_raw
    }

    fn end_row(&mut self) {
        let whole = self.row.len();
        let mut at = match self.last_break {
            0 => whole,
            at => at,
        };
        // A long word goes on where it is, rather than leave a row that is too wide for
        // the deeper indentation of the next one.
        let next_room = self
            .width
            .saturating_sub(self.paragraph.others.chars().count());
        let n_rest: usize = self.row[at..].iter().map(|(_, _, width)| width).sum();
        if n_rest + 2 > next_room {
            at = whole;
        }
        let rest = self.row.split_off(at);
        let row = std::mem::replace(&mut self.row, rest);
        self.rows.push(row);
        self.last_break = 0;
        self.row_width = self.row.iter().map(|(_, _, width)| width).sum();
    }

    fn end_by_ellipsis(&mut self) {
        let ellipsis = self.theme.ellipsis;
        let n_rows = self.rows.len();
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        let prefix = match n_rows {
            1 => &self.paragraph.first,
            _ => &self.paragraph.others,
        };
        let room = self.width.saturating_sub(prefix.chars().count()).max(1);
        let style = row.last().map_or(PLAIN, |(_, style, _)| *style);
        let mut width: usize = row.iter().map(|(_, _, width)| width).sum();
        while width + 1 > room {
            let Some((_, _, gone)) = row.pop() else {
                break;
            };
            width -= gone;
        }
        row.push((ellipsis, style, 1));
    }
}

/// The columns that a terminal gives to a character, at most: a selector of colours may
/// make the one before it wide.
fn columns(character: char) -> usize {
    match character {
        '\u{fe0f}' => 1,
        character => character.width().unwrap_or(1),
    }
}

/// It only shows: it doesn't control the terminal, doesn't turn the direction of what
/// follows, and isn't there without being seen.
fn is_harmless(character: char, theme: Theme) -> bool {
    if theme.is_ascii && !character.is_ascii() {
        return false;
    }
    !character.is_control()
        && !matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(paragraph: &Paragraph, width: usize, expected: &[&str]) {
        let rows = paragraph.rows(width, Theme::new(false));
        let texts: Vec<String> = rows.iter().map(text).collect();
        assert_eq!(texts, expected);
    }

    fn text(row: &Row) -> String {
        row.spans.iter().map(|span| span.text.as_str()).collect()
    }

    fn hanging(text: &str) -> Paragraph {
        Paragraph::new("", "  ").with(PLAIN, text)
    }

    #[test]
    fn rows_end_behind_spaces_commas_and_bars() {
        check(
            &hanging("socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)"),
            20,
            &["socket(AF_INET,", "  SOCK_STREAM|", "  SOCK_CLOEXEC)"],
        );
        check(&hanging("abcdefgh"), 5, &["abcde", "  fgh"]);
        check(&hanging(""), 5, &[""]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        check(&hanging("日本語日本語"), 6, &["日本語", "  日本", "  語"]);
        check(&hanging("日本語"), 5, &["日本", "  語"]);
    }

    #[test]
    fn what_is_too_long_ends_by_an_ellipsis() {
        let mut short = hanging("abcdefghij");
        short.max_rows = 1;
        check(&short, 5, &["abcd…"]);
        check(&short, 10, &["abcdefghij"]);
        short.is_cut = true;
        check(&short, 10, &["abcdefghi…"]);
        check(&short, 11, &["abcdefghij…"]);
    }

    #[test]
    fn nothing_reaches_the_terminal_but_what_shows() {
        check(
            &hanging("a\x1b[31m\u{202e}\u{200f}b"),
            40,
            &[r"a\u{1b}[31m\u{202e}\u{200f}b"],
        );
        let ascii = hanging("é\u{7}").rows(40, Theme::new(true));
        assert_eq!(text(&ascii[0]), r"\u{e9}\u{7}");
    }

    #[test]
    fn stacked_marks_are_no_way_to_a_long_row() {
        let tower = format!("a{}", "\u{301}".repeat(2000));
        for row in hanging(&tower).rows(10, Theme::new(false)) {
            assert!(text(&row).chars().count() <= 42);
        }
    }
}
