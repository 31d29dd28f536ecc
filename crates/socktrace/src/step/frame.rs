//! The screen as lines, from what there is to show and the size: nothing else goes in, so
//! a test can compare it whole.

use super::columns;
use super::label::{self, printable};
use super::line::{Line, Style, rule};
use super::panel;
use super::sockets;
use super::story::Row;
use super::view::{Going, View, words_waiting};
use crate::record::{Side, Wait};
use crate::words::Words;

/// Less than this has no room for two columns and a word about them.
pub(crate) const MIN_WIDTH: usize = 60;
pub(crate) const MIN_HEIGHT: usize = 16;
/// A narrower window has no room for more than a word about each key.
const WIDE: usize = 80;
/// Fewer rows of calls than this, and something else has to go.
const MIN_ROWS: usize = 4;

/// The screen: as many lines as it is high.
pub(crate) fn frame(view: &View, width: usize, height: usize) -> Vec<Line> {
    if width < MIN_WIDTH || height < MIN_HEIGHT {
        let needed = format!("{width} × {height} is too small: {MIN_WIDTH} × {MIN_HEIGHT} needed");
        return vec![Line::plain(needed).cut(width); height.min(1)];
    }
    let head = [title(view, width), columns::heads(view, width)];
    let last = [message(view).cut(width), keys(view, width).cut(width)];
    let mut sockets = sockets::block(&view.story, width);
    let mut after = after(view, width);
    let next = next(view, width);
    let mut before = before(view, width);

    let fixed = head.len() + next.len() + last.len();
    // These lines are all that there is to do now.
    let is_needed = view.question().is_some() || view.going == Going::Over;
    let room = |others: usize| height.saturating_sub(fixed + others);
    if room(sockets.len() + after.len() + before.len()) < MIN_ROWS {
        sockets.clear();
    }
    if room(after.len() + before.len()) < MIN_ROWS && !is_needed {
        before.clear();
    }
    if room(after.len() + before.len()) < MIN_ROWS {
        after.clear();
    }
    let n_rows = room(sockets.len() + after.len() + before.len());

    let mut lines = Vec::from(head);
    lines.extend(middle(view, width, n_rows));
    lines.extend(sockets);
    lines.extend(after);
    lines.extend(next);
    lines.extend(before);
    lines.extend(last);
    lines.truncate(height);
    lines
}

fn title(view: &View, width: usize) -> Line {
    let is_going = match view.going {
        Going::ByKeys => "held before each call",
        Going::UntilOneEnds(_) => "on to the end of the wait",
        Going::ToTheEnd => "on to the end",
        Going::Over => "the end",
    };
    let mut right = format!("{} calls · {is_going}", view.story.n_calls());
    let asked = view.asking.as_ref().map(|asking| &asking.score);
    if let Some(score) = asked.filter(|score| score.n_asked() > 0) {
        right = format!("{} of {} right · {right}", score.n_right(), score.n_asked());
    }
    let right = Line::plain(right);
    let left = Line::new(Style::Strong, format!("step · {}", printable(&view.title)));
    let gap = 2;
    left.fit(width.saturating_sub(right.width() + gap))
        .with(Style::Plain, " ".repeat(gap))
        .then(right)
        .cut(width)
}

/// What is between the head and the words: the latest calls, or the panel that was asked
/// for.
fn middle(view: &View, width: usize, n_rows: usize) -> Vec<Line> {
    let mut lines = match view.panel {
        Some(panel) => panel::window(view, panel, width, n_rows),
        None => columns::rows(&view.story, width, n_rows),
    };
    lines.resize(n_rows, Line::default());
    lines
}

/// What happened last, in words.
fn after(view: &View, width: usize) -> Vec<Line> {
    let Some(words) = view.words_after() else {
        let nothing = "Nothing has happened yet: the server is held before its first call.";
        let text = [nothing, "Enter lets the next call go."];
        return block(rule("welcome", Style::Strong, "", width), text, width);
    };
    // The rule names the call in full, as far as it fits; the column may have cut it.
    let room = width.saturating_sub(words.chapter.to_string().len() + 12);
    let (side, label) = match view.happened() {
        Some(Row::Call(call)) => (call.side, label::ended(call, room)),
        Some(Row::Wait(wait)) => (
            wait.side,
            label::waits(wait.step, &wait.name, &wait.arguments, room),
        ),
        _ => return Vec::new(),
    };
    let text: String = label
        .pieces()
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();
    let head = format!("{side}: {}", text.trim_start());
    let rule = rule(&head, Style::Strong, &words.chapter.to_string(), width);
    block(rule, words.lines, width)
}

fn block(rule: Line, text: [&str; 2], width: usize) -> Vec<Line> {
    let mut lines = vec![rule];
    lines.extend(wrapped(&text, width));
    lines
}

fn wrapped(text: &[&str], width: usize) -> Vec<Line> {
    let indented = |text: std::borrow::Cow<'_, str>| Line::plain(format!("  {text}"));
    let paragraphs = text.iter().flat_map(|line| textwrap::wrap(line, width - 4));
    paragraphs.map(indented).collect()
}

/// What each side is about to do, or waits for.
fn next(view: &View, width: usize) -> Vec<Line> {
    let label = match (&view.going, view.question(), view.natural()) {
        (Going::Over, ..) => "the end".to_owned(),
        (_, Some(question), _) => {
            let name = printable(&question.name);
            format!("predict: what will the {}'s {name} do?", question.side)
        }
        (.., Some(natural)) => format!("next: {}, {}", natural.side, printable(&natural.name)),
        (.., None) => "no call is held".to_owned(),
    };
    let mut lines = vec![rule(&label, Style::Strong, "", width)];
    lines.extend(columns::status(view, width));
    lines
}

/// Words about the call that comes next, or the question about it.
fn before(view: &View, width: usize) -> Vec<Line> {
    if view.going == Going::Over {
        return at_the_end(view, width);
    }
    if let Some(question) = view.question() {
        let answers = question.answers.iter().enumerate();
        let line = |(index, answer): (usize, &crate::ask::Answer)| {
            Line::new(Style::Strong, format!("  {}  ", index + 1))
                .with(Style::Plain, format!("it {}", answer.text()))
                .cut(width)
        };
        return answers.map(line).collect();
    }
    let waits = view.story.waits();
    match (view.words_before(), &waits[..]) {
        (Some(Words { lines, .. }), _) => wrapped(&lines, width),
        (None, []) => wrapped(
            &["The programs run, and make no call at the moment.", ""],
            width,
        ),
        (None, waits) => awaited(waits, width),
    }
}

/// Each side waits or is gone: what has to happen for it to go on.
fn awaited(waits: &[&Wait], width: usize) -> Vec<Line> {
    let names: Vec<String> = [Side::Server, Side::Client]
        .iter()
        .filter_map(|side| {
            let wait = waits.iter().find(|wait| wait.side == *side)?;
            Some(format!("the {side}'s {}", printable(&wait.name)))
        })
        .collect();
    let verb = if names.len() == 1 { "waits" } else { "wait" };
    let first = format!("Nothing goes on by itself: {} {verb}.", names.join(" and "));
    let words = words_waiting(&waits[0].name, &waits[0].arguments);
    wrapped(&[&first, words.lines[1]], width)
}

fn at_the_end(view: &View, width: usize) -> Vec<Line> {
    let mut text = vec!["There is nothing more. q leaves.".to_owned()];
    if !view.story.is_whole() {
        text.push("The trace has no last line: it was cut short.".to_owned());
    }
    if let Some(asking) = &view.asking {
        let is_scored = asking.score.n_asked() > 0;
        text.extend(
            asking
                .score
                .to_string()
                .lines()
                .map(str::to_owned)
                .filter(|_| is_scored),
        );
    }
    text.resize(text.len().max(2), String::new());
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    wrapped(&text, width)
}

fn message(view: &View) -> Line {
    match &view.say {
        Some((style, text)) => Line::new(*style, format!("  {text}")),
        None => Line::default(),
    }
}

fn keys(view: &View, width: usize) -> Line {
    let mut keys: Vec<(&str, &str)> = match (&view.going, view.question()) {
        (Going::ByKeys, None) => vec![("Enter", "go"), ("s", "server"), ("c", "client")],
        (Going::ByKeys, Some(question)) if question.answers.len() == 3 => {
            vec![("1-3", "predict"), ("s", "server"), ("c", "client")]
        }
        (Going::ByKeys, Some(_)) => vec![("1-4", "predict"), ("s", "server"), ("c", "client")],
        (Going::Over, _) => vec![],
        _ => return Line::plain("any key: held again  q: out"),
    };
    if view.going == Going::ByKeys {
        let is_narrow = width < WIDE || view.panel.is_some();
        keys.push(("u", if is_narrow { "wait" } else { "end of wait" }));
        keys.push(("r", if is_narrow { "on" } else { "run on" }));
    }
    match view.panel {
        Some(_) => keys.extend([("↑↓", "scroll"), ("Esc", "back")]),
        None => keys.extend([("b", "bytes"), ("?", "more")]),
    }
    keys.push(("q", "out"));
    let mut line = Line::default();
    for (index, (key, meaning)) in keys.into_iter().enumerate() {
        let gap = match index {
            0 => "",
            _ if width < WIDE => " ",
            _ => "  ",
        };
        line = line
            .with(Style::Plain, gap)
            .with(Style::Strong, key)
            .with(Style::Dim, format!(" {meaning}"));
    }
    line
}
