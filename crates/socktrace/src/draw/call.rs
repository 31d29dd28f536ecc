//! A call: its number, its name, what it was given and what came back; below it what it
//! moved.

use std::fmt::{Display, Write};

use crate::kind::Kind;
use crate::model::{Model, moved};
use crate::record::{Argument, Call, Frame, Outcome, Side, SocketId, Step, Value, Wait, Way};

use super::bytes;
use super::entry::{Arrow, Entry, Key};
use super::paragraph::Paragraph;
use super::theme::{ARROW, BAD, FAINT, GOOD, NAME, NOTABLE, PLAIN, Theme};

/// Errors that are an everyday answer.
const EVERYDAY: [&str; 5] = ["EAGAIN", "EWOULDBLOCK", "EINPROGRESS", "EALREADY", "EINTR"];
/// More causes than this are counted.
const MAX_CAUSES: usize = 8;
/// A message of stage 3 has fewer fields, unless its sender plays.
const MAX_FIELDS: usize = 12;

/// What a call is drawn by.
pub(super) struct View<'a> {
    pub(super) model: &'a Model,
    pub(super) theme: Theme,
    /// The width of its cell.
    pub(super) width: usize,
    pub(super) byte_lines: usize,
    /// How long an arrow is, its number included; none, if there is no place for one.
    pub(super) arrow_room: Option<usize>,
}

/// A call that waits.
pub(super) fn wait(wait: &Wait, model: &Model, theme: Theme) -> Entry {
    let mut line = head(model, wait.side, wait.thread, wait.step);
    signature(&mut line, &wait.name, &wait.arguments);
    line.add(NOTABLE, format!(" waits {}", theme.ellipsis));
    let mut key = Key::default();
    identify(&mut key, "wait", wait.side, wait.thread, &wait.name);
    for argument in &wait.arguments {
        let _ = write!(key, "\0{}", argument.value);
    }
    Entry {
        at: wait.at,
        side: Some(wait.side),
        step: Some(wait.step),
        is_wait: true,
        arrow: None,
        leaves: false,
        lines: vec![line],
        key: key.finish(),
    }
}

impl View<'_> {
    /// A call that has ended.
    pub(super) fn call(&self, call: &Call) -> Entry {
        let mut line = head(self.model, call.side, call.thread, call.step);
        signature(&mut line, &call.name, &call.arguments);
        self.result(&mut line, call);
        if call.waited {
            let took = duration(call.ended.saturating_sub(call.began), self.theme);
            line.add(NOTABLE, format!(" (waited\u{a0}{took})"));
        }
        let arrow = arrow(call);
        if let (Some(arrow), None) = (arrow, self.arrow_room) {
            let Theme {
                left, line: dash, ..
            } = self.theme;
            line.add(ARROW, format!("  {left}{dash}{}", arrow.from));
        }
        let mut lines = vec![line];
        self.details(call, &mut lines);
        Entry {
            at: call.ended,
            side: Some(call.side),
            step: Some(call.step),
            is_wait: false,
            arrow,
            leaves: self.leaves(call),
            lines,
            key: key(call),
        }
    }

    fn result(&self, line: &mut Paragraph, call: &Call) {
        match &call.result {
            Outcome::Returned(value) => {
                line.add(PLAIN, " =\u{a0}");
                line.add(GOOD, value.to_string());
                if let Some(socket) = made(call) {
                    line.add(FAINT, format!(" (s{socket})"));
                }
            }
            Outcome::Failed(errno) => {
                let is_everyday = EVERYDAY.contains(&errno.name.as_str());
                line.add(PLAIN, " =\u{a0}");
                line.add(if is_everyday { NOTABLE } else { BAD }, errno.name.clone());
            }
            Outcome::Unfinished(why) => {
                line.add(PLAIN, " =\u{a0}");
                line.add(NOTABLE, format!("? ({why})"));
            }
        }
    }

    fn details(&self, call: &Call, lines: &mut Vec<Paragraph>) {
        for gave in &call.gave {
            let Argument { name, value } = gave;
            if !gave.says_something() {
                continue;
            }
            let is_sender = matches!(call.kind(), Kind::Accept | Kind::Receive | Kind::Peek);
            let label = match name.as_str() {
                "addr" if is_sender => "from",
                name => name,
            };
            let line = Paragraph::detail().with(FAINT, format!("{label} "));
            lines.push(line.with(PLAIN, value.to_string()));
        }
        if let Some(remark) = self.remark(call) {
            lines.push(Paragraph::detail().with(NOTABLE, remark));
        }
        if let Some(causes) = self.causes(call) {
            lines.push(Paragraph::detail().with(FAINT, causes));
        }
        if let Some(data) = &call.data {
            lines.extend(bytes::lines(data, self.width, self.byte_lines, self.theme));
        }
        for frame in &call.frames {
            show_frame(frame, lines);
        }
    }

    /// What the numbers mean.
    fn remark(&self, call: &Call) -> Option<String> {
        let Outcome::Returned(_) = call.result else {
            return None;
        };
        let data = call.data.as_ref()?;
        let socket = call.socket.and_then(|socket| self.model.socket(socket));
        let is_datagram = socket.is_some_and(|socket| socket.kind.starts_with("SOCK_DGRAM"));
        match data.way {
            Way::Sent if data.length < data.room => {
                Some(format!("only {} of {} bytes", data.length, data.room))
            }
            Way::Received | Way::Peeked if data.length == 0 && data.room > 0 => {
                Some(match is_datagram {
                    true => "a message without bytes".to_owned(),
                    false => "end of input".to_owned(),
                })
            }
            Way::Peeked => Some("left there for the next receive".to_owned()),
            Way::Sent | Way::Received => None,
        }
    }

    /// Something goes to the other end: bytes, a wish to connect, or the word that there
    /// is no more.
    fn leaves(&self, call: &Call) -> bool {
        let is_ok = match &call.result {
            Outcome::Returned(_) => true,
            Outcome::Failed(errno) => errno.name == "EINPROGRESS",
            Outcome::Unfinished(_) => false,
        };
        let socket = call.socket.and_then(|socket| self.model.socket(socket));
        let is_joined = || socket.is_some_and(|socket| socket.peer.is_some());
        is_ok
            && match call.kind() {
                Kind::Connect => true,
                Kind::Close => is_joined() && !call.leaves_socket_open(),
                Kind::Shutdown { sends_no_more } => is_joined() && sends_no_more,
                _ => matches!(moved(call), Some((Way::Sent, 1..))),
            }
    }

    /// Where the bytes come from, if the arrow can't say it.
    fn causes(&self, call: &Call) -> Option<String> {
        let first = call.causes.first()?;
        let is_told = match self.arrow_room {
            Some(room) => digits(first.step) < room,
            None => true,
        };
        if call.causes.len() == 1 && is_told {
            return None;
        }
        let mut text = "from ".to_owned();
        for (index, cause) in call.causes.iter().take(MAX_CAUSES).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}{}", cause.step);
            if let Some(n) = cause.bytes {
                let _ = write!(text, " ({n}\u{a0}bytes)");
            }
        }
        let n_more = call.causes.len().saturating_sub(MAX_CAUSES);
        if n_more > 0 {
            let _ = write!(text, " and {n_more} more");
        }
        Some(text)
    }
}

/// The number of a call, and its thread if there are several.
fn head(model: &Model, side: Side, thread: u32, step: Step) -> Paragraph {
    let mut line = Paragraph::new("", "    ").with(FAINT, format!("{step:>2} "));
    if model.program(side).n_threads > 1 {
        line.add(FAINT, format!("[{thread}] "));
    }
    line
}

fn signature(line: &mut Paragraph, name: &str, arguments: &[Argument]) {
    line.add(NAME, name);
    let shown = arguments.iter().filter(|it| it.says_something());
    let mut text = "(".to_owned();
    for (index, Argument { name, value }) in shown.enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}{value}");
        if matches!(name.as_str(), "len" | "count" | "size") {
            text += match value {
                Value::Number(1) => "\u{a0}byte",
                _ => "\u{a0}bytes",
            };
        }
    }
    text.push(')');
    line.add(PLAIN, text);
}

/// The socket that a call made.
fn made(call: &Call) -> Option<SocketId> {
    let makes = matches!(call.kind(), Kind::Socket | Kind::Accept);
    call.socket.filter(|_| makes)
}

fn arrow(call: &Call) -> Option<Arrow> {
    let first = call.causes.first()?;
    Some(Arrow {
        from: first.step,
        has_more: call.causes.len() > 1,
    })
}

fn digits(step: Step) -> usize {
    step.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// A part of a message, field by field.
fn show_frame(frame: &Frame, lines: &mut Vec<Paragraph>) {
    let Frame {
        part,
        length,
        fields,
    } = frame;
    let mut title = Paragraph::detail().with(NAME, part.clone());
    title.add(FAINT, format!(", {}", count(*length, "byte")));
    let is_one = matches!(fields.as_slice(), [field] if field.name == *part);
    if let (true, Some(field)) = (is_one, fields.first()) {
        title.add(PLAIN, format!(": {}", field.value));
        title.max_rows = 3;
        lines.push(title);
        return;
    }
    lines.push(title);
    for field in fields.iter().take(MAX_FIELDS) {
        let mut line = Paragraph::new("      ", "        ");
        line.add(FAINT, format!("{}: ", field.name));
        line.add(PLAIN, field.value.clone());
        line.max_rows = 2;
        lines.push(line);
    }
    if fields.len() > MAX_FIELDS {
        let n_more = fields.len() - MAX_FIELDS;
        lines.push(Paragraph::new("      ", "").with(FAINT, format!("and {n_more} more")));
    }
}

/// `1 byte`, `2 bytes`.
pub(super) fn count(n: u64, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// For how long a call took: as exact as its watching.
fn duration(micros: u64, theme: Theme) -> String {
    // As the last digit is rounded down, nothing reads `1000.0 ms`.
    let parts = |unit: u64| (micros / unit, micros % unit * 10 / unit);
    match micros {
        0..1_000 => format!("{micros}\u{a0}{}s", theme.micro),
        1_000..1_000_000 => {
            let (whole, tenth) = parts(1_000);
            format!("{whole}.{tenth}\u{a0}ms")
        }
        _ => {
            let (whole, tenth) = parts(1_000_000);
            format!("{whole}.{tenth}\u{a0}s")
        }
    }
}

fn identify(key: &mut Key, what: &str, side: Side, thread: u32, name: &str) {
    let _ = write!(key, "{what}\0{side}\0{thread}\0{name}");
}

/// All that is drawn of a call but for its number and its times.
fn key(call: &Call) -> u64 {
    let mut key = Key::default();
    identify(&mut key, "call", call.side, call.thread, &call.name);
    let mut add = |value: &dyn Display| {
        let _ = write!(key, "\0{value}");
    };
    for argument in call.arguments.iter().chain(&call.gave) {
        add(&argument.value);
    }
    match &call.result {
        Outcome::Returned(value) => add(value),
        Outcome::Failed(errno) => add(&errno.name),
        Outcome::Unfinished(why) => add(why),
    }
    add(&call.waited);
    add(&call.socket.filter(|_| made(call).is_some()).unwrap_or(0));
    if let Some(data) = &call.data {
        add(&data.length);
        add(&data.room);
        key.bytes(&data.bytes);
    }
    key.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let cases = [
            (0, "0\u{a0}µs"),
            (999, "999\u{a0}µs"),
            (3_949, "3.9\u{a0}ms"),
            (999_999, "999.9\u{a0}ms"),
            (1_000_000, "1.0\u{a0}s"),
            (u64::MAX, "18446744073709.5\u{a0}s"),
        ];
        for (micros, expected) in cases {
            assert_eq!(duration(micros, Theme::new(false)), expected);
        }
    }

    #[test]
    fn digits_are_counted() {
        for (step, expected) in [(0, 1), (9, 1), (10, 2), (u64::MAX, 20)] {
            assert_eq!(digits(step), expected);
        }
    }
}
