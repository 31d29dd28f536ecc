//! A line of the screen: pieces of text, each in a style, and never wider than asked.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::locale;

/// How a piece of text looks. What it says never depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Style {
    /// As the terminal has it.
    #[default]
    Plain,
    /// Rules, arrows, what was said before.
    Dim,
    /// What to look at.
    Strong,
    /// The natural next call, a right answer.
    Good,
    /// An error, a wrong answer.
    Bad,
    /// A call that waits.
    Waits,
}

/// A line of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Line {
    pieces: Vec<(Style, String)>,
    width: usize,
}

impl Line {
    pub(crate) fn new(style: Style, text: impl Into<String>) -> Self {
        Self::default().with(style, text)
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(Style::Plain, text)
    }

    /// The same with more text behind it.
    pub(crate) fn with(mut self, style: Style, text: impl Into<String>) -> Self {
        let text = text.into();
        self.width += text.width();
        self.pieces.push((style, text));
        self
    }

    /// One behind the other.
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.width += other.width;
        self.pieces.extend(other.pieces);
        self
    }

    /// Exactly `width` columns: cut, with a mark where something is missing, or filled.
    pub(crate) fn fit(self, width: usize) -> Self {
        let mut fitted = self.cut(width);
        let missing = width - fitted.width;
        if missing > 0 {
            fitted = fitted.with(Style::Plain, " ".repeat(missing));
        }
        fitted
    }

    /// At most `width` columns.
    pub(crate) fn cut(self, width: usize) -> Self {
        if self.width <= width {
            return self;
        }
        let mut cut = Self::default();
        for (style, text) in self.pieces {
            let room = width - cut.width;
            if text.width() < room {
                cut = cut.with(style, text);
            } else {
                return cut.with(style, cut_text(&text, room, true));
            }
        }
        cut
    }

    pub(crate) fn pieces(&self) -> &[(Style, String)] {
        &self.pieces
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// What it says, without what fills it.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        let pieces = self.pieces.iter().map(|(_, text)| text.as_str());
        pieces.collect::<String>().trim_end().to_owned()
    }
}

/// `text`, if it fits; otherwise as much as fits, and a mark.
pub(crate) fn fit_text(text: &str, width: usize) -> String {
    cut_text(text, width, text.width() > width)
}

fn cut_text(text: &str, width: usize, has_mark: bool) -> String {
    if !has_mark {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for character in text.chars() {
        let columns = character.width().unwrap_or(0);
        if used + columns + 1 > width {
            break;
        }
        cut.push(character);
        used += columns;
    }
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// A terminal whose locale isn't UTF-8 shows ASCII only; each sign has one of the same
/// width that stands for it.
pub(crate) fn to_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        match locale::ascii(character) {
            _ if matches!(character, ' '..='~') => ascii.push(character),
            Some(sign) => ascii.push(sign),
            None => ascii.push_str(&"?".repeat(character.width().unwrap_or(0))),
        }
    }
    ascii
}

/// A line across the screen, with a word on the left and perhaps one on the right.
pub(crate) fn rule(left: &str, style: Style, right: &str, width: usize) -> Line {
    let right = if right.is_empty() {
        String::new()
    } else {
        format!(" {right} ─")
    };
    let right = Line::new(Style::Dim, right);
    let left = Line::new(Style::Dim, "─ ")
        .with(style, left)
        .with(Style::Dim, " ");
    let left = left.cut(width.saturating_sub(right.width()));
    let missing = width.saturating_sub(left.width() + right.width());
    left.with(Style::Dim, "─".repeat(missing))
        .then(right)
        .cut(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_wide_as_asked() {
        let line = || Line::plain("ab").with(Style::Dim, "cdef");
        for (width, expected) in [
            (0, ""),
            (1, "…"),
            (2, "a…"),
            (3, "ab…"),
            (5, "abcd…"),
            (6, "abcdef"),
            (9, "abcdef"),
        ] {
            let fitted = line().fit(width);
            assert_eq!(fitted.text(), expected);
            assert_eq!(fitted.width(), width);
        }
    }

    #[test]
    fn wide_characters_are_never_halved() {
        let line = Line::plain("🐶🐶🐶").fit(4);
        assert_eq!((line.text().as_str(), line.width()), ("🐶…", 4));
        assert_eq!(fit_text("🐶🐶", 4), "🐶🐶");
    }

    #[test]
    fn ascii_is_as_wide_as_what_it_stands_for() {
        assert_eq!(to_ascii("─► 12 │ a…é🐶"), "-> 12 | a~???");
    }
}
