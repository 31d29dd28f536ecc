//! Commands in one line, in a file or behind a flag, as people on any system write them.

/// What a shell does and the checker doesn't: longer ones first.
const SHELL_ONLY: [&str; 15] = [
    "&&", "||", ">>", "<<", "$(", "${", "|", ";", "&", ">", "<", "(", ")", "`", "*",
];

/// What a shell does between double quotes, too.
const QUOTED_SHELL_ONLY: [&str; 3] = ["$(", "${", "`"];

/// A command, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// What is set in its environment, names and values.
    pub env: Vec<(String, String)>,
    /// The command and its arguments. Invariant: not empty.
    pub words: Vec<String>,
}

impl CommandLine {
    /// True if this placeholder stands in it.
    pub fn has(&self, placeholder: &str) -> bool {
        let values = self.env.iter().map(|(_, value)| value);
        let mut texts = self.words.iter().chain(values);
        texts.any(|text| text.contains(placeholder))
    }

    /// The same, with each placeholder replaced by its value.
    #[must_use]
    pub fn filled(&self, values: &[(&str, &str)]) -> Self {
        let fill = |text: &String| {
            let replace = |text: String, (name, value): &(&str, &str)| text.replace(name, value);
            values.iter().fold(text.clone(), replace)
        };
        let setting = |(name, value): &(String, String)| (name.clone(), fill(value));
        Self {
            env: self.env.iter().map(setting).collect(),
            words: self.words.iter().map(fill).collect(),
        }
    }
}

/// The text of a file, in UTF-8 or UTF-16, with or without a byte order mark: editors
/// and shells on Windows write each of these.
///
/// # Errors
///
/// What was expected, if the bytes are no such text.
pub fn text(bytes: &[u8]) -> Result<String, String> {
    let utf_16 = |bytes: &[u8], number: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| number(*pair)).collect();
        let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
        text.ok_or_else(|| "expected UTF-16, as its first two bytes say".to_owned())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest if !rest.contains(&0) => str::from_utf8(rest)
            .map(ToOwned::to_owned)
            .map_err(|error| format!("expected text in UTF-8: {error}")),
        _ => Err("expected text in UTF-8, got zero bytes in it".to_owned()),
    }
}

/// The command in a text: its first line that says something. A backslash before a
/// character of a name, outside quotes, is taken for what separates folders, as on
/// Windows: a shell has no use for one there.
///
/// # Errors
///
/// What is wrong with it, if there is none, or if only a shell could run it.
pub fn command(text: &str) -> Result<CommandLine, String> {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .ok_or("there is no command in it")?;
    if let Some(found) = shell_only(line) {
        return Err(format!(
            "`{found}` needs a shell: write a script, or `sh -c '...'`"
        ));
    }
    let line = &with_slashes(line);
    let mut words = shell_words::split(line).map_err(|error| format!("{line}: {error}"))?;
    let n_settings = words.iter().take_while(|word| setting(word).is_some());
    let commands = words.split_off(n_settings.count());
    if commands.first().is_none_or(String::is_empty) {
        return Err(format!("expected a command, got {line}"));
    }
    Ok(CommandLine {
        env: words.iter().filter_map(|word| setting(word)).collect(),
        words: commands,
    })
}

/// A character of a line, as a shell takes it.
struct Place {
    /// Where it begins, in bytes.
    at: usize,
    c: char,
    /// The quotes that it stands between.
    quote: Option<char>,
    /// True behind a backslash that takes its meaning away.
    is_escaped: bool,
}

/// The characters of a line but for the quotes that begin and end.
fn places(line: &str) -> impl Iterator<Item = Place> {
    let mut quote = None;
    let mut is_behind_backslash = false;
    line.char_indices().filter_map(move |(at, c)| {
        let is_escaped = std::mem::take(&mut is_behind_backslash);
        let place = Place {
            at,
            c,
            quote,
            is_escaped,
        };
        match (quote, c) {
            _ if is_escaped => {}
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (Some('\''), _) => return Some(place),
            (_, '\\') => is_behind_backslash = true,
            _ => {}
        }
        let is_quote = !is_escaped && quote != place.quote;
        (!is_quote).then_some(place)
    })
}

/// The line with `folder\file` as `folder/file`, outside quotes.
fn with_slashes(line: &str) -> String {
    let mut slashed = line.to_owned();
    let is_of_a_name = |c: char| c.is_alphanumeric() || "._-".contains(c);
    for place in places(line) {
        if place.is_escaped && place.quote.is_none() && is_of_a_name(place.c) {
            // As long as what it replaces.
            slashed.replace_range(place.at - 1..place.at, "/");
        }
    }
    slashed
}

/// `NAME=VALUE`, taken apart.
fn setting(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_right = !name.is_empty() && name.chars().all(is_name);
    let starts_right = !name.starts_with(|c: char| c.is_ascii_digit());
    (is_right && starts_right).then(|| (name.to_owned(), value.to_owned()))
}

/// The first thing in `line` that only a shell would do, by its name.
fn shell_only(line: &str) -> Option<String> {
    let find = |at: usize, list: &[&str]| {
        let here = &line[at..];
        let found = list.iter().find(|word| here.starts_with(**word));
        found
            .map(|word| (*word).to_owned())
            .or_else(|| variable(here))
    };
    let starts_word = |at: usize| {
        line[..at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    };
    for place in places(line).filter(|place| !place.is_escaped) {
        let found = match (place.quote, place.c) {
            (Some('\''), _) => None,
            (Some(_), _) => find(place.at, &QUOTED_SHELL_ONLY),
            // The rest of the line is a comment.
            (None, '#') if starts_word(place.at) => return None,
            (None, '~') if starts_word(place.at) => Some("~".to_owned()),
            (None, _) => find(place.at, &SHELL_ONLY),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// `$NAME` at the start of `text`, or `%NAME%` as on Windows.
fn variable(text: &str) -> Option<String> {
    if let Some((name, _)) = text.strip_prefix('%').and_then(|rest| rest.split_once('%')) {
        let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
        let is_right = name.len() > 1 && name.chars().all(is_name);
        return is_right.then(|| format!("%{name}%"));
    }
    let name = text.strip_prefix('$')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
    (end > 0).then(|| format!("${}", &name[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, env: &[(&str, &str)], words: &[&str]) {
        let owned = |word: &&str| (*word).to_owned();
        let env = env.iter().map(|(name, value)| (owned(name), owned(value)));
        let expected = CommandLine {
            env: env.collect(),
            words: words.iter().map(owned).collect(),
        };
        assert_eq!(command(line).unwrap(), expected);
    }

    #[test]
    fn a_line_is_split_as_a_shell_splits_it() {
        check(
            "\r\n# mine\r\n./a {port} 'b c'\r\nrest",
            &[],
            &["./a", "{port}", "b c"],
        );
        check(
            "A=1 B_2='x y' ./a C=3",
            &[("A", "1"), ("B_2", "x y")],
            &["./a", "C=3"],
        );
        check(
            "sh -c 'cd x && ./a $1 >b'",
            &[],
            &["sh", "-c", "cd x && ./a $1 >b"],
        );
        check(
            r"solution\a.exe .\b \' c\ d",
            &[],
            &["solution/a.exe", "./b", "'", "c d"],
        );
        check(r".\.venv\p ..\_a", &[], &["./.venv/p", "../_a"]);
        check(r#"a "say \"a\nb\" c""#, &[], &["a", r#"say "a\nb" c"#]);
        check(
            r#"sh -c "printf '\n'" '\n'"#,
            &[],
            &["sh", "-c", r"printf '\n'", r"\n"],
        );
        check(r#"./a \; "a;b" # here; there"#, &[], &["./a", ";", "a;b"]);
    }

    #[test]
    fn what_needs_a_shell_is_named() {
        for (line, found) in [
            ("cd x && ./a", "`&&`"),
            ("a | b", "`|`"),
            ("a || b", "`||`"),
            ("a; b", "`;`"),
            ("a 2>&1", "`>`"),
            ("a <b", "`<`"),
            ("a &", "`&`"),
            ("a $(b)", "`$(`"),
            ("a \"$(b)\"", "`$(`"),
            ("a `b`", "```"),
            ("a $PORT", "`$PORT`"),
            ("a %PORT%", "`%PORT%`"),
            ("~/a", "`~`"),
            ("python3 *.py", "`*`"),
        ] {
            let error = command(line).unwrap_err();
            assert!(
                error.starts_with(&format!("{found} needs a shell")),
                "{error}"
            );
        }
        assert!(command("A=1").is_err());
        assert!(command("# nothing").is_err());
    }

    #[test]
    fn text_of_any_editor_is_read() {
        let wide = |mark: u16, bytes: fn(u16) -> [u8; 2]| {
            let units = std::iter::once(mark).chain("é".encode_utf16());
            units.flat_map(bytes).collect::<Vec<u8>>()
        };
        for bytes in [
            "é".as_bytes(),
            "\u{feff}é".as_bytes(),
            &wide(0xfeff, u16::to_le_bytes),
            &wide(0xfeff, u16::to_be_bytes),
        ] {
            assert_eq!(text(bytes).unwrap(), "é");
        }
        assert!(text(b"\xff\xfea").is_err() && text(b"a\0").is_err() && text(b"\xe9").is_err());
    }
}
