//! The bytes of a call, as text and in hexadecimal digits.

use std::fmt::Write;

use common::Printable;

use crate::record::Data;

use super::paragraph::Paragraph;
use super::theme::{BYTES, FAINT, Theme};

const INDENT: &str = "    ";
/// A character of UTF-8 has at most so many bytes.
const MAX_CHARACTER: usize = 4;

/// Two paragraphs, for a column of this width, of at most `n_lines` each.
pub(super) fn lines(data: &Data, width: usize, n_lines: usize, theme: Theme) -> Vec<Paragraph> {
    // A program may have offered more than the kernel took.
    let n_moved = usize::try_from(data.length).unwrap_or(usize::MAX);
    let bytes = &data.bytes[..data.bytes.len().min(n_moved)];
    if bytes.is_empty() || n_lines == 0 {
        return Vec::new();
    }
    let room = width.saturating_sub(INDENT.len()).max(1);
    let kept = Kept {
        bytes,
        length: data.length,
    };
    vec![kept.text(room, n_lines), kept.digits(room, n_lines, theme)]
}

/// The first bytes of a call.
#[derive(Clone, Copy)]
struct Kept<'a> {
    bytes: &'a [u8],
    /// How many there were.
    length: u64,
}

impl Kept<'_> {
    fn text(self, room: usize, n_lines: usize) -> Paragraph {
        let n_most = room.saturating_mul(n_lines).saturating_mul(MAX_CHARACTER);
        let bytes = beginning(self.bytes, n_most);
        let mut paragraph = paragraph(n_lines);
        let is_whole = self.length == bytes.len() as u64;
        // Quotation marks within, as JSON has them, are clear enough without a backslash.
        let text = Printable::whole(bytes).without_quotes();
        let end = if is_whole { "\"" } else { "" };
        paragraph.add_whole(BYTES, format!("\"{text}{end}"));
        paragraph.is_cut |= !is_whole;
        paragraph
    }

    /// Whole bytes only, also where there are more of them than are shown.
    fn digits(self, room: usize, n_lines: usize, theme: Theme) -> Paragraph {
        let per_line = (room.saturating_add(1) / 3).max(1);
        let mut n = per_line.saturating_mul(n_lines).min(self.bytes.len());
        let is_cut = self.length > n as u64;
        if is_cut && n.is_multiple_of(per_line) {
            let n_fitting = room.saturating_sub(1) / 3;
            n -= per_line - n_fitting.min(per_line);
        }
        let mut paragraph = paragraph(n_lines);
        for line in self.bytes[..n].chunks(per_line) {
            let mut digits = String::with_capacity(room);
            for byte in line {
                let _ = write!(digits, "{byte:02x} ");
            }
            // A full line is a whole row, with whatever spaces that needs.
            let is_full = line.len() == per_line;
            let width = if is_full { room } else { digits.len() };
            digits.truncate(width);
            paragraph.add(FAINT, format!("{digits:width$}"));
        }
        match (is_cut, paragraph.spans.last_mut()) {
            (true, _) => paragraph.add(FAINT, theme.ellipsis),
            (false, Some(last)) => last.text.truncate(last.text.trim_end().len()),
            (false, None) => {}
        }
        paragraph
    }
}

fn paragraph(n_lines: usize) -> Paragraph {
    let mut paragraph = Paragraph::new(INDENT, INDENT);
    paragraph.max_rows = n_lines;
    paragraph.is_raw = true;
    paragraph
}

/// At most `n` bytes, and no half of a character at their end.
fn beginning(bytes: &[u8], n: usize) -> &[u8] {
    let mut n = n.min(bytes.len());
    if n < bytes.len() {
        let is_inside = |n: usize| bytes[n] & 0xc0 == 0x80;
        let back = (0..MAX_CHARACTER).find(|back| *back < n && !is_inside(n - back));
        n -= back.unwrap_or(0);
    }
    &bytes[..n]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Way;

    #[track_caller]
    fn check(bytes: &[u8], length: u64, width: usize, n_lines: usize, expected: &[&str]) {
        let data = Data {
            way: Way::Sent,
            length,
            room: length,
            bytes: bytes.to_vec(),
        };
        let mut shown = Vec::new();
        let theme = Theme::new(false);
        for paragraph in lines(&data, width, n_lines, theme) {
            for row in paragraph.rows(width, theme) {
                shown.push(
                    row.spans
                        .iter()
                        .map(|span| span.text.as_str())
                        .collect::<String>(),
                );
            }
        }
        assert_eq!(shown, expected);
    }

    #[test]
    fn few_bytes_are_shown_whole() {
        check(b"Hello", 5, 20, 1, &["    \"Hello\"", "    48 65 6c 6c 6f"]);
        check(b"\x1b\0", 2, 20, 1, &["    \"\\u{1b}\\0\"", "    1b 00"]);
        check(b"", 0, 20, 1, &[]);
        check(b"Hello", 5, 20, 0, &[]);
    }

    #[test]
    fn many_are_cut_to_their_lines() {
        let bytes = b"0123456789abcdef";
        check(
            bytes,
            16,
            19,
            1,
            &["    \"0123456789abc…", "    30 31 32 33 …"],
        );
        check(
            bytes,
            16,
            19,
            2,
            &[
                "    \"0123456789abcd",
                "    ef\"",
                "    30 31 32 33 34",
                "    35 36 37 38 …",
            ],
        );
        check(b"ab", 70_000, 20, 1, &["    \"ab…", "    61 62 …"]);
    }

    #[test]
    fn a_character_is_not_cut() {
        let text = "éé".as_bytes();
        assert_eq!(beginning(text, 3), "é".as_bytes());
        assert_eq!(beginning(text, 2), "é".as_bytes());
        assert_eq!(beginning(text, 9), text);
        assert_eq!(beginning(&[0x80; 9], 5).len(), 5);
    }
}
