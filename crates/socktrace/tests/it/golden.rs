//! The whole record of `trace echo`, as it is stored.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test -p socktrace golden` writes it anew. What differs from
//! run to run is put in a normal form: a thread's records stand together, ids are numbers
//! from 1 in the order in which they come, and times are 0.
#![cfg(target_arch = "x86_64")]

use std::collections::HashMap;
use std::path::Path;
use std::{env, fs};

use serde_json::{Map, Value, json};
use socktrace::record::Record;

use crate::run::{beside, trace};

#[test]
fn the_record_of_echo() {
    beside("");
    let run = trace(&["echo"]).check();
    let found = normal_form(&run.records);
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let file = Path::new(&here).join("tests/fixtures/golden-echo.jsonl");
    if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&file, &found).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

fn normal_form(records: &[Record]) -> String {
    let records: Vec<Value> = records.iter().map(|it| json!(it)).collect();
    let mut sections: Vec<(Value, Vec<Value>)> = Vec::new();
    let mut joined = Vec::new();
    for record in records {
        let section = match record["record"].as_str().unwrap() {
            // Whether a call was seen to wait, is a matter of time.
            "wait" => continue,
            // Seen by whichever program is noticed first.
            "connection" => {
                joined.push(record);
                continue;
            }
            "trace" | "end" => Value::Null,
            "thread" | "call" | "exit" => record["thread"].clone(),
            // It stands before the call that made it.
            "socket" => Value::from("socket"),
            // The first thread of each side prints.
            _ => first_thread(&sections, &record["side"]),
        };
        let new = |it: &(Value, Vec<Value>)| it.0 == section;
        match sections.iter().position(new) {
            Some(at) => sections[at].1.push(record),
            None => sections.push((section, vec![record])),
        }
    }
    // The last line is the end.
    let mut lines: Vec<Value> = sections.into_iter().flat_map(|it| it.1).collect();
    lines.extend(joined);
    let end = lines.remove(1);
    lines.push(end);
    let mut names = Names::default();
    names.number_steps(&lines);
    let lines = lines.into_iter().map(|mut record| {
        names.normalise("", &mut record);
        format!("{record}\n")
    });
    lines.collect()
}

fn first_thread(sections: &[(Value, Vec<Value>)], side: &Value) -> Value {
    let mut threads = sections.iter().filter(|(thread, _)| thread.is_number());
    threads
        .find(|it| it.1[0]["side"] == *side)
        .unwrap()
        .0
        .clone()
}

/// What stands for what differs, by its sort and by what it was.
#[derive(Default)]
struct Names {
    known: HashMap<(&'static str, String), usize>,
}

impl Names {
    /// A cause may stand further down than its effect now.
    fn number_steps(&mut self, lines: &[Value]) {
        for call in lines.iter().filter(|line| line["record"] == "call") {
            self.name("step", &call["step"]);
        }
    }

    fn name(&mut self, sort: &'static str, old: &impl ToString) -> usize {
        let next = 1 + self.known.keys().filter(|known| known.0 == sort).count();
        *self.known.entry((sort, old.to_string())).or_insert(next)
    }

    fn normalise(&mut self, key: &str, value: &mut Value) {
        let sort = match key {
            "step" => Some("step"),
            "process" | "thread" | "parent" => Some("thread"),
            "socket" | "listener" | "connected" | "accepted" => Some("socket"),
            _ => None,
        };
        if let Some(sort) = sort {
            *value = json!(self.name(sort, value));
            return;
        }
        match value {
            Value::Object(fields) => self.object(key, fields),
            Value::Array(values) => values.iter_mut().for_each(|it| self.normalise(key, it)),
            Value::String(text) => *text = self.text(key, text),
            Value::Number(_) if ["at", "began", "ended"].contains(&key) => *value = json!(0),
            _ => {}
        }
    }

    fn object(&mut self, key: &str, fields: &mut Map<String, Value>) {
        fields.remove("waited");
        // The other end is among them once it is known.
        if let Some(Value::Array(states)) = fields.get_mut("states") {
            states.truncate(1);
        }
        // What is left of ten seconds.
        if fields.get("name").is_some_and(|name| name == "timeout") {
            fields.insert("value".to_owned(), json!("T"));
        }
        // What is on its way has arrived, or not; only a listener's backlog is sure.
        if key == "states" {
            fields.remove("receive_queue");
            if fields["state"] != "LISTEN" {
                fields.remove("send_queue");
            }
        }
        for (key, value) in fields {
            self.normalise(key, value);
        }
    }

    fn text(&mut self, key: &str, text: &str) -> String {
        // The last confirmations, too, may have come or not.
        if key == "state" {
            return match text {
                "FIN_WAIT1" | "FIN_WAIT2" | "TIME_WAIT" => "FIN_WAIT",
                "LAST_ACK" | "CLOSED" => "CLOSED",
                other => other,
            }
            .to_owned();
        }
        let plain = text.trim_end();
        let Some((start, port)) = plain.rsplit_once("127.0.0.1:") else {
            let name = Path::new(text).file_name();
            return name.map_or_else(String::new, |name| name.to_string_lossy().into());
        };
        match port {
            "0" => text.to_owned(),
            port => format!("{start}127.0.0.1:P{}", self.name("port", &port)),
        }
    }
}
