//! The screen as a person has it: keys in, frames out, compared whole.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use crossterm::event::KeyCode;

use super::line::Line;
use super::stepper::{Front, Input, Stepper};
use super::{StepEnd, StepOptions};
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

/// The screen after these keys, and how the stepping ends if nothing more is pressed.
fn screen(pressed: &str, size: (usize, usize), ask: bool) -> (String, StepEnd) {
    let (header, records) = echo();
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
    let end = Stepper::new(&mut replay, &header, &options)
        .run(&mut script)
        .unwrap();
    (script.frame.join("\n"), end)
}

/// The screen after these keys is the one in the file.
#[track_caller]
fn check(pressed: &str, size: (usize, usize), expected: &str) {
    let (frame, _) = screen(pressed, size, false);
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
    for width in [0, 1, 59, 60, 61, 79, 80, 81, 131] {
        for height in [0, 1, 15, 16, 17, 20, 23, 24, 50] {
            for pressed in ["..........", "..........b", "..........?", "r"] {
                screen(pressed, (width, height), true);
                screen(pressed, (width, height), false);
            }
        }
    }
}

#[test]
fn a_question_takes_the_place_of_the_words() {
    let (frame, _) = screen(".....1..3", SMALL, true);
    let expected = include_str!("screens/predict.txt").trim_end_matches('\n');
    assert!(frame == expected, "{frame}");
}

/// What the screen says about the last key.
fn said(pressed: &str, ask: bool) -> String {
    let (frame, _) = screen(pressed, SMALL, ask);
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
    assert_eq!(said(".....4", true), "there is no such answer now");
}

#[test]
fn u_goes_on_to_the_end_of_the_wait() {
    let (frame, _) = screen("......u", SMALL, false);
    assert!(frame.contains("◄── 8 connect"), "{frame}");
    assert!(!frame.contains("  9 recvfrom"), "{frame}");
}

#[test]
fn an_open_panel_is_closed_first_and_only_leaving_leaves() {
    let end = |pressed| screen(pressed, SMALL, false).1;
    assert_eq!(end("q"), StepEnd::Quit);
    assert_eq!(end("rq"), StepEnd::Over);
    let (frame, _) = screen("..b<.", SMALL, false);
    assert!(
        frame.contains("  3 bind(3, 127.0.0.1:65432) = 0"),
        "{frame}"
    );
    let (frame, _) = screen("..b<<.", SMALL, false);
    assert!(!frame.contains("  3 bind"), "{frame}");
}

#[test]
fn scrolling_stays_within_the_text() {
    let (far, _) = screen(&format!("...?{}", "v".repeat(500)), SMALL, false);
    assert!(far.contains(" lines ─"), "{far}");
    let (back, _) = screen(
        &format!("...?{}{}", "v".repeat(500), "^".repeat(500)),
        SMALL,
        false,
    );
    assert!(back.contains("─ 1 to 9 of"), "{back}");
}
