//! The screen as a person has it: keys in, frames out, compared whole.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use crossterm::event::KeyCode;
use serde_json::Value;

use super::StepOptions;
use super::line::Line;
use super::stepper::{Front, Input, Stepper};
use crate::record::{Header, Record};
use crate::replay::Replay;

const ECHO: &str = include_str!("../../tests/fixtures/step-echo.jsonl");

/// A terminal without one: keys from a list, and the last frame.
pub(super) struct Script {
    pub(super) inputs: VecDeque<Input>,
    pub(super) size: (usize, usize),
    pub(super) frame: Vec<String>,
}

impl Front for Script {
    fn size(&self) -> io::Result<(usize, usize)> {
        Ok(self.size)
    }

    fn draw(&mut self, lines: &[Line]) -> io::Result<()> {
        assert!(lines.len() <= self.size.1, "no more lines than rows");
        for line in lines {
            let text = line.text();
            assert!(
                !text.contains(|c: char| c.is_control() || c == '\u{202e}'),
                "{text:?}"
            );
            assert!(line.width() <= self.size.0, "{} is too wide", line.text());
        }
        self.frame = lines.iter().map(Line::text).collect();
        Ok(())
    }

    fn input(&mut self, patience: Option<Duration>) -> io::Result<Option<Input>> {
        if patience == Some(Duration::ZERO) {
            return Ok(None);
        }
        Ok(Some(self.inputs.pop_front().unwrap_or(Input::Stop)))
    }
}

/// Each character is a key: `.` is Enter, `<` is Escape, `^` and `v` are the arrows.
pub(super) fn keys(keys: &str) -> VecDeque<Input> {
    let key = |key| match key {
        '.' => KeyCode::Enter,
        '<' => KeyCode::Esc,
        '^' => KeyCode::Up,
        'v' => KeyCode::Down,
        key => KeyCode::Char(key),
    };
    keys.chars()
        .map(|character| Input::Key(key(character)))
        .collect()
}

pub(super) fn echo() -> (Header, Vec<Record>) {
    let lines = ECHO.lines();
    let records: Vec<Record> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    match records[0].clone() {
        Record::Trace(header) => (header, records),
        other => panic!("{other:?}"),
    }
}

/// The screen after these keys.
fn screen(pressed: &str, size: (usize, usize), ask: bool) -> String {
    screen_of(echo(), pressed, size, ask)
}

fn screen_of(
    (header, records): (Header, Vec<Record>),
    pressed: &str,
    size: (usize, usize),
    ask: bool,
) -> String {
    let mut replay = Replay::new(records);
    let options = StepOptions {
        title: "echo".to_owned(),
        ask,
        is_recorded: true,
    };
    let mut script = Script {
        inputs: keys(pressed),
        size,
        frame: Vec::new(),
    };
    Stepper::new(&mut replay, &header, &options)
        .run(&mut script)
        .unwrap();
    script.frame.join("\n")
}

/// The screen after these keys is the one in the file.
#[track_caller]
fn check(pressed: &str, size: (usize, usize), expected: &str) {
    let frame = screen(pressed, size, false);
    assert!(
        frame == expected.trim_end_matches('\n'),
        "after {pressed:?}:\n{frame}"
    );
}

const SMALL: (usize, usize) = (80, 24);

#[test]
fn the_whole_screen_at_80_by_24() {
    check("", SMALL, include_str!("screens/start.txt"));
    check("......", SMALL, include_str!("screens/accept-waits.txt"));
    check("..........", SMALL, include_str!("screens/received.txt"));
    check("..........b", SMALL, include_str!("screens/bytes.txt"));
    check(".............?vv", SMALL, include_str!("screens/more.txt"));
    check("r", SMALL, include_str!("screens/end.txt"));
}

#[test]
fn other_sizes_have_more_or_less_of_it() {
    check("..........", (60, 16), include_str!("screens/smallest.txt"));
    check("r", (120, 40), include_str!("screens/large.txt"));
    check("..", (59, 24), "59 × 24 is too small: 60 × 16 needed");
    check("..", (80, 15), "80 × 15 is too small: 60 × 16 needed");
    check("..", (10, 1), "10 × 1 is…");
    // Nothing is wider or higher than it should be, whatever the size and the panel.
    for width in [0, 1, 60, 80, 131] {
        for height in [0, 1, 16, 17, 20, 24, 50] {
            for pressed in ["......b", "......?", "r"] {
                screen(pressed, (width, height), false);
            }
            screen(".....1", (width, height), true);
        }
    }
}

#[test]
fn a_question_takes_the_place_of_the_words() {
    let frame = screen(".....1..3", SMALL, true);
    let expected = include_str!("screens/predict.txt").trim_end_matches('\n');
    assert!(frame == expected, "{frame}");
}

/// What the screen says about the last key.
fn said(pressed: &str, ask: bool) -> String {
    let frame = screen(pressed, SMALL, ask);
    frame.lines().nth(22).unwrap().trim().to_owned()
}

#[test]
fn a_key_without_sense_says_why() {
    assert_eq!(said("c", false), "the client isn't there yet");
    let waits = "the server waits in accept4; a call of the client can end that";
    assert_eq!(said("......s", false), waits);
    let other = "a recorded run goes on as it went: with the server's call";
    assert_eq!(said("........c", false), other);
    assert_eq!(said("u", false), "no call waits now");
    assert_eq!(said("r.", false), "the run is over; q leaves");
    assert_eq!(
        said("......s.", false),
        "",
        "and no longer than until the next key"
    );
    assert_eq!(said(".....9", true), "there is no such answer now");
    assert_eq!(said(".....5", true), "there is no such answer now");
}

#[test]
fn u_goes_on_to_the_end_of_the_wait() {
    let frame = screen("......u", SMALL, false);
    assert!(frame.contains("◄── 8 connect"), "{frame}");
    assert!(!frame.contains("  9 recvfrom"), "{frame}");
}

#[test]
fn a_close_with_bytes_unread_is_a_reset() {
    let after_close = |unread| {
        let (header, mut records) = echo();
        let is_close = |record: &Record| matches!(record, Record::Call(call) if call.step == 16);
        let close = records.iter().position(is_close).unwrap();
        records.truncate(close + 1);
        for record in &mut records[..close] {
            if let Record::Call(call) = record {
                let mut states = call.states.iter_mut();
                let own = states.find(|state| state.socket == 2);
                own.into_iter().for_each(|own| own.receive_queue = unread);
            }
        }
        screen_of((header, records), &".".repeat(16), SMALL, false)
    };
    const RESET: &str = "so the kernel has sent a reset";
    let (orderly, reset) = (after_close(0), after_close(3));
    assert!(orderly.contains("16 close(4) = 0") && !orderly.contains(RESET));
    assert!(reset.contains(RESET), "{reset}");
}

#[test]
fn an_open_panel_is_closed_first_and_only_leaving_leaves() {
    let frame = screen("..b<.", SMALL, false);
    assert!(
        frame.contains("  3 bind(3, 127.0.0.1:65432) = 0"),
        "{frame}"
    );
    let frame = screen("..b<<.", SMALL, false);
    assert!(!frame.contains("  3 bind"), "{frame}");
}

#[test]
fn scrolling_stays_within_the_text() {
    let far = screen(&format!("...?{}", "v".repeat(500)), SMALL, false);
    assert!(far.contains(" lines ─"), "{far}");
    let back = screen(
        &format!("...?{}{}", "v".repeat(500), "^".repeat(500)),
        SMALL,
        false,
    );
    assert!(back.contains("─ 1 to 9 of"), "{back}");
}

/// Every text in it plays with the terminal, and every number is as large as it gets.
fn play_with(value: &mut Value) {
    let names = [
        "name", "value", "text", "state", "local", "peer", "command", "part", "signal",
    ];
    let numbers = ["length", "room", "receive_queue", "send_queue", "returned"];
    match value {
        Value::Array(values) => values.iter_mut().for_each(play_with),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if names.contains(&name.as_str()) => {
                        *text =
                            format!("\u{1b}[31m{text}\r\n\u{202e}\u{7f}🐶é\0{}", "x".repeat(300));
                    }
                    Value::Number(number) if numbers.contains(&name.as_str()) => {
                        *number = i64::MAX.into();
                    }
                    value => play_with(value),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_in_a_trace_plays_with_the_terminal() {
    let (header, records) = echo();
    let played = |record: Record| {
        let mut value = serde_json::to_value(record).unwrap();
        play_with(&mut value);
        serde_json::from_value::<Record>(value).unwrap()
    };
    let records: Vec<Record> = records.into_iter().map(played).collect();
    let Record::Trace(strange) = &records[0] else {
        panic!("{header:?}");
    };
    for count in [0, 5, 6, 10, 11, 20] {
        for last in ["", "b", "?vv", "s", "c", "u", "1"] {
            let pressed = format!("{}{last}", ".".repeat(count));
            let trace = (strange.clone(), records.clone());
            screen_of(trace, &pressed, SMALL, count % 2 == 1);
        }
    }
}

#[test]
fn records_in_any_order_are_no_reason_to_panic() {
    let (header, records) = echo();
    let mut random: u64 = 1;
    let below = |random: u64, n: usize| usize::try_from(random % n as u64).unwrap();
    for _ in 0..50 {
        // As good as any, for an order of forty records.
        let mut order = records.clone();
        for index in 0..order.len() {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695);
            order.swap(index, below(random >> 33, records.len()));
        }
        order.truncate(1 + below(random >> 40, records.len()));
        let pressed = [".......s?.b..c...1u.", "r"][order.len() % 2];
        screen_of((header.clone(), order), pressed, SMALL, false);
    }
}
