//! Colours and signs. A sign without UTF-8 is one in ASCII, and a colour only underlines
//! what the words say.

use anstyle::{AnsiColor, Style};

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

/// The signs that are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    pub(super) is_ascii: bool,
    pub(super) left: &'static str,
    pub(super) right: &'static str,
    pub(super) line: &'static str,
    pub(super) bar: &'static str,
    pub(super) times: &'static str,
    pub(super) more: &'static str,
    pub(super) ellipsis: &'static str,
    pub(super) event: &'static str,
    pub(super) micro: &'static str,
}

impl Theme {
    pub(super) const fn new(is_ascii: bool) -> Self {
        match is_ascii {
            true => Self {
                is_ascii,
                left: "<",
                right: ">",
                line: "-",
                bar: "|",
                times: "x",
                more: ":",
                ellipsis: "...",
                event: "*",
                micro: "u",
            },
            false => Self {
                is_ascii,
                left: "◀",
                right: "▶",
                line: "─",
                bar: "│",
                times: "×",
                more: "⋮",
                ellipsis: "…",
                event: "·",
                micro: "µ",
            },
        }
    }
}
