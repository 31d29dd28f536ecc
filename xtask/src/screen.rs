//! Words on the terminal.

use std::io::Write;

/// Writes to standard output. A reader that is gone (`| head`) has seen what it
/// wanted; the programs still come to their proper end.
pub(crate) fn print(text: &str) {
    let mut stdout = anstream::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// The words of a command as a person would type them into a shell.
pub(crate) fn quoted(words: impl IntoIterator<Item = String>) -> String {
    let words: Vec<String> = words.into_iter().map(quoted_word).collect();
    words.join(" ")
}

fn quoted_word(word: String) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_or_expand_them() {
        let check = |word: &str, expected: &str| assert_eq!(quoted([word.into()]), expected);
        check("target/debug/echo-server", "target/debug/echo-server");
        check("/Übungen/echo", "/Übungen/echo");
        check("/my course/echo", "'/my course/echo'");
        check("it's", r"'it'\''s'");
        check("$HOME", "'$HOME'");
        check("", "''");
    }
}
