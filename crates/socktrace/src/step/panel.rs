//! What can be shown instead of the calls: the bytes of the last one, or more words.

use std::fmt::Write;

use common::Printable;
use textwrap::wrap;

use super::label::{self, printable};
use super::line::{Line, Style, rule};
use super::story::Row;
use super::view::{Panel, View, words_waiting};
use crate::record::{Argument, Call, Data, Outcome, Wait, Way};
use crate::words::{self, Words};

/// A trace may keep more of a call's bytes than anybody scrolls through.
const MAX_SHOWN: usize = 16 * 1024;
const BYTES_A_LINE: usize = 16;
/// Each line begins with two columns of nothing, and ends before the last two.
const MARGINS: usize = 4;

/// The part of the panel that is scrolled to, under its name.
pub(crate) fn window(view: &View, panel: Panel, width: usize, n_rows: usize) -> Vec<Line> {
    let all = lines(view, panel, width);
    let n_shown = n_rows.saturating_sub(1);
    let first = view.scroll.min(all.len().saturating_sub(n_shown));
    let last = all.len().min(first + n_shown);
    let name = match panel {
        Panel::Bytes => "bytes of the last call",
        Panel::More => "more words",
    };
    let place = match (n_shown < all.len()).then_some((first + 1, last)) {
        Some((first, last)) => format!("{first} to {last} of {} lines", all.len()),
        None => String::new(),
    };
    let mut shown = vec![rule(name, Style::Strong, &place, width)];
    shown.extend(all.into_iter().skip(first).take(n_shown));
    shown
}

/// How far one can scroll: to the last line, so that a larger window doesn't matter.
pub(crate) fn n_lines(view: &View, panel: Panel, width: usize) -> usize {
    lines(view, panel, width).len()
}

fn lines(view: &View, panel: Panel, width: usize) -> Vec<Line> {
    let width = width.saturating_sub(MARGINS).max(1);
    let lines = match panel {
        Panel::Bytes => bytes(view, width),
        Panel::More => more(view, width),
    };
    let indent = |line: Line| Line::plain("  ").then(line);
    lines.into_iter().map(indent).collect()
}

fn more(view: &View, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if let (Some(words), Some(row)) = (view.words_after(), view.happened()) {
        let (step, name, became) = match row {
            Row::Wait(wait) => (wait.step, &wait.name, "waits"),
            Row::Call(call) => (call.step, &call.name, "has ended"),
            Row::Told(..) => return lines,
        };
        explain(
            &format!("{step} {} {became}", printable(name)),
            words,
            width,
            &mut lines,
        );
    }
    let is_last =
        |wait: &Wait| matches!(view.happened(), Some(Row::Wait(last)) if last.step == wait.step);
    let mut waits = view.story.waits().into_iter();
    let waits_elsewhere = waits.find(|wait| !is_last(wait));
    if let Some(next) = view.natural() {
        let words = words::before(&next.name, next.kind, &next.arguments);
        explain(
            &format!("next: {}", printable(&next.name)),
            words,
            width,
            &mut lines,
        );
    } else if let Some(wait) = waits_elsewhere {
        let words = words_waiting(&wait.name, &wait.arguments);
        let head = format!("{} {} waits", wait.step, printable(&wait.name));
        explain(&head, words, width, &mut lines);
    }
    lines
}

fn explain(head: &str, words: Words, width: usize, lines: &mut Vec<Line>) {
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.push(Line::new(Style::Strong, head).cut(width));
    for paragraph in words.lines.iter().copied().chain(words.more.lines()) {
        let wrapped = wrap(paragraph, width).into_iter();
        lines.extend(wrapped.map(|line| Line::plain(line.into_owned())));
    }
    let chapter = format!("{}: {}", words.chapter.title(), words.chapter);
    lines.push(Line::new(Style::Dim, chapter).cut(width));
}

fn bytes(view: &View, width: usize) -> Vec<Line> {
    let mut lines = match view.story.last_call() {
        None => vec![Line::plain("No call has ended yet.")],
        Some(call) => call_lines(call, width),
    };
    // What the next call offers is known before it is made.
    if let Some(next) = view.natural()
        && let Some(data) = &next.data
    {
        lines.push(Line::default());
        let head = format!("next: {} offers {} bytes", printable(&next.name), data.room);
        lines.push(Line::new(Style::Strong, head).cut(width));
        byte_lines(&data.bytes, width, &mut lines);
    }
    lines
}

fn call_lines(call: &Call, width: usize) -> Vec<Line> {
    let mut lines = whole_call(call, width);
    match &call.data {
        None => lines.push(Line::new(Style::Dim, "It moves no bytes.")),
        Some(data) => lines.extend(data_lines(data, width)),
    }
    for frame in &call.frames {
        let head = format!("{}, {} bytes", printable(&frame.part), frame.length);
        lines.push(Line::new(Style::Strong, head).cut(width));
        for field in &frame.fields {
            let field = format!("  {}: {}", printable(&field.name), printable(&field.value));
            lines.push(Line::plain(field).cut(width));
        }
    }
    lines
}

/// The call with its arguments by their names, and what the kernel gave.
fn whole_call(call: &Call, width: usize) -> Vec<Line> {
    let named = |arguments: &[Argument]| {
        let spoken = arguments.iter().filter(|it| it.says_something());
        let named = spoken.map(|Argument { name, value }| {
            format!("{}={}", printable(name), printable(&value.to_string()))
        });
        named.collect::<Vec<_>>().join(", ")
    };
    let (_, result) = label::result(&call.result);
    let name = printable(&call.name);
    let mut text = format!(
        "{} {name}({}) = {result}",
        call.step,
        named(&call.arguments)
    );
    if let Outcome::Unfinished(why) = &call.result {
        let _ = write!(text, ": {}", printable(why));
    }
    if !call.gave.is_empty() {
        let _ = write!(text, "; it gave {}", named(&call.gave));
    }
    let wrapped = wrap(&text, width).into_iter();
    wrapped
        .map(|line| Line::new(Style::Strong, line.into_owned()))
        .collect()
}

fn data_lines(data: &Data, width: usize) -> Vec<Line> {
    let (length, room) = (data.length, data.room);
    let mut head = match data.way {
        Way::Sent => format!("{length} bytes sent of {room} offered"),
        Way::Received => format!("{length} bytes received, with room for {room}"),
        Way::Peeked => format!("{length} bytes seen and left there, with room for {room}"),
    };
    let n_shown = data.bytes.len().min(MAX_SHOWN);
    if (n_shown as u64) < length {
        let _ = write!(head, "; the first {n_shown} of them:");
    }
    let mut lines = vec![Line::new(Style::Dim, head).cut(width)];
    byte_lines(&data.bytes, width, &mut lines);
    lines
}

fn byte_lines(bytes: &[u8], width: usize, lines: &mut Vec<Line>) {
    let shown = &bytes[..bytes.len().min(MAX_SHOWN)];
    if shown.is_empty() {
        return;
    }
    lines.extend(text_lines(&Printable::whole(shown).to_string(), width));
    // Half as many where the window is narrow.
    let a_line = if width < 76 {
        BYTES_A_LINE / 2
    } else {
        BYTES_A_LINE
    };
    let chunks = shown.chunks(a_line).enumerate();
    lines.extend(chunks.map(|(index, chunk)| Line::plain(hex_line(index * a_line, chunk, a_line))));
}

/// Cut where the line is full, and nowhere else: each blank is a byte.
fn text_lines(text: &str, width: usize) -> Vec<Line> {
    use unicode_width::UnicodeWidthChar;
    let mut lines = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let columns = character.width().unwrap_or(0);
        if used + columns > width {
            lines.push(String::new());
            used = 0;
        }
        used += columns;
        let line = lines.last_mut().expect("there is one from the start");
        line.push(character);
    }
    lines.into_iter().map(Line::plain).collect()
}

fn hex_line(offset: usize, bytes: &[u8], a_line: usize) -> String {
    let mut line = format!("{offset:04x}  ");
    for byte in bytes {
        let _ = write!(line, "{byte:02x} ");
    }
    let missing = a_line - bytes.len();
    line.push_str(&" ".repeat(3 * missing + 1));
    line.extend(bytes.iter().map(|byte| match byte {
        b' '..=b'~' => char::from(*byte),
        _ => '.',
    }));
    line
}
