//! Whatever the records say: no panic, no line that is too wide, and nothing that plays
//! with the terminal.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::record::{
    Argument, Call, Cause, Connection, Data, End, Errno, Exec, Exit, Field, Frame, Note, Outcome,
    Output, Program, Side, Signal, Socket, State, Thread, Value, Wait, Way,
};

fn text() -> impl Strategy<Value = String> {
    let odd = "[\u{0}-\u{20}\u{7f}-\u{a0}\u{300}-\u{305}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}日本🐶❤\u{fe0f}\u{feff}]{0,90}";
    let usual = select(vec![
        "accept4",
        "recvfrom",
        "sendto",
        "close",
        "socket",
        "connect",
        "addr",
        "len",
        "stdout",
        "SIGURG",
        "SOCK_DGRAM",
        "127.0.0.1:1",
        "",
    ]);
    prop_oneof![
        4 => usual.prop_map(str::to_owned),
        1 => odd,
        1 => any::<String>(),
    ]
}

fn side() -> impl Strategy<Value = Side> {
    select(vec![Side::Server, Side::Client])
}

/// Small ones meet each other.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0..5u64, 1 => any::<u64>()]
}

fn id() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 0..3u32, 1 => any::<u32>()]
}

fn arguments() -> impl Strategy<Value = Vec<Argument>> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::Number),
        text().prop_map(Value::Text)
    ];
    let value = leaf.prop_recursive(3, 8, 4, |inner| vec(inner, 0..4).prop_map(Value::List));
    let argument = (text(), value).prop_map(|(name, value)| Argument { name, value });
    vec(argument, 0..4)
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        any::<i64>().prop_map(Outcome::Returned),
        (0..9i64).prop_map(Outcome::Returned),
        text().prop_map(|name| Outcome::Failed(Errno { name, number: 1 })),
        text().prop_map(Outcome::Unfinished),
    ]
}

fn data() -> impl Strategy<Value = Data> {
    let way = select(vec![Way::Sent, Way::Received, Way::Peeked]);
    let bytes = prop_oneof![
        vec(any::<u8>(), 0..400),
        text().prop_map(String::into_bytes)
    ];
    (way, number(), number(), bytes).prop_map(|(way, length, room, bytes)| Data {
        way,
        length,
        room,
        bytes,
    })
}

fn frame() -> impl Strategy<Value = Frame> {
    let field = (text(), text()).prop_map(|(name, value)| Field { name, value });
    (text(), number(), vec(field, 0..15)).prop_map(|(part, length, fields)| Frame {
        part,
        length,
        fields,
    })
}

fn state() -> impl Strategy<Value = State> {
    (id(), text(), text(), text()).prop_map(|(socket, state, local, peer)| State {
        socket,
        state,
        local,
        peer,
        receive_queue: 0,
        send_queue: u64::MAX,
    })
}

fn call() -> impl Strategy<Value = Record> {
    let head = (
        number(),
        side(),
        id(),
        id(),
        number(),
        number(),
        any::<bool>(),
    );
    let cause = (number(), proptest::option::of(number()));
    let causes = vec(cause.prop_map(|(step, bytes)| Cause { step, bytes }), 0..10);
    let body = (text(), arguments(), outcome(), arguments());
    let tail = (
        proptest::option::of(id()),
        proptest::option::of(data()),
        causes,
        vec(frame(), 0..2),
        vec(state(), 0..2),
    );
    (head, body, tail).prop_map(|(head, body, tail)| {
        let (step, side, process, thread, began, ended, waited) = head;
        let (name, arguments, result, gave) = body;
        let (socket, data, causes, frames, states) = tail;
        Record::Call(Call {
            step,
            side,
            process,
            thread,
            began,
            ended,
            waited,
            name,
            arguments,
            result,
            gave,
            socket,
            data,
            causes,
            frames,
            states,
        })
    })
}

fn event() -> impl Strategy<Value = Record> {
    let parts = (number(), side(), id(), id(), text(), text(), any::<bool>());
    (0..8u8, parts).prop_map(
        |(which, (at, side, process, thread, text, other, flag))| match which {
            0 => Record::Thread(Thread {
                at,
                side,
                process,
                thread,
                parent: flag.then_some(process),
            }),
            1 => Record::Exec(Exec {
                at,
                side,
                process,
                path: text,
            }),
            2 => Record::Output(Output {
                at,
                side,
                stream: other,
                text,
            }),
            3 => Record::Signal(Signal {
                at,
                side,
                thread,
                name: text,
                stopped: flag,
            }),
            4 => Record::Exit(Exit {
                at,
                side,
                process,
                thread,
                status: i32::MIN,
                signal: flag.then_some(text),
            }),
            5 => Record::Note(Note {
                at,
                side: flag.then_some(side),
                text,
            }),
            6 => Record::Connection(Connection {
                at,
                connected: process,
                accepted: thread,
                from: text,
                to: other,
            }),
            _ => Record::End(End { at, calls: at }),
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let wait = (number(), side(), id(), text(), arguments());
    let wait = wait.prop_map(|(step, side, thread, name, arguments)| {
        Record::Wait(Wait {
            at: step,
            side,
            thread,
            step,
            name,
            arguments,
            socket: None,
        })
    });
    let socket = (id(), side(), text(), text(), proptest::option::of(id()));
    let socket = socket.prop_map(|(socket, side, family, kind, listener)| {
        Record::Socket(Socket {
            at: 0,
            socket,
            side,
            family,
            kind,
            step: None,
            listener,
        })
    });
    prop_oneof![4 => call(), 3 => event(), 1 => wait, 1 => socket]
}

fn header() -> impl Strategy<Value = Header> {
    let program = (side(), vec(text(), 0..4));
    let program = program.prop_map(|(side, command)| Program { side, command });
    vec(program, 0..4).prop_map(|programs| Header {
        version: 1,
        architecture: String::new(),
        programs,
        bytes_kept: 0,
    })
}

#[track_caller]
fn check(drawing: &str, width: usize, ascii: bool) {
    for line in drawing.lines() {
        assert!(line.width() <= width, "{} columns: {line:?}", line.width());
        for character in line.chars() {
            let is_odd = character.is_control()
                || matches!(
                    character,
                    '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                );
            assert!(!is_odd, "{character:?} in {line:?}");
            assert!(!ascii || character.is_ascii(), "{line:?}");
        }
    }
}

/// Each is a drawing of many records.
const N_CASES: u32 = 100;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(N_CASES))]

    #[test]
    fn any_records_are_drawn_within_the_width(
        header in header(),
        records in vec(record(), 0..30),
        width in 40..200usize,
        byte_lines in 0..4usize,
        all in any::<bool>(),
        ascii in any::<bool>(),
    ) {
        let options = Options { width, byte_lines, all, ascii, ..Options::default() };
        let drawing = drawn_records(&header, records.into_iter(), options);
        check(&drawing, width, ascii);
    }
}
