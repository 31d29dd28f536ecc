//! What there is to say in the end: the sockets with their addresses and lives, their
//! connections, and how many calls there were.

use crate::model::{Closed, Model, SocketLife};
use crate::record::{Connection, Side, SocketId};

use super::Options;
use super::call::count;
use super::paragraph::Paragraph;
use super::theme::{ARROW, FAINT, NAME, PLAIN, Theme};

/// A busy server has thousands of sockets, and the first ones show how they live.
const MAX_LISTED: usize = 20;

/// The lines of it.
pub(super) fn summary(model: &Model, options: &Options, theme: Theme) -> Vec<Paragraph> {
    let max_listed = if options.all { usize::MAX } else { MAX_LISTED };
    let is_wanted = |life: &SocketLife| options.only.shows_socket(life.side, life.socket);
    let programs = model.header().map_or(0, |header| header.programs.len());
    let has_two = programs > 1;
    let mut lines = vec![Paragraph::new("", "")];
    let sockets = || model.sockets().filter(|life| is_wanted(life));
    if sockets().next().is_some() {
        lines.push(title("sockets"));
        lines.extend(sockets().take(max_listed).map(|life| socket(life, has_two)));
        lines.extend(more(sockets().count(), max_listed));
    }
    let is_end = |socket: SocketId| model.socket(socket).is_some_and(is_wanted);
    let connections = || {
        let all = model.connections().iter();
        all.filter(|one| is_end(one.connected) || is_end(one.accepted))
    };
    if connections().next().is_some() {
        lines.push(title("connections"));
        let shown = connections().take(max_listed);
        lines.extend(shown.map(|one| connection(one, model, theme)));
        lines.extend(more(connections().count(), max_listed));
    }
    lines.push(totals(model, has_two));
    lines
}

fn title(text: &str) -> Paragraph {
    Paragraph::new("", "").with(NAME, text)
}

fn more(n: usize, max_listed: usize) -> Option<Paragraph> {
    let n_more = n.checked_sub(max_listed).filter(|n| *n > 0)?;
    let line = Paragraph::new("  ", "  ").with(FAINT, format!("and {n_more} more"));
    Some(line)
}

fn socket(life: &SocketLife, has_two: bool) -> Paragraph {
    let mut line = Paragraph::new("  ", "    ");
    line.add(NAME, format!("{:<4}", format!("s{} ", life.socket)));
    if has_two {
        line.add(FAINT, format!("{} ", life.side));
    }
    let mut told = vec![place(life)];
    match (life.listener, life.made) {
        (Some(listener), Some(step)) => told.push(format!("accepted from s{listener} at {step}")),
        (Some(listener), None) => told.push(format!("accepted from s{listener}")),
        (None, Some(step)) => told.push(format!("made at {step}")),
        (None, None) => told.push("was there before".to_owned()),
    }
    if let Some(step) = life.shut {
        told.push(format!("shut down at {step}"));
    }
    told.push(match life.closed {
        Some(Closed::By(step)) => format!("closed at {step}"),
        Some(Closed::WithProgram) => "closed with the program".to_owned(),
        None => "still open".to_owned(),
    });
    line.with(PLAIN, told.join(", "))
}

/// What kind of socket it is, and where.
fn place(life: &SocketLife) -> String {
    let kind = match (life.family.as_str(), life.kind.as_str()) {
        ("AF_INET" | "AF_INET6", "SOCK_STREAM") => "TCP".to_owned(),
        ("AF_INET" | "AF_INET6", "SOCK_DGRAM") => "UDP".to_owned(),
        ("", kind) => kind.to_owned(),
        (family, kind) => format!("{family} {kind}"),
    };
    let kind = if kind.is_empty() { "socket" } else { &kind };
    match (&life.local, &life.peer) {
        (Some(local), _) if life.is_listening => format!("{kind} listening on {local}"),
        (Some(local), Some(peer)) => format!("{kind} {local} to {peer}"),
        (Some(local), None) => format!("{kind} {local}"),
        (None, Some(peer)) => format!("{kind} to {peer}"),
        (None, None) => kind.to_owned(),
    }
}

fn connection(connection: &Connection, model: &Model, theme: Theme) -> Paragraph {
    let Connection {
        connected,
        accepted,
        from,
        to,
        ..
    } = connection;
    let sent = |socket: &SocketId| model.socket(*socket).map_or(0, |life| life.sent);
    let Theme {
        left, right, line, ..
    } = theme;
    let mut shown = Paragraph::new("  ", "    ");
    shown.add(NAME, format!("s{connected} "));
    shown.add(ARROW, format!("{line}{right} "));
    shown.add(NAME, format!("s{accepted} "));
    shown.add(PLAIN, format!("{from} to {to}: "));
    shown.add(PLAIN, count(sent(connected), "byte"));
    shown.add(ARROW, format!(" {line}{right}"));
    shown.add(PLAIN, ", ");
    shown.add(ARROW, format!("{left}{line} "));
    shown.with(PLAIN, count(sent(accepted), "byte"))
}

fn totals(model: &Model, has_two: bool) -> Paragraph {
    let mut told = Vec::new();
    for side in [Side::Server, Side::Client] {
        let program = model.program(side);
        if program.n_calls == 0 {
            continue;
        }
        let mut text = count(program.n_calls, "call");
        if has_two {
            text = format!("{side} {text}");
        }
        if program.n_failed > 0 {
            text += &format!(" ({} failed)", program.n_failed);
        }
        told.push(text);
    }
    let now = model.now();
    let (seconds, millis) = (now / 1_000_000, now % 1_000_000 / 1_000);
    told.push(format!("{seconds}.{millis:03} s, the watching included"));
    Paragraph::new("", "  ").with(FAINT, told.join(", "))
}
