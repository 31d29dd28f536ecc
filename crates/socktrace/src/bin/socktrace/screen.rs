//! What the terminal can show.

use std::env;
use std::io::IsTerminal;

use socktrace::draw::DEFAULT_WIDTH;

/// Wider columns are harder to follow.
const MAX_WIDTH: usize = 120;

/// How many columns there are to draw in.
pub(crate) fn width(out: &impl IsTerminal) -> usize {
    match crossterm::terminal::size() {
        Ok((columns, _)) if out.is_terminal() && columns > 0 => usize::from(columns).min(MAX_WIDTH),
        _ => DEFAULT_WIDTH,
    }
}

/// True if the locale knows nothing but ASCII. Outside Unix there is none to ask.
pub(crate) fn is_ascii() -> bool {
    if !cfg!(unix) {
        return false;
    }
    // In the order in which setlocale(3) asks them.
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut values = names.iter().filter_map(|name| env::var(name).ok());
    let locale = values.find(|value| !value.is_empty()).unwrap_or_default();
    // Where nothing is set, as in most containers, terminals show UTF-8 all the same.
    !locale.is_empty()
        && !locale
            .to_ascii_lowercase()
            .replace('-', "")
            .contains("utf8")
}
