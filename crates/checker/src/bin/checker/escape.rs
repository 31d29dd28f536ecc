//! Other people's words, made fit for a line of a report and for a shell.

use std::ffi::OsStr;

/// What the checker fills in; a shell leaves these as they are.
const PLACEHOLDERS: [&str; 5] = ["{host}", "{port}", "{connections}", "{action}", "{value}"];

/// A word as a shell takes it: it stays one word, and nothing in it is run.
pub(crate) fn quoted(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    let Some(text) = word.to_str().filter(|text| text.chars().all(is_shown)) else {
        // What can't be shown in one line, or isn't text: byte by byte.
        return format!(
            "$'{}'",
            word.as_encoded_bytes()
                .iter()
                .map(octal)
                .collect::<String>()
        );
    };
    let mut rest = text.to_owned();
    for placeholder in PLACEHOLDERS {
        rest = rest.replace(placeholder, "");
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@".contains(c);
    // zsh takes `=ls` for the path of ls.
    if !text.is_empty() && !text.starts_with('=') && rest.chars().all(is_plain) {
        return text.to_owned();
    }
    // shell_words::quote leaves braces and `!` bare, which interactive shells expand.
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A command as a shell takes it.
pub(crate) fn quoted_command(words: &[String]) -> String {
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Text as a report shows it: on one line, without orders to the terminal, and well
/// formed in XML.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_shown(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_default());
        }
    }
    shown
}

/// A byte between `$'` and `'` (POSIX.1-2024, 2.2.4).
fn octal(byte: &u8) -> String {
    match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

/// True for what is neither an order to a terminal, nor changes how the rest of a
/// line is read, nor is forbidden in XML (XML 1.0, 2.2).
fn is_shown(c: char) -> bool {
    let is_direction = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_no_character = matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{feff}');
    !c.is_control() && !is_direction && !is_no_character
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_a_terminal_are_shown_and_not_given() {
        assert_eq!(shown("déjà \\ vu"), "déjà \\ vu");
        assert_eq!(
            shown("\u{1b}[2J\n\u{9b}\u{202e}\u{fffe}\0"),
            r"\u{1b}[2J\n\u{9b}\u{202e}\u{fffe}\u{0}"
        );
    }

    #[test]
    fn a_word_stays_one_word() {
        for (word, expected) in [
            ("./server", "./server"),
            ("{port}", "{port}"),
            ("{1,2}", "'{1,2}'"),
            ("", "''"),
            ("x; touch y", "'x; touch y'"),
            ("it's", r"'it'\''s'"),
            ("a\n'\u{1b}", r"$'a\012\'\033'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
