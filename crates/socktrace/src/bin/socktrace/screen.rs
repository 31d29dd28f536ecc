//! What the terminal can show.

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
