//! Bytes as a person can read them.

use std::fmt::{self, Display, Write};

/// More than a line of a terminal tells nobody more.
const EXCERPT_BYTES: usize = 64;

/// Shows bytes between quotation marks: text as text, everything else escaped,
/// so that nothing a peer sent reaches the terminal as a control character.
#[derive(Debug, Clone, Copy)]
pub struct Printable<'a> {
    bytes: &'a [u8],
    max_shown: usize,
}

impl<'a> Printable<'a> {
    /// All of `bytes`.
    pub fn whole(bytes: &'a [u8]) -> Self {
        let max_shown = bytes.len();
        Self { bytes, max_shown }
    }

    /// The first 64 of `bytes`, and how many there are if that is not all.
    pub fn excerpt(bytes: &'a [u8]) -> Self {
        let max_shown = EXCERPT_BYTES;
        Self { bytes, max_shown }
    }
}

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.bytes[..self.bytes.len().min(self.max_shown)];
        f.write_char('"')?;
        for chunk in shown.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\'' => f.write_char('\'')?, // Needs no escape in these quotes.
                    _ => write!(f, "{}", character.escape_debug())?,
                }
            }
            write!(f, "{}", chunk.invalid().escape_ascii())?;
        }
        f.write_char('"')?;
        if shown.len() < self.bytes.len() {
            write!(f, "... ({} bytes)", self.bytes.len())?;
        }
        Ok(())
    }
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
        check(b"", r#""""#);
        check(b"a\x1b[31m\n\"", r#""a\u{1b}[31m\n\"""#);
        check(b"\xff\x00", r#""\xff\0""#);
    }

    #[test]
    fn long_data_is_cut_and_its_length_told() {
        let shown = Printable::excerpt(&[b'x'; 1000]).to_string();
        assert_eq!(shown, format!("\"{}\"... (1000 bytes)", "x".repeat(64)));
    }
}
