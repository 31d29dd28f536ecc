//! The bytes of a call, as text and in hexadecimal digits.

use std::fmt::Write;

use common::Printable;

use crate::record::Data;

use super::paragraph::Paragraph;
use super::theme::{BYTES, FAINT};

const INDENT: &str = "     ";
/// A character of UTF-8 has at most so many bytes.
const MAX_CHARACTER: usize = 4;

/// Two paragraphs, for a column of this width, of at most `n_lines` each.
pub(super) fn lines(data: &Data, width: usize, n_lines: usize) -> Vec<Paragraph> {
    if data.bytes.is_empty() || n_lines == 0 {
        return Vec::new();
    }
    let room = width.saturating_sub(INDENT.len()).max(1);
    vec![text(data, room, n_lines), digits(data, room, n_lines)]
}

fn text(data: &Data, room: usize, n_lines: usize) -> Paragraph {
    let bytes = beginning(&data.bytes, room.saturating_mul(n_lines) * MAX_CHARACTER);
    let mut paragraph = paragraph(n_lines);
    paragraph.add(BYTES, Printable::whole(bytes).to_string());
    paragraph.is_cut |= is_more_than(data, bytes);
    paragraph
}

fn digits(data: &Data, room: usize, n_lines: usize) -> Paragraph {
    let per_line = (room.saturating_add(1) / 3).max(1);
    let bytes = &data.bytes[..data.bytes.len().min(per_line.saturating_mul(n_lines))];
    let mut paragraph = paragraph(n_lines);
    for line in bytes.chunks(per_line) {
        let mut digits = String::with_capacity(3 * per_line);
        for byte in line {
            let _ = write!(digits, "{byte:02x} ");
        }
        // The space that would not fit is where the row ends anyway.
        digits.truncate(room.min(digits.len()));
        let pad = room - digits.len();
        let is_last = line.len() < per_line;
        let pad = if is_last { 0 } else { pad };
        paragraph.add(FAINT, format!("{digits}{:pad$}", ""));
    }
    if let Some(last) = paragraph.spans.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    paragraph.is_cut |= is_more_than(data, bytes);
    paragraph
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

fn is_more_than(data: &Data, shown: &[u8]) -> bool {
    data.length > shown.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::theme::Theme;
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
        for paragraph in lines(&data, width, n_lines) {
            for row in paragraph.rows(width, Theme::new(false)) {
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
        check(
            b"Hello",
            5,
            20,
            1,
            &["     \"Hello\"", "     48 65 6c 6c 6f"],
        );
        check(b"\x1b\0", 2, 20, 1, &["     \"\\u{1b}\\0\"", "     1b 00"]);
        check(b"", 0, 20, 1, &[]);
        check(b"Hello", 5, 20, 0, &[]);
    }

    #[test]
    fn many_are_cut_to_their_lines() {
        let bytes = b"0123456789abcdef";
        check(
            bytes,
            16,
            20,
            1,
            &["     \"0123456789abc…", "     30 31 32 33 3…"],
        );
        check(
            bytes,
            16,
            20,
            2,
            &[
                "     \"0123456789abcd",
                "     ef\"",
                "     30 31 32 33 34 ",
                "     35 36 37 38 3…",
            ],
        );
        check(b"ab", 70_000, 20, 1, &["     \"ab\"…", "     61 62…"]);
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
