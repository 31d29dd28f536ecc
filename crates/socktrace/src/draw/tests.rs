mod fuzz;
mod golden;

use super::*;
use crate::trace_file::Reader;

const ECHO: &str = include_str!("../../tests/fixtures/echo.jsonl");
const APP: &str = include_str!("../../tests/fixtures/app.jsonl");
const BUSY: &str = include_str!("../../tests/fixtures/busy.jsonl");
const HOSTILE: &str = include_str!("../../tests/fixtures/hostile.jsonl");

/// The drawing of a trace, without its colours.
fn drawn(trace: &str, options: Options) -> String {
    let reader = Reader::new(trace.as_bytes()).unwrap();
    let header = reader.header().clone();
    drawn_records(&header, reader.map(Result::unwrap), options)
}

fn drawn_records(
    header: &Header,
    records: impl Iterator<Item = Record>,
    options: Options,
) -> String {
    let mut drawing = Drawing::new(header, options);
    let mut out = Vec::new();
    for record in records {
        drawing.record(&record, &mut out).unwrap();
    }
    drawing.finish(&mut out).unwrap();
    without_colours(&out)
}

fn without_colours(out: &[u8]) -> String {
    let text = anstream::adapter::strip_bytes(out).into_vec();
    String::from_utf8(text).unwrap()
}

fn only(words: &str) -> Options {
    Options {
        only: words.parse().unwrap(),
        ..Options::default()
    }
}

#[test]
fn only_what_was_asked_for_is_drawn() {
    // With nothing between them, a wait is one with its end.
    let accepts = drawn(ECHO, only("server,accept"));
    let lines: Vec<&str> = accepts
        .lines()
        .filter(|line| line.contains("accept4"))
        .collect();
    assert_eq!(
        lines,
        [
            "  0.0045  6 accept4(3, SOCK_CLOEXEC) = 4  ◀───8",
            "  0.0063 16 accept4(3, SOCK_CLOEXEC) = ?",
        ]
    );
    let client = drawn(ECHO, only("client"));
    assert!(client.contains("says │ received") && !client.contains("listening on 1"));
    let socket = drawn(ECHO, only("s2"));
    assert!(!socket.contains("says") && !socket.contains("accept4"));
    assert!(socket.contains("  s2  client") && !socket.contains("  s1"));
}

#[test]
fn a_close_sends_something_only_if_it_is_the_last() {
    let closes = |state: &str| {
        let reader = Reader::new(ECHO.as_bytes()).unwrap();
        let header = reader.header().clone();
        let records = reader.map(Result::unwrap).map(|mut record| {
            if let Record::Call(call) = &mut record
                && call.name == "close"
                && let Some(socket) = call.socket
            {
                call.states = vec![crate::record::State {
                    socket,
                    state: state.to_owned(),
                    local: String::new(),
                    peer: String::new(),
                    receive_queue: 0,
                    send_queue: 0,
                }];
            }
            record
        });
        let drawn = drawn_records(&header, records, only("client,close"));
        let line = drawn.lines().find(|line| line.contains(" close("));
        line.unwrap().to_owned()
    };
    assert!(closes("FIN_WAIT1").contains('─'));
    // A copy of its descriptor is left.
    assert!(!closes("ESTABLISHED").contains('─'));
}

#[test]
fn nothing_is_folded_if_all_is_wanted() {
    let all = Options {
        all: true,
        ..Options::default()
    };
    let drawing = drawn(BUSY, all);
    assert_eq!(drawing.matches("EAGAIN").count(), 14);
    assert_eq!(drawing.matches("SIGURG arrives").count(), 4);
    assert!(!drawing.contains('⋮'));
}

#[test]
fn a_pause_shows_what_is_held_back() {
    let reader = Reader::new(ECHO.as_bytes()).unwrap();
    let mut drawing = Drawing::new(&reader.header().clone(), Options::default());
    let mut out = Vec::new();
    for record in reader.map(Result::unwrap) {
        drawing.record(&record, &mut out).unwrap();
        if let Record::Wait(wait) = record {
            let waits = format!("{:>2} {}", wait.step, wait.name);
            assert!(!without_colours(&out).contains(&waits));
            drawing.pause(&mut out).unwrap();
            assert!(without_colours(&out).contains(&waits));
        }
    }
}

#[test]
fn more_lines_of_bytes_are_an_option() {
    let drawing = |byte_lines| {
        let options = Options {
            byte_lines,
            only: "sendto".parse().unwrap(),
            ..Options::default()
        };
        drawn(ECHO, options)
    };
    assert!(!drawing(0).contains("Hello"));
    assert!(drawing(1).contains("48 65 6c 6c 6f 2c 20 77 6f …"));
    let whole = drawing(2);
    assert!(whole.contains("48 65 6c 6c 6f 2c 20 77 6f\n"));
    assert!(whole.contains(" 72 6c 64 21\n"));
}

#[test]
fn all_bytes_that_were_kept_can_be_seen() {
    let options = Options {
        byte_lines: usize::MAX,
        only: "server,send".parse().unwrap(),
        ..Options::default()
    };
    let drawing = drawn(APP, options);
    // Four bytes each, of which the digits may stand in two lines.
    let digits: String = drawing
        .split_whitespace()
        .filter(|word| word.len() == 2)
        .collect();
    assert_eq!(digits.matches("00617b7d").count(), 1000);
}

#[test]
fn colours_are_there_to_be_taken_out() {
    let reader = Reader::new(ECHO.as_bytes()).unwrap();
    let mut drawing = Drawing::new(&reader.header().clone(), Options::default());
    let mut out = Vec::new();
    for record in reader.map(Result::unwrap) {
        drawing.record(&record, &mut out).unwrap();
    }
    assert!(out.contains(&0x1b));
}
