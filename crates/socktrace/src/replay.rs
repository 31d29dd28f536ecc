//! A recorded run, to step through as if it were live.

use std::collections::{HashMap, HashSet};

use crate::kind::kind_of;
use crate::play::{Held, Play, Settled};
use crate::record::{Call, Data, Micros, Record, Side, Step, Way};

/// A recorded run. It can only go on as it went: of the calls that it holds, the first
/// is the one that can be released.
#[derive(Debug)]
pub struct Replay {
    records: Vec<Record>,
    /// How many of the records have been handed over.
    position: usize,
    beginnings: Vec<Beginning>,
    /// Which of them comes next.
    next: usize,
    is_released: bool,
    /// The threads that wait in a call, by what was handed over.
    waiting: HashSet<u32>,
}

/// Where a call begins.
#[derive(Debug)]
struct Beginning {
    /// Its record: a `Wait`, or the `Call` of one that didn't wait.
    index: usize,
    /// When it was let go.
    began: Micros,
    /// The first record of its thread, before which there was no such thread.
    born: usize,
    /// The next beginning of the other side.
    others: Option<usize>,
    held: Held,
}

impl Replay {
    /// A run that went as `records` say. They may be anything that a stranger's file has.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        Self {
            beginnings: beginnings(&records),
            records,
            position: 0,
            next: 0,
            is_released: false,
            waiting: HashSet::new(),
        }
    }

    /// Whether the record at `position` comes without a call being released: it happened
    /// before the next call began, for instance as the effect of the last one.
    fn comes_by_itself(&self) -> bool {
        let Some(next) = self.beginnings.get(self.next) else {
            return true;
        };
        self.position < next.index && self.records[self.position].at() <= next.began
    }

    fn hand_over(&mut self, seen: &mut dyn FnMut(Record)) {
        let record = self.records[self.position].clone();
        match &record {
            Record::Wait(wait) => _ = self.waiting.insert(wait.thread),
            Record::Call(call) => _ = self.waiting.remove(&call.thread),
            Record::Exit(exit) => _ = self.waiting.remove(&exit.thread),
            _ => {}
        }
        self.position += 1;
        seen(record);
    }
}

impl Play for Replay {
    fn held(&self) -> Vec<Held> {
        let Some(natural) = self.beginnings.get(self.next) else {
            return Vec::new();
        };
        let other = natural.others.map(|index| &self.beginnings[index]);
        let is_there = |beginning: &&Beginning| {
            beginning.born < self.position && !self.waiting.contains(&beginning.held.thread)
        };
        let mut held = vec![natural.held.clone()];
        held.extend(other.filter(is_there).map(|other| other.held.clone()));
        held
    }

    fn release(&mut self, thread: u32) {
        let natural = self.beginnings.get(self.next);
        self.is_released |= natural.is_some_and(|natural| natural.held.thread == thread);
    }

    fn settle(&mut self, seen: &mut dyn FnMut(Record)) -> anyhow::Result<Settled> {
        if self.is_released {
            self.is_released = false;
            let index = self.beginnings[self.next].index;
            self.next += 1;
            while self.position <= index {
                self.hand_over(seen);
            }
        }
        while self.position < self.records.len() && self.comes_by_itself() {
            self.hand_over(seen);
        }
        let is_over = self.position == self.records.len();
        Ok(if is_over {
            Settled::Over
        } else {
            Settled::Still
        })
    }
}

fn beginnings(records: &[Record]) -> Vec<Beginning> {
    let mut calls: HashMap<Step, &Call> = HashMap::new();
    for record in records {
        if let Record::Call(call) = record {
            calls.entry(call.step).or_insert(call);
        }
    }
    let mut births: HashMap<u32, usize> = HashMap::new();
    let mut announced: HashSet<Step> = HashSet::new();
    let mut beginnings = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let (began, held) = match record {
            Record::Thread(thread) => {
                births.insert(thread.thread, index);
                continue;
            }
            Record::Wait(wait) => {
                announced.insert(wait.step);
                let call = calls.get(&wait.step).copied();
                let held = Held {
                    side: wait.side,
                    thread: wait.thread,
                    kind: kind_of(&wait.name, &wait.arguments),
                    name: wait.name.clone(),
                    arguments: wait.arguments.clone(),
                    socket: wait.socket,
                    data: call.and_then(offered),
                };
                (call.map_or(wait.at, |call| call.began), held)
            }
            // The end of a call whose beginning was there before.
            Record::Call(call) if announced.remove(&call.step) => continue,
            Record::Call(call) => (call.began, held_before(call)),
            _ => continue,
        };
        beginnings.push(Beginning {
            index,
            began,
            born: births.get(&held.thread).copied().unwrap_or(0),
            others: None,
            held,
        });
    }
    join_sides(&mut beginnings);
    beginnings
}

fn held_before(call: &Call) -> Held {
    Held {
        side: call.side,
        thread: call.thread,
        kind: call.kind(),
        name: call.name.clone(),
        arguments: call.arguments.clone(),
        socket: call.socket,
        data: offered(call),
    }
}

/// The bytes that a program hands over are there before the call.
fn offered(call: &Call) -> Option<Data> {
    call.data.clone().filter(|data| data.way == Way::Sent)
}

/// From each beginning to the next one of the other side.
fn join_sides(beginnings: &mut [Beginning]) {
    let mut next: HashMap<Side, usize> = HashMap::new();
    for (index, beginning) in beginnings.iter_mut().enumerate().rev() {
        beginning.others = next.get(&beginning.held.side.other()).copied();
        next.insert(beginning.held.side, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECHO: &str = include_str!("../tests/fixtures/step-echo.jsonl");

    fn echo() -> Vec<Record> {
        let lines = ECHO.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// What is seen until it is still, in short.
    fn settle(replay: &mut Replay) -> (Vec<String>, Settled) {
        let mut seen = Vec::new();
        let settled = replay.settle(&mut |record| match record {
            Record::Wait(wait) => seen.push(format!("{} waits", wait.step)),
            Record::Call(call) => seen.push(format!("{} {}", call.step, call.name)),
            Record::Output(output) => seen.push(output.text.trim().to_owned()),
            _ => {}
        });
        (seen, settled.unwrap())
    }

    fn held(replay: &Replay) -> Vec<String> {
        let held = replay.held().into_iter();
        held.map(|held| format!("{} {}", held.side, held.name))
            .collect()
    }

    fn go(replay: &mut Replay) -> Vec<String> {
        let thread = replay.held()[0].thread;
        replay.release(thread);
        settle(replay).0
    }

    #[test]
    fn a_call_at_a_time_with_its_effects() {
        let mut replay = Replay::new(echo());
        assert_eq!(settle(&mut replay), (vec![], Settled::Still));
        // The client isn't there yet.
        assert_eq!(held(&replay), ["server socket"]);
        assert_eq!(go(&mut replay), ["1 socket"]);
        for _ in 0..3 {
            go(&mut replay);
        }
        assert_eq!(
            go(&mut replay),
            ["5 getsockname", "listening on 127.0.0.1:65432"]
        );
        assert_eq!(held(&replay), ["server accept4"]);
        assert_eq!(go(&mut replay), ["6 waits"]);
        // The server is busy: its next call isn't held.
        assert_eq!(held(&replay), ["client socket"]);
        go(&mut replay);
        assert_eq!(go(&mut replay), ["8 connect", "6 accept4"]);
        assert_eq!(held(&replay), ["server recvfrom", "client sendto"]);
    }

    #[test]
    fn only_the_natural_next_can_be_released() {
        let mut replay = Replay::new(echo());
        settle(&mut replay);
        replay.release(2002);
        replay.release(77);
        assert_eq!(settle(&mut replay), (vec![], Settled::Still));
    }

    #[test]
    fn every_record_is_handed_over_once_and_in_order() {
        let mut replay = Replay::new(echo());
        let mut seen = Vec::new();
        while replay.settle(&mut |record| seen.push(record)).unwrap() == Settled::Still {
            let thread = replay.held()[0].thread;
            replay.release(thread);
        }
        assert_eq!(seen, echo());
        assert_eq!(replay.held(), []);
        replay.release(2001);
        assert_eq!(settle(&mut replay), (vec![], Settled::Over));
    }

    #[test]
    fn an_effect_does_not_come_before_its_cause_is_released() {
        let mut records = echo();
        // The end of the waiting accept is noticed before that of the connect behind it.
        let connect = records
            .iter()
            .position(|record| matches!(record, Record::Call(call) if call.step == 8));
        let accept = records
            .iter()
            .position(|record| matches!(record, Record::Call(call) if call.step == 6));
        records.swap(connect.unwrap(), accept.unwrap());
        let mut replay = Replay::new(records);
        settle(&mut replay);
        for _ in 0..6 {
            go(&mut replay);
        }
        assert_eq!(go(&mut replay), ["7 socket"]);
        assert_eq!(go(&mut replay), ["6 accept4", "8 connect"]);
    }

    #[test]
    fn odd_records_end_like_others() {
        assert_eq!(settle(&mut Replay::new(vec![])), (vec![], Settled::Over));
        // A wait that never ends, and twice the same number.
        let mut records = echo();
        records.retain(|record| matches!(record, Record::Wait(_)));
        records.extend(records.clone());
        let mut replay = Replay::new(records);
        settle(&mut replay);
        for _ in 0..8 {
            go(&mut replay);
        }
        assert_eq!(settle(&mut replay), (vec![], Settled::Over));
    }
}
