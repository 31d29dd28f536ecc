//! What the terminal's locale can show, and what stands for the rest.

use std::env;

/// True if it knows more than ASCII.
pub fn has_unicode() -> bool {
    says_unicode(|name| env::var(name).ok())
}

/// Whether the locale, as these variables have it, is one in UTF-8 (locale(7)).
fn says_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    if cfg!(windows) {
        return true;
    }
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut values = names.into_iter().filter_map(variable);
    let locale = values.find(|value| !value.is_empty()).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    // Where nothing is set, as in most containers, terminals show UTF-8 all the same.
    locale.is_empty() || locale.contains("utf-8") || locale.contains("utf8")
}

/// The sign in ASCII that stands for this one, of the same width.
pub fn ascii(sign: char) -> Option<char> {
    Some(match sign {
        '─' => '-',
        '│' => '|',
        '▶' | '►' | '→' => '>',
        '◀' | '◄' => '<',
        '↑' => '^',
        '↓' => 'v',
        '×' => 'x',
        '⋮' => ':',
        '…' => '~',
        '·' => '*',
        'µ' => 'u',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: bool) {
        let variable = |name: &str| {
            let mut found = variables.iter().filter(|(known, _)| *known == name);
            found.next().map(|(_, value)| (*value).to_owned())
        };
        // Windows asks no locale.
        assert_eq!(
            says_unicode(variable),
            expected || cfg!(windows),
            "{variables:?}"
        );
    }

    #[test]
    fn the_first_variable_that_says_something_decides() {
        check(&[], true);
        check(&[("LANG", "C.UTF-8")], true);
        check(&[("LANG", "en_GB.utf8"), ("LC_ALL", "")], true);
        check(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], false);
        check(&[("LC_CTYPE", "de_DE.UTF-8"), ("LANG", "C")], true);
        check(&[("LANG", "POSIX")], false);
    }
}
