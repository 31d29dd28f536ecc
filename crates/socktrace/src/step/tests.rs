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

#[test]
fn look() {
    for (keys, size, ask) in [
        ("", (80, 24), false),
        ("......", (80, 24), false),
        ("........", (80, 24), false),
        ("..........b", (80, 24), false),
        (".............?", (80, 24), false),
        (".....................", (80, 24), false),
        ("r", (80, 24), false),
        ("......s", (60, 16), false),
        (".....", (80, 24), true),
        (".....1..1121", (80, 24), true),
        (".....1..1121", (60, 16), true),
        ("r", (120, 40), true),
    ] {
        let (frame, end) = screen(keys, size, ask);
        println!("===== {keys} {end:?}\n{frame}");
    }
}
