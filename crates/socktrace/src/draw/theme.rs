//! Colours and signs. A sign without UTF-8 is one in ASCII, and a colour only underlines
//! what the words say.

use anstyle::{AnsiColor, Style};

use crate::locale;

/// Text as it is.
pub(super) const PLAIN: Style = Style::new();
/// What frames the rest: times, numbers of steps.
pub(super) const FAINT: Style = Style::new().dimmed();
/// Titles, and the names of calls.
pub(super) const NAME: Style = Style::new().bold();
/// Results.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// Errors.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Results that aren't errors and not quite what one hoped for: `EAGAIN`, a wait.
pub(super) const NOTABLE: Style = AnsiColor::Yellow.on_default();
/// Arrows.
pub(super) const ARROW: Style = AnsiColor::Cyan.on_default().bold();
/// Bytes.
pub(super) const BYTES: Style = AnsiColor::Cyan.on_default();
/// What a program says by itself.
pub(super) const OUTPUT: Style = AnsiColor::Magenta.on_default();

/// The signs that are drawn, each one column wide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    pub(super) is_ascii: bool,
    pub(super) left: char,
    pub(super) right: char,
    pub(super) line: char,
    pub(super) bar: char,
    pub(super) times: char,
    pub(super) more: char,
    pub(super) ellipsis: char,
    pub(super) event: char,
    pub(super) micro: char,
}

impl Theme {
    pub(super) fn new(is_ascii: bool) -> Self {
        let sign = |sign| match locale::ascii(sign) {
            Some(ascii) if is_ascii => ascii,
            _ => sign,
        };
        Self {
            is_ascii,
            left: sign('◀'),
            right: sign('▶'),
            line: sign('─'),
            bar: sign('│'),
            times: sign('×'),
            more: sign('⋮'),
            ellipsis: sign('…'),
            event: sign('·'),
            micro: sign('µ'),
        }
    }
}
