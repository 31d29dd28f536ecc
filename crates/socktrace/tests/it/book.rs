//! The book documents the format of traces field by field: each field there is one, and
//! each that there is stands there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json};
use socktrace::record::{
    Argument, Call, Cause, Connection, Data, End, Errno, Exec, Exit, Field, Frame, Header, Note,
    Outcome, Output, Program, Record, Side, Signal, Socket, State, Thread, VERSION, Value, Wait,
    Way,
};

fn chapter() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join("docs/src/calls.md")).unwrap()
}

/// The section on the format, without what comes before it.
fn format_section(chapter: &str) -> &str {
    chapter.split_once("\n## The record\n").unwrap().1
}

/// The first cells of each table of fields, by the name of the record or the field that it
/// is about: the name in backticks that was seen last before the table, in a heading, or in
/// a line that ends with a colon.
fn documented(section: &str) -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut about = String::new();
    for line in section.lines() {
        let mut code = line.split('`').skip(1).step_by(2);
        if line.starts_with("### ") || (!line.starts_with('|') && line.ends_with(':')) {
            about = code.next().unwrap_or_default().to_owned();
        } else if line.starts_with("| `") {
            let field = code.next().unwrap().to_owned();
            tables.entry(about.clone()).or_default().push(field);
        }
    }
    tables
}

/// A record of each kind, with all the fields that it can have. A new field makes this
/// fail to compile, so that it isn't forgotten here.
fn full_records() -> Vec<Record> {
    let mut records = full_records_of_programs();
    records.extend(full_records_of_sockets());
    records
}

fn text() -> String {
    "text".to_owned()
}

fn full_records_of_programs() -> Vec<Record> {
    let (at, side, process, thread) = (1, Side::Server, 2, 3);
    vec![
        Record::Trace(Header {
            version: VERSION,
            architecture: text(),
            programs: vec![Program {
                side,
                command: vec![text()],
            }],
            bytes_kept: 4096,
        }),
        Record::Thread(Thread {
            at,
            side,
            process,
            thread,
            parent: Some(process),
        }),
        Record::Exec(Exec {
            at,
            side,
            process,
            path: text(),
        }),
        Record::Output(Output {
            at,
            side,
            stream: text(),
            text: text(),
        }),
        Record::Signal(Signal {
            at,
            side,
            thread,
            name: text(),
            stopped: true,
        }),
        Record::Exit(Exit {
            at,
            side,
            process,
            thread,
            status: 143,
            signal: Some(text()),
        }),
        Record::Note(Note {
            at,
            side: Some(side),
            text: text(),
        }),
        Record::End(End { at, calls: 1 }),
    ]
}

fn full_records_of_sockets() -> Vec<Record> {
    let (at, side, thread) = (1, Side::Server, 3);
    let arguments = || {
        let (name, value) = (text(), Value::Number(4));
        vec![Argument { name, value }]
    };
    vec![
        Record::Socket(Socket {
            at,
            socket: 1,
            side,
            family: text(),
            kind: text(),
            step: Some(1),
            listener: Some(2),
        }),
        Record::Connection(Connection {
            at,
            connected: 1,
            accepted: 2,
            from: text(),
            to: text(),
        }),
        Record::Wait(Wait {
            at,
            side,
            thread,
            step: 1,
            name: text(),
            arguments: arguments(),
            socket: Some(1),
        }),
        Record::Call(full_call(&arguments())),
    ]
}

fn full_call(arguments: &[Argument]) -> Call {
    let (name, value) = (text(), text());
    Call {
        step: 1,
        side: Side::Client,
        process: 2,
        thread: 3,
        began: 4,
        ended: 5,
        waited: true,
        name: text(),
        arguments: arguments.to_vec(),
        result: Outcome::Failed(Errno {
            name: text(),
            number: 11,
        }),
        gave: arguments.to_vec(),
        socket: Some(1),
        data: Some(Data {
            way: Way::Peeked,
            length: 1,
            room: 2,
            bytes: vec![0],
        }),
        causes: vec![Cause {
            step: 1,
            bytes: Some(2),
        }],
        frames: vec![Frame {
            part: text(),
            length: 1,
            fields: vec![Field { name, value }],
        }],
        states: vec![State {
            socket: 1,
            state: text(),
            local: text(),
            peer: text(),
            receive_queue: 1,
            send_queue: 2,
        }],
    }
}

fn fields(object: &Map<String, Json>) -> Vec<String> {
    let mut fields: Vec<String> = object.keys().cloned().collect();
    fields.sort();
    fields
}

/// The fields of each record, and of those values that have a table of their own.
fn existing() -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for record in full_records() {
        let Json::Object(mut object) = serde_json::to_value(&record).unwrap() else {
            panic!("{record:?} isn't an object");
        };
        let name = object.remove("record").unwrap();
        tables.insert(name.as_str().unwrap().to_owned(), fields(&object));
        for name in ["data", "frames", "states"] {
            let value = object.get(name);
            let first = value.map(|value| value.get(0).unwrap_or(value));
            if let Some(Json::Object(object)) = first {
                tables.insert(name.to_owned(), fields(object));
            }
        }
    }
    tables
}

#[test]
fn the_book_has_each_field_of_each_record() {
    let chapter = chapter();
    let mut documented = documented(format_section(&chapter));
    for fields in documented.values_mut() {
        fields.sort();
    }
    assert_eq!(documented, existing());
}

#[test]
fn the_book_names_the_version() {
    let chapter = chapter();
    let sentence = format!("which is {VERSION} now");
    assert!(format_section(&chapter).contains(&sentence), "{sentence}");
}

#[test]
fn its_examples_are_records() {
    let chapter = chapter();
    let mut blocks = chapter.split("```json\n").skip(1);
    let example = blocks.next().unwrap().split_once("```").unwrap().0;
    let record: Record = serde_json::from_str(example).unwrap();
    let as_written: Json = serde_json::from_str(example).unwrap();
    // Nothing in it is ignored.
    assert_eq!(serde_json::to_value(record).unwrap(), as_written);
    assert_eq!(blocks.next(), None);
}
