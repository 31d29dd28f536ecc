//! Bytes as a person can read them.

use std::fmt::{self, Display, Write};

/// More than a line of a terminal tells nobody more.
const EXCERPT_BYTES: usize = 64;

/// Shows bytes: text as text, everything else escaped, so that nothing a peer
/// sent reaches the terminal as a control character.
#[derive(Debug, Clone, Copy)]
pub struct Printable<'a> {
    bytes: &'a [u8],
    max_shown: usize,
    has_quotes: bool,
}

impl<'a> Printable<'a> {
    /// All of `bytes`, between quotation marks.
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            max_shown: bytes.len(),
            has_quotes: true,
        }
    }

    /// The first 64 of `bytes`, between quotation marks, and how many there are
    /// if that is not all.
    pub fn excerpt(bytes: &'a [u8]) -> Self {
        Self {
            max_shown: EXCERPT_BYTES,
            ..Self::whole(bytes)
        }
    }

    /// The same without the marks.
    pub fn without_quotes(self) -> Self {
        Self {
            has_quotes: false,
            ..self
        }
    }
}

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.bytes[..self.bytes.len().min(self.max_shown)];
        let quote = if self.has_quotes { "\"" } else { "" };
        f.write_str(quote)?;
        for chunk in shown.utf8_chunks() {
            for character in chunk.valid().chars() {
                let is_quoted =
                    self.has_quotes && matches!(character, '"' | '\\');
                if is_quoted || does_more_than_show(character) {
                    write!(f, "{}", character.escape_debug())?;
                } else {
                    f.write_char(character)?;
                }
            }
            write!(f, "{}", chunk.invalid().escape_ascii())?;
        }
        f.write_str(quote)?;
        if shown.len() < self.bytes.len() {
            write!(f, "... ({} bytes)", self.bytes.len())?;
        }
        Ok(())
    }
}

/// Control characters, and those that turn the direction of what follows or
/// break the line: everything else only shows, if need be on top of the one
/// before.
fn does_more_than_show(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(Printable::whole(bytes).to_string(), expected);
    }

    #[test]
    fn text_stays_text_and_the_rest_is_escaped() {
        check(b"Hello, world", r#""Hello, world""#);
        check("it's 🐶".as_bytes(), "\"it's 🐶\"");
        check("हिन्दी ❤\u{fe0f}".as_bytes(), "\"हिन्दी ❤\u{fe0f}\"");
        check("\u{202e}".as_bytes(), r#""\u{202e}""#);
        check(b"", r#""""#);
        check(b"a\x1b[31m\n\"", r#""a\u{1b}[31m\n\"""#);
        check(b"\xff\x00", r#""\xff\0""#);
    }

    #[test]
    fn without_quotes_only_what_is_unprintable_is_escaped() {
        let shown = Printable::whole(b"{\"a\": \"\x07\"}").without_quotes();
        assert_eq!(shown.to_string(), r#"{"a": "\u{7}"}"#);
    }

    #[test]
    fn long_data_is_cut_and_its_length_told() {
        let shown = Printable::excerpt(&[b'x'; 1000]).to_string();
        assert_eq!(shown, format!("\"{}\"... (1000 bytes)", "x".repeat(64)));
    }
}
