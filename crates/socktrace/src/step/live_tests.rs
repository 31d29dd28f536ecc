//! A run that isn't a recorded one: any held call can be released, and things happen by
//! themselves.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use super::StepOptions;
use super::line::Line;
use super::stepper::{Front, Input, Stepper};
use super::tests::{echo, keys};
use crate::kind::kind_of;
use crate::play::{Held, Play, Settled};
use crate::record::{Record, Side};

const SERVER: u32 = 1;
const CLIENT: u32 = 2;

/// A run in which what happens is written down, turn by turn.
#[derive(Default)]
struct Live {
    held: Vec<Held>,
    released: Vec<u32>,
    turns: VecDeque<(Vec<Record>, Settled)>,
}

impl Play for Live {
    fn held(&self) -> Vec<Held> {
        self.held.clone()
    }

    fn release(&mut self, thread: u32) {
        self.released.push(thread);
    }

    fn settle(&mut self, seen: &mut dyn FnMut(Record)) -> anyhow::Result<Settled> {
        let (records, settled) = self.turns.pop_front().unwrap_or((vec![], Settled::Still));
        records.into_iter().for_each(seen);
        Ok(settled)
    }
}

/// Somebody who looks, and presses a key or doesn't.
struct Person {
    inputs: VecDeque<Option<Input>>,
    frame: String,
    patience: Vec<Option<Duration>>,
}

impl Front for Person {
    fn size(&self) -> io::Result<(usize, usize)> {
        Ok((80, 24))
    }

    fn draw(&mut self, lines: &[Line]) -> io::Result<()> {
        let lines: Vec<String> = lines.iter().map(Line::text).collect();
        self.frame = lines.join("\n");
        Ok(())
    }

    fn input(&mut self, patience: Option<Duration>) -> io::Result<Option<Input>> {
        self.patience.push(patience);
        Ok(self.inputs.pop_front().unwrap_or(Some(Input::Stop)))
    }
}

/// Each character is a key, and a hyphen is none for a while.
fn watch(live: &mut Live, pressed: &str, ask: bool) -> Person {
    let inputs = pressed.chars().map(|key| match key {
        '-' => None,
        key => keys(&key.to_string()).pop_front(),
    });
    let mut person = Person {
        inputs: inputs.collect(),
        frame: String::new(),
        patience: Vec::new(),
    };
    let options = StepOptions {
        ask,
        ..StepOptions::default()
    };
    let header = echo().0;
    Stepper::new(live, &header, &options)
        .run(&mut person)
        .unwrap();
    person
}

fn held(side: Side, thread: u32, name: &str) -> Held {
    Held {
        side,
        thread,
        name: name.to_owned(),
        kind: kind_of(name, &[]),
        arguments: vec![],
        socket: None,
        data: None,
    }
}

fn wait(step: u32, thread: u32) -> Record {
    let json = format!(
        r#"{{"record":"wait","at":1,"side":"server","thread":{thread},"step":{step},
        "name":"poll","arguments":[]}}"#
    );
    serde_json::from_str(&json).unwrap()
}

fn call(step: u32, thread: u32) -> Record {
    let json = format!(
        r#"{{"record":"call","step":{step},"side":"server","process":1,"thread":{thread},
        "began":1,"ended":2,"name":"poll","arguments":[],"result":{{"returned":0}}}}"#
    );
    serde_json::from_str(&json).unwrap()
}

fn both_held() -> Live {
    Live {
        held: vec![
            held(Side::Client, CLIENT, "sendto"),
            held(Side::Server, SERVER, "close"),
        ],
        ..Live::default()
    }
}

#[test]
fn a_key_for_each_side_and_one_for_the_natural_next() {
    let mut live = both_held();
    watch(&mut live, "sc. ", false);
    assert_eq!(live.released, [SERVER, CLIENT, CLIENT, CLIENT]);
}

#[test]
fn a_wait_that_ends_by_itself_is_seen_without_a_key() {
    let mut live = Live {
        turns: [
            (vec![wait(1, SERVER)], Settled::Still),
            (vec![], Settled::Still),
            (vec![call(1, SERVER)], Settled::Still),
        ]
        .into(),
        ..Live::default()
    };
    let person = watch(&mut live, "-", false);
    assert!(
        person
            .frame
            .contains("Nothing goes on by itself: the server's poll waits.")
    );
    let person = watch(&mut live, "-", false);
    assert!(person.frame.contains("  1 poll() = 0"), "{}", person.frame);
    assert!(
        person.patience.iter().all(Option::is_some),
        "{:?}",
        person.patience
    );
}

#[test]
fn running_on_stops_at_any_key() {
    let mut live = both_held();
    watch(&mut live, "r---.-s", false);
    // The key that stops does nothing else.
    assert_eq!(live.released, [CLIENT, CLIENT, CLIENT, CLIENT, SERVER]);
}

#[test]
fn running_on_releases_nothing_while_the_programs_move() {
    let mut live = both_held();
    live.turns = [Settled::Still, Settled::Key, Settled::Key]
        .map(|settled| (vec![], settled))
        .into();
    watch(&mut live, "r--", false);
    assert_eq!(live.released, [CLIENT], "by the key itself");
}

#[test]
fn to_the_end_of_the_wait_means_of_one_that_waits_now() {
    let mut live = both_held();
    let turn = |record| (vec![record], Settled::Still);
    live.turns = [
        turn(wait(1, 7)),
        turn(wait(2, 8)),
        turn(call(3, 9)),
        turn(call(2, 8)),
    ]
    .into();
    // The first turn is before the key; 2 waits only later, and doesn't count.
    watch(&mut live, "u-----", false);
    assert_eq!(live.released.len(), 6, "1 never ends");

    let mut live = both_held();
    live.turns = [turn(wait(1, 7)), turn(call(3, 9)), turn(call(1, 7))].into();
    watch(&mut live, "u-----", false);
    assert_eq!(live.released.len(), 2, "1 ends after one more call");
}

#[test]
fn leaving_does_not_wait_for_the_programs() {
    let mut live = both_held();
    live.turns = [(vec![], Settled::Key)].into();
    let person = watch(&mut live, "q", false);
    assert_eq!(person.patience.len(), 1);
}

#[test]
fn the_other_side_s_call_has_a_question_too() {
    let mut live = both_held();
    live.held[1] = held(Side::Server, SERVER, "recvfrom");
    let person = watch(&mut live, "s", true);
    assert!(
        person
            .frame
            .contains("predict: what will the server's recvfrom do?")
    );
    assert!(live.released.is_empty());
    watch(&mut live, "s1", true);
    assert_eq!(live.released, [SERVER]);
    live.held[1] = held(Side::Server, SERVER, "close");
    watch(&mut live, "s", true);
    assert_eq!(
        live.released,
        [SERVER, SERVER],
        "nothing to predict about a close"
    );
}

#[test]
fn keys_that_come_together_are_all_taken() {
    // Settling would wait for others, as nothing tells of these any more.
    let mut live = both_held();
    let turns = [Settled::Key, Settled::Stop];
    live.turns = turns.map(|settled| (vec![], settled)).into();
    let person = watch(&mut live, "b?.s", false);
    assert!(person.frame.contains("more words"), "{}", person.frame);
    assert_eq!(live.released, [CLIENT], "and the next after it has settled");
}

#[test]
fn a_signal_that_the_run_has_taken_leaves() {
    let mut live = both_held();
    live.turns = [(vec![], Settled::Stop)].into();
    let person = watch(&mut live, "-", false);
    assert_eq!(person.patience.len(), 0);
}

#[test]
fn several_threads_of_a_side_are_counted() {
    let mut live = both_held();
    live.held.push(held(Side::Server, 8, "read"));
    live.turns = [(vec![wait(1, 5), wait(2, 6), wait(3, 7)], Settled::Still)].into();
    let person = watch(&mut live, "", false);
    assert!(person.frame.contains("    close() +1"), "{}", person.frame);
    assert!(
        person.frame.contains("  1 poll() waits +2"),
        "{}",
        person.frame
    );
}
