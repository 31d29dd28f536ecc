//! The sockets of a call, as the kernel has them after it.

use super::label::printable;
use super::line::{Line, Style, rule};
use super::story::Story;
use crate::record::State;

/// A socket and the one that it is joined with. There is room for them from the start,
/// so that the lines around them don't move.
const N_SOCKETS: usize = 2;

/// The sockets that the last call was about.
pub(crate) fn block(story: &Story, width: usize) -> Vec<Line> {
    let (after, states) = match story.states() {
        Some((step, states)) => (format!(" after call {step}"), states),
        None => (String::new(), &[][..]),
    };
    let head = format!("sockets{after}: state, bytes to receive (in) and unconfirmed (out)");
    let mut lines = vec![rule(&head, Style::Dim, "", width)];
    let mut shown: Vec<&State> = states.iter().take(N_SOCKETS).collect();
    // As in the columns: the server first.
    shown.sort_by_key(|state| story.side_of(state.socket));
    lines.extend(shown.into_iter().map(|state| line(story, state).cut(width)));
    lines.resize(1 + N_SOCKETS, Line::default());
    lines
}

fn line(story: &Story, state: &State) -> Line {
    let side = story.side_of(state.socket).map(|side| side.to_string());
    let name = format!("{} s{}", side.unwrap_or_default(), state.socket);
    let is_listener = state.state == "LISTEN";
    let (received, sent) = (state.receive_queue, state.send_queue);
    let queues = if is_listener {
        format!("{received} of {sent} to accept")
    } else {
        format!("{received} in, {sent} out")
    };
    let name_and_state = format!("  {name:<10} {:<11} ", printable(&state.state));
    let addresses = match (printable(&state.local), printable(&state.peer)) {
        (local, peer) if peer.is_empty() => local,
        (local, peer) => format!("{local} → {peer}"),
    };
    let style = if received > 0 || sent > 0 && !is_listener {
        Style::Strong
    } else {
        Style::Plain
    };
    Line::plain(name_and_state)
        .with(style, format!("{queues:<14} "))
        .with(Style::Dim, addresses)
}
