//! The server on the left, the client on the right, and arrows from cause to effect.

use super::label::{self, printable};
use super::line::{Line, Style};
use super::story::{Row, Story};
use super::view::{Going, View};
use crate::play::Held;
use crate::record::{Call, Side};

/// Between the columns: room for an arrow's head.
const GUTTER: usize = 5;

const NO_ARROW: &str = "  │  ";
const TO_SERVER: &str = " ◄── ";
const TO_CLIENT: &str = " ──► ";

/// The columns' widths, in a screen of this one.
fn widths(width: usize) -> (usize, usize) {
    let server = (width - GUTTER) / 2;
    (server, width - GUTTER - server)
}

/// Whose column is whose.
pub(crate) fn heads(view: &View, width: usize) -> Line {
    let head = |side: Side, command: &str| {
        Line::new(Style::Strong, side.to_string())
            .with(Style::Dim, format!(": {}", printable(command)))
    };
    let server = head(Side::Server, &view.server);
    join(server, NO_ARROW, head(Side::Client, &view.client), width)
}

fn join(server: Line, gutter: &str, client: Line, width: usize) -> Line {
    let (left, right) = widths(width);
    server
        .fit(left)
        .with(Style::Dim, gutter)
        .then(client.cut(right))
}

/// The latest `n_rows` rows.
pub(crate) fn rows(story: &Story, width: usize, n_rows: usize) -> Vec<Line> {
    story
        .last_rows(n_rows)
        .map(|row| line(story, row, width))
        .collect()
}

fn line(story: &Story, row: &Row, width: usize) -> Line {
    let (left, right) = widths(width);
    let room = |side| if side == Side::Server { left } else { right };
    match row {
        Row::Wait(wait) => {
            let label = label::waits(wait.step, &wait.name, &wait.arguments, room(wait.side));
            // Once it has ended there is another row; this one is then the past.
            let is_past = !story.waits_in(wait.step);
            let label = if is_past { dimmed(&label) } else { label };
            beside(wait.side, label, Line::default(), NO_ARROW, width)
        }
        Row::Call(call) => {
            let label = label::ended(call, room(call.side));
            let Some(cause) = cause(story, call) else {
                return beside(call.side, label, Line::default(), NO_ARROW, width);
            };
            match call.side {
                Side::Server => beside(call.side, label, cause, TO_SERVER, width),
                Side::Client => {
                    let cause = cause.cut(left);
                    let gap = Line::plain(" ".repeat(left - cause.width()));
                    beside(call.side, label, gap.then(cause), TO_CLIENT, width)
                }
            }
        }
        Row::Told(Some(side), text) => {
            let text = Line::new(Style::Dim, format!("    {text}"));
            beside(*side, text, Line::default(), NO_ARROW, width)
        }
        Row::Told(None, text) => Line::new(Style::Dim, format!("    {text}")).cut(width),
    }
}

fn dimmed(line: &Line) -> Line {
    let text: String = line
        .pieces()
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();
    Line::new(Style::Dim, text)
}

/// `own` in the column of `side`, and `other` in the other one.
fn beside(side: Side, own: Line, other: Line, gutter: &str, width: usize) -> Line {
    match side {
        Side::Server => join(own, gutter, other, width),
        Side::Client => join(other, gutter, own, width),
    }
}

/// The calls that a result is owed to: `10 sendto, 12 bytes`.
fn cause(story: &Story, call: &Call) -> Option<Line> {
    let cause = call.causes.first()?;
    let mut text = cause.step.to_string();
    if let Some(name) = story.name_of(cause.step) {
        text = format!("{text} {}", printable(name));
    }
    if let Some(bytes) = cause.bytes {
        text = format!("{text}, {bytes} bytes");
    }
    if call.causes.len() > 1 {
        text = format!("{text}, and {} more", call.causes.len() - 1);
    }
    Some(Line::new(Style::Dim, text))
}

/// What each side is about to do, waits for, or has come to.
pub(crate) fn status(view: &View, width: usize) -> Vec<Line> {
    let (left, right) = widths(width);
    let server = side_status(view, Side::Server, left);
    let client = side_status(view, Side::Client, right);
    let n_lines = server.len().max(client.len());
    let (mut server, mut client) = (server.into_iter(), client.into_iter());
    let mut line = || {
        let server = server.next().unwrap_or_default();
        join(server, NO_ARROW, client.next().unwrap_or_default(), width)
    };
    (0..n_lines).map(|_| line()).collect()
}

fn side_status(view: &View, side: Side, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut held = view.held.iter().filter(|held| held.side == side);
    if let Some(first) = held.next() {
        let is_natural = view.natural() == Some(first);
        lines.push(and_more(
            held_line(first, is_natural, width),
            held.count(),
            width,
        ));
    }
    let waits = view.story.waits().into_iter();
    let mut waits = waits.filter(|wait| wait.side == side);
    if let Some(wait) = waits.next() {
        let label = label::waits(wait.step, &wait.name, &wait.arguments, width);
        lines.push(and_more(label, waits.count(), width));
    }
    if lines.is_empty() {
        lines.push(Line::new(Style::Dim, format!("    {}", idle(view, side))).cut(width));
    }
    lines
}

/// Other threads of the same side do the same.
fn and_more(line: Line, n: usize, width: usize) -> Line {
    if n == 0 {
        return line;
    }
    let more = Line::new(Style::Dim, format!(" +{n}"));
    line.cut(width.saturating_sub(more.width())).then(more)
}

fn held_line(held: &Held, is_natural: bool, width: usize) -> Line {
    let (style, mark) = if is_natural {
        (Style::Good, "  ▶ ")
    } else {
        (Style::Plain, "    ")
    };
    let call = label::call(&held.name, &held.arguments, width.saturating_sub(4));
    Line::new(style, mark).with(style, call)
}

/// Why a side has neither a call that is held nor one that waits.
pub(crate) fn idle(view: &View, side: Side) -> String {
    if let Some(end) = view.story.end_of(side) {
        return end;
    }
    let why = match view.going {
        Going::Over => "nothing more is known",
        _ if view.story.has_begun(side) => "runs, and makes no call",
        _ => "isn't there yet",
    };
    why.to_owned()
}
