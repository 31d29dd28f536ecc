//! Everything that isn't a call: what programs print, signals, beginnings and ends.

use std::fmt::Write;

use anstyle::Style;

use crate::model::Model;
use crate::only::Only;
use crate::record::{Exit, Micros, Output, Record, Side, Signal, Socket, Thread};

use super::call::count;
use super::entry::{Entry, Key};
use super::fold::Repeated;
use super::paragraph::Paragraph;
use super::theme::{BAD, FAINT, NOTABLE, OUTPUT, PLAIN, Theme};

/// Of what a program prints at once, so many lines are shown.
const MAX_LINES: usize = 20;

/// What there is to see of a record that is no call.
pub(super) fn event(record: &Record, model: &Model, only: &Only, theme: Theme) -> Option<Entry> {
    let (at, side, lines) = match record {
        Record::Thread(thread) => {
            let text = begins(thread, model);
            (thread.at, Some(thread.side), remark(FAINT, &text, theme))
        }
        Record::Exec(exec) => {
            let text = format!("becomes {}", exec.path);
            (exec.at, Some(exec.side), remark(FAINT, &text, theme))
        }
        // One that a call made is drawn with the call.
        Record::Socket(socket) if socket.step.is_none() => {
            let text = format!("has s{} from before: {}", socket.socket, kinds(socket));
            (socket.at, Some(socket.side), remark(FAINT, &text, theme))
        }
        Record::Output(output) => {
            let lines = says(output, theme);
            (output.at, Some(output.side), lines)
        }
        Record::Signal(signal) => {
            let text = arrives(signal);
            (signal.at, Some(signal.side), remark(NOTABLE, &text, theme))
        }
        Record::Exit(exit) => {
            let style = if exit.status == 0 { FAINT } else { BAD };
            let text = ends(exit, model);
            (exit.at, Some(exit.side), remark(style, &text, theme))
        }
        Record::Note(note) => (note.at, note.side, remark(NOTABLE, &note.text, theme)),
        _ => return None,
    };
    let is_shown = side.is_none_or(|side| only.shows_event(side));
    is_shown.then(|| entry(at, side, lines))
}

/// Entries that came again.
pub(super) fn repeated(repeated: &Repeated, theme: Theme) -> Entry {
    let Theme { more, times, .. } = theme;
    let n_times = repeated.n_times;
    let what = if repeated.are_calls {
        "calls"
    } else {
        "entries"
    };
    let text = match repeated.n_entries {
        1 => format!("{more} {times} {n_times} more"),
        n => format!("{more} the last {n} {what} {times} {n_times} more"),
    };
    let line = Paragraph::new("   ", "     ").with(NOTABLE, text);
    entry(repeated.at, repeated.side, vec![line])
}

/// Signals that were only counted.
pub(super) fn signals(side: Side, name: &str, n: u64, at: Micros, theme: Theme) -> Entry {
    let Theme { more, times, .. } = theme;
    let text = format!("{more} {name} {times} {n} more, between the others");
    let line = Paragraph::new("   ", "     ").with(NOTABLE, text);
    entry(at, Some(side), vec![line])
}

fn entry(at: Micros, side: Option<Side>, lines: Vec<Paragraph>) -> Entry {
    let mut key = Key::default();
    let _ = write!(key, "event\0{side:?}");
    for span in lines.iter().flat_map(|line| &line.spans) {
        key.bytes(span.text.as_bytes());
    }
    Entry {
        at,
        side,
        step: None,
        is_wait: false,
        arrow: None,
        leaves: false,
        lines,
        key: key.finish(),
    }
}

fn remark(style: Style, text: &str, theme: Theme) -> Vec<Paragraph> {
    let first = format!(" {} ", theme.event);
    let mut line = Paragraph::new(first, "   ").with(style, text);
    line.prefix = style;
    vec![line]
}

fn begins(thread: &Thread, model: &Model) -> String {
    let is_process = thread.thread == thread.process;
    match (is_process, model.program(thread.side).n_threads) {
        (true, 0 | 1) => "starts".to_owned(),
        (true, _) => format!("new process {}", thread.process),
        (false, _) => format!("new thread {}", thread.thread),
    }
}

fn kinds(socket: &Socket) -> String {
    format!("{} {}", socket.family, socket.kind)
}

fn arrives(signal: &Signal) -> String {
    match signal.stopped {
        true => format!("{} stops it", signal.name),
        false => format!("{} arrives", signal.name),
    }
}

fn ends(exit: &Exit, model: &Model) -> String {
    let is_process = exit.thread == exit.process;
    let program = model.program(exit.side);
    let who = match (is_process, program.n_processes) {
        (false, _) => return format!("thread {} ends", exit.thread),
        (true, 0 | 1) => String::new(),
        (true, _) => format!("process {} ", exit.process),
    };
    match &exit.signal {
        Some(signal) => format!("{who}ended by {signal}"),
        None => format!("{who}exits with {}", exit.status),
    }
}

/// What a program prints, with a bar to its left.
fn says(output: &Output, theme: Theme) -> Vec<Paragraph> {
    let (first, style) = match output.stream.as_str() {
        "stderr" => ("err", NOTABLE),
        _ => ("says", OUTPUT),
    };
    let bar = theme.bar;
    let others = format!("     {bar} ");
    let mut first = format!("{first:>4} {bar} ");
    let mut lines = Vec::new();
    for line in output.text.lines().take(MAX_LINES) {
        let text = line.replace('\t', "    ");
        let mut paragraph = Paragraph::new(first, others.clone()).with(PLAIN, text);
        paragraph.prefix = style;
        lines.push(paragraph);
        first = others.clone();
    }
    let n_more = output.text.lines().skip(MAX_LINES).count() as u64;
    if n_more > 0 {
        let text = format!("and {}", count(n_more, "more line"));
        lines.push(Paragraph::new(others.clone(), "").with(FAINT, text));
    }
    if lines.is_empty() {
        lines.push(Paragraph::new(first, others));
    }
    lines
}
