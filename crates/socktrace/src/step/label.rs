//! A call in one short line: `9 recvfrom(4, 1024) = 12 "Hello, world"`.

use common::Printable;
use unicode_width::UnicodeWidthStr;

use super::line::{Line, Style, fit_text};
use crate::record::{Argument, Call, Data, Outcome};

/// Less of the bytes than this tells nobody anything.
const MIN_EXCERPT: usize = 6;
/// Where there is little room, so much of the bytes says more than the last arguments.
const SHORT_EXCERPT: usize = 14;
/// A call's number, and between its brackets a descriptor.
const MIN_AROUND_NAME: usize = 10;

/// A call that has ended: what matters most is its result, then its bytes; so its
/// arguments are cut first.
pub(crate) fn ended(call: &Call, width: usize) -> Line {
    let (style, result) = result(&call.result);
    let data = call.data.as_ref().filter(|data| data.length > 0);
    let excerpt = data.map(excerpt).unwrap_or_default();
    let result_width = result.width() + " = ".len();
    let excerpt_width = if excerpt.is_empty() {
        0
    } else {
        1 + excerpt.width().min(SHORT_EXCERPT)
    };
    let mut room = width.saturating_sub(result_width);
    if room >= call.name.width() + excerpt_width + MIN_AROUND_NAME {
        room -= excerpt_width;
    }
    let mut line = begun(call.step, &call.name, &call.arguments, room)
        .with(Style::Plain, " = ")
        .with(style, result);
    let room = width.saturating_sub(line.width() + 1);
    if !excerpt.is_empty() && room >= MIN_EXCERPT {
        line = line.with(Style::Plain, format!(" {}", fit_text(&excerpt, room)));
    }
    line.cut(width)
}

/// A call that waits.
pub(crate) fn waits(step: u64, name: &str, arguments: &[Argument], width: usize) -> Line {
    const WAITS: &str = " waits";
    begun(step, name, arguments, width.saturating_sub(WAITS.len())).with(Style::Waits, WAITS)
}

fn begun(step: u64, name: &str, arguments: &[Argument], width: usize) -> Line {
    let number = format!("{step:>3} ");
    let call = call(name, arguments, width.saturating_sub(number.width()));
    Line::new(Style::Dim, number).with(Style::Plain, call)
}

/// `name(arguments)`, with fewer of the arguments if they are too long.
pub(crate) fn call(name: &str, arguments: &[Argument], width: usize) -> String {
    let name = printable(name);
    let shown = values(arguments);
    let room = width.saturating_sub(name.width() + 2);
    fit_text(&format!("{name}({})", fit_text(&shown, room)), width)
}

fn values(arguments: &[Argument]) -> String {
    let mut shown = String::new();
    for argument in arguments.iter().filter(|it| it.says_something()) {
        let comma = if shown.is_empty() { "" } else { ", " };
        shown.push_str(comma);
        shown.push_str(&printable(&argument.value.to_string()));
    }
    shown
}

/// What came back, in a word.
pub(crate) fn result(outcome: &Outcome) -> (Style, String) {
    match outcome {
        Outcome::Returned(value) => (Style::Strong, value.to_string()),
        Outcome::Failed(errno) => (Style::Bad, printable(&errno.name)),
        Outcome::Unfinished(_) => (Style::Bad, "never came back".to_owned()),
    }
}

fn excerpt(data: &Data) -> String {
    // A character has at most four bytes, and nothing shows more of them than fit.
    const MAX_SHOWN: usize = 400;
    let shown = &data.bytes[..data.bytes.len().min(MAX_SHOWN)];
    Printable::whole(shown).to_string()
}

/// Text that a stranger's file brought.
pub(crate) fn printable(text: &str) -> String {
    Printable::whole(text.as_bytes())
        .without_quotes()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Record, Value};

    fn call_of(result: &str, data: &str) -> Call {
        let json = format!(
            r#"{{"record":"call","step":9,"side":"server","process":1,"thread":1,"began":0,
            "ended":1,"name":"recvfrom","arguments":[{{"name":"fd","value":4}},
            {{"name":"size","value":1024}},{{"name":"flags","value":""}}],
            "result":{result}{data}}}"#
        );
        match serde_json::from_str(&json).unwrap() {
            Record::Call(call) => call,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(result: &str, bytes: &str, width: usize, expected: &str) {
        let length = bytes.len() / 2;
        let data = format!(
            r#","data":{{"way":"received","length":{length},"room":1024,"bytes":"{bytes}"}}"#
        );
        let line = ended(&call_of(result, &data), width);
        assert_eq!(line.text(), expected);
        assert!(line.width() <= width);
    }

    #[test]
    fn the_result_stays_when_there_is_little_room() {
        const HELLO: &str = "48656c6c6f2c20776f726c64";
        let returned = r#"{"returned":12}"#;
        check(
            returned,
            HELLO,
            60,
            r#"  9 recvfrom(4, 1024) = 12 "Hello, world""#,
        );
        check(
            returned,
            HELLO,
            38,
            r#"  9 recvfrom(4, …) = 12 "Hello, world""#,
        );
        check(returned, HELLO, 28, r#"  9 recvfrom(4, 1024) = 12"#);
        check(returned, HELLO, 15, r#"  9 recvf… = 12"#);
        let failed = r#"{"failed":{"name":"EAGAIN","number":11}}"#;
        check(failed, "", 60, r#"  9 recvfrom(4, 1024) = EAGAIN"#);
    }

    #[test]
    fn nothing_that_a_stranger_wrote_reaches_the_terminal_as_it_is() {
        let unfinished = r#"{"unfinished":"\u001b[31m"}"#;
        check(
            unfinished,
            "",
            60,
            "  9 recvfrom(4, 1024) = never came back",
        );
        let argument = Argument {
            name: "addr".to_owned(),
            value: Value::List(vec![Value::Text("\u{202e}\n".to_owned())]),
        };
        assert_eq!(call("a\tb", &[argument], 60), r"a\tb([\u{202e}\n])");
    }
}
