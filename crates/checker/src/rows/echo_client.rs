//! Rows E-11 to E-15: a client, against servers that the checker plays.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::refusal::is_in_another_language;
use crate::arena::Arena;
use crate::bytes::{difference, pattern, shown};
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::{Peer, is_timeout, pause};
use crate::row::{Level, Row};
use crate::span::span;
use crate::stage::Stage;
use crate::subject::{Subject, Wanted};
use crate::visit::{Client, Done, Host, invite, refusing_port};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "E-11",
        is_guide: true,
        title: "it sends its message and prints what came back",
        cause: "the answer isn't printed, or printed as something else",
        check: prints_the_echo,
        ..Row::PLAIN
    },
    Row {
        id: "E-12",
        needs: &["E-11"],
        title: "an answer that arrives in pieces is put together",
        cause: "one recv is taken for the whole answer",
        check: puts_pieces_together,
        ..Row::PLAIN
    },
    Row {
        id: "E-13",
        level: Level::Robust,
        title: "a server that ends early or answers otherwise is an error",
        cause: "the end of input isn't compared with what was still due",
        check: notices_a_bad_server,
        ..Row::PLAIN
    },
    Row {
        id: "E-14",
        is_timed: true,
        title: "nobody listens: one line names address and cause, in 2 s",
        cause: "the error of connect isn't caught, or doesn't name the address",
        check: says_that_nobody_listens,
        ..Row::PLAIN
    },
    Row {
        id: "E-15",
        level: Level::Robust,
        needs: &["E-11"],
        title: "64 MiB from standard input all come back, no deadlock",
        cause: "all is sent before anything is read: both ends wait for the other to read",
        check: streams_standard_input,
        ..Row::PLAIN
    },
];

/// Longer than a client rests between two pieces of a message.
const PAUSE: Duration = Duration::from_millis(200);

/// What a client without a message of its own is given.
const MESSAGE: &str = "Hello, checker";

fn wanted() -> Wanted<'static> {
    Wanted {
        value: MESSAGE,
        ..Wanted::default()
    }
}

/// Starts the client with the message, and takes its connection.
fn meet<'a>(host: &Host<'a>) -> Outcome<(Client<'a>, Peer)> {
    // For one that takes its message from standard input.
    let client = host.invite_as(wanted(), |order| order.input = MESSAGE.into())?;
    let peer = host.accept(&client)?;
    Ok((client, peer))
}

/// Receives the client's message, whatever it is.
fn first_message(arena: &Arena<'_>, peer: &mut Peer) -> Outcome<Vec<u8>> {
    let has_value =
        matches!(&arena.trial.subject, Subject::Command(template) if template.has("{value}"));
    // It may come in pieces. How long another message is, nobody knows: it is whole when
    // nothing follows.
    let mut message = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    while !has_value || message.len() < MESSAGE.len() {
        if !has_value && !message.is_empty() && !peer.hears_within(PAUSE) {
            break;
        }
        match peer.stream.read(&mut piece) {
            Ok(n_read @ 1..) => message.extend_from_slice(&piece[..n_read]),
            _ => break,
        }
    }
    let holds = if has_value {
        message == MESSAGE.as_bytes()
    } else {
        !message.is_empty()
    };
    ensure(holds, || {
        Miss::fails(
            "a connection, accepted",
            "the client's message",
            shown(&message),
        )
    })?;
    Ok(message)
}

fn expect_printed(done: &Done, message: &[u8], sent: &str) -> Outcome {
    done.expect_success(sent)?;
    let holds = done
        .stdout
        .windows(message.len())
        .any(|window| window == message);
    ensure(holds, || {
        let expected = format!("{} on standard output", shown(message));
        Miss::fails(sent, expected, shown(&done.stdout))
    })
}

fn prints_the_echo(arena: &Arena<'_>) -> Outcome {
    let host = Host::open(arena)?;
    let (client, mut peer) = meet(&host)?;
    let message = first_message(arena, &mut peer)?;
    peer.send(&message)?;
    end_in_turn(&mut peer);
    expect_printed(
        &client.finish("the client's own bytes")?,
        &message,
        "the client's own bytes",
    )
}

/// Ends the connection as an echo server does, once the client has finished. One that
/// waits for the server to end first is heard to be silent.
fn end_in_turn(peer: &mut Peer) {
    peer.be_patient_for(Duration::from_secs(1));
    peer.echo(4096);
}

fn puts_pieces_together(arena: &Arena<'_>) -> Outcome {
    let host = Host::open(arena)?;
    let (client, mut peer) = meet(&host)?;
    let message = first_message(arena, &mut peer)?;
    let (first, rest) = message.split_at(1);
    let (second, third) = rest.split_at(rest.len() / 2);
    for piece in [first, second, third] {
        peer.send_what_is_taken(piece);
        // Long enough for the client to have read it, also on a busy machine.
        pause(Duration::from_millis(250));
    }
    end_in_turn(&mut peer);
    let doing = "the client's own bytes, in three pieces";
    expect_printed(&client.finish(doing)?, &message, doing)
}

fn notices_a_bad_server(arena: &Arena<'_>) -> Outcome {
    let stage = arena.trial.stage;
    for (doing, answer, resets) in [
        ("the end, without an answer", Answer::Nothing, false),
        ("half of the answer, then the end", Answer::Half, false),
        ("a reset (RST)", Answer::Nothing, true),
        (
            "other bytes of the same length, then the end",
            Answer::Other,
            false,
        ),
    ] {
        let host = Host::open(arena)?;
        let (client, mut peer) = meet(&host)?;
        let mut bytes = vec![0; 64 * 1024];
        let n_read = peer.stream.read(&mut bytes).unwrap_or(0);
        let answer = answer.bytes(stage, &bytes[..n_read]);
        peer.send_what_is_taken(&answer);
        if resets {
            peer.reset();
        } else {
            let _ = peer.half_close();
        }
        // A client that comes again is answered no better.
        drop(host);
        client.finish(doing)?.expect_error(doing)?;
    }
    Ok(())
}

/// How a server answers that isn't a good one.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Nothing,
    Half,
    Other,
}

impl Answer {
    fn bytes(self, stage: Stage, message: &[u8]) -> Vec<u8> {
        let whole = match stage {
            Stage::AppProtocol => crate::message::json("{\"result\": \"found\"}"),
            _ => message.to_vec(),
        };
        match self {
            Self::Nothing => Vec::new(),
            Self::Half => whole[..whole.len() / 2].to_vec(),
            // Other letters of the same number; no header of a message either.
            Self::Other => whole.iter().map(|byte| byte ^ 1).collect(),
        }
    }
}

fn says_that_nobody_listens(arena: &Arena<'_>) -> Outcome {
    let start = start_time(arena)?;
    let (port, _nobody_else) = refusing_port(arena)?;
    // On Windows a connection is tried again before it is given up.
    let limit = Duration::from_secs(if cfg!(windows) { 5 } else { 2 });
    let client = invite(arena, port, wanted(), |order| order.input = MESSAGE.into())?;
    let doing = format!("a port that refuses connections, {port}");
    let begin = Instant::now();
    let done = client.finish_within(start + limit.max(LATE), &doing)?;
    let took = begin.elapsed();
    done.expect_error(&doing)?;
    // Progress may be told before, as long as it is about this address: the head of a
    // trace isn't.
    let names_address = |line: &&str| line.contains(&port.to_string());
    let mut told = done.stderr.lines().take_while(names_address).peekable();
    let first = told.peek().copied().unwrap_or_default();
    let has_cause = told.any(|line| {
        let line = line.to_lowercase();
        REFUSED.iter().any(|word| line.contains(word))
    });
    ensure(has_cause, || {
        if is_in_another_language(first) {
            return Miss::not_judged(format!("{doing}: {first:?} isn't understood"));
        }
        let expected = format!("a first line that names port {port}, and that it was refused");
        Miss::fails(&doing, expected, done.told())
    })?;
    ensure(took <= start + limit, || {
        let expected = format!(
            "the end within {}, and {} for the start",
            span(limit),
            span(start)
        );
        let came = format!("the right line, but the end only after {}", span(took));
        Miss::fails(&doing, expected, came)
    })
}

/// How systems and languages say that nobody listens; some say it in their users'
/// language, whatever they are told.
const REFUSED: &[&str] = &[
    "refus",
    "abgelehnt",
    "verweigert",
    "rehus",
    "rechaz",
    "rifiut",
    "recus",
    "geweigerd",
    "odmow",
];

/// How long a client that says the right thing too late is waited for.
const LATE: Duration = Duration::from_secs(10);

/// How long the client takes until it connects: an interpreter on a busy machine isn't
/// slow to say what is wrong because it is slow to come up.
fn start_time(arena: &Arena<'_>) -> Outcome<Duration> {
    let host = Host::open(arena)?;
    let begin = Instant::now();
    let _met = meet(&host)?;
    Ok(begin.elapsed())
}

fn streams_standard_input(arena: &Arena<'_>) -> Outcome {
    const LENGTH: usize = 64 << 20;
    let Some(arguments) = &arena.trial.stdin else {
        return Err(Miss::not_judged(
            "say by --stdin 'ARGS' how the client is told to send its standard input",
        ));
    };
    let input = pattern(0, LENGTH);
    let host = Host::open(arena)?;
    let client = host.invite_as(wanted(), |order| {
        order.command.words.extend(arguments.iter().cloned());
        order.input.clone_from(&input);
        order.room = LENGTH + 1024;
    })?;
    let mut peer = host.accept(&client)?;
    let doing = "64 MiB on standard input, to a server that echoes as it reads";
    // As a small server does: it reads only while what it has read is taken back.
    let mut buffer = [0; 16 * 1024];
    let mut n_sent = 0;
    while !peer.is_over()
        && let Ok(n_read @ 1..) = peer.stream.read(&mut buffer)
    {
        n_sent += n_read;
        match peer.stream.write_all(&buffer[..n_read]) {
            Err(error) if is_timeout(&error) => {
                let silence = span(arena.trial.patience);
                let came = format!(
                    "neither side reads: {n_sent} bytes were sent, and for {silence} the client \
                     took none of those that had come back",
                );
                return Err(Miss::fails(doing, "it reads while it sends", came));
            }
            Err(_) => break,
            Ok(()) => (),
        }
    }
    drop(peer);
    let done = client.finish(doing)?;
    done.expect_success(doing)?;
    let comes_back = done.stdout.len() >= LENGTH && done.stdout.ends_with(&input[LENGTH - 4096..]);
    ensure(
        comes_back && (done.stdout.len() > LENGTH || done.stdout == input),
        || {
            let came = difference(&input, &done.stdout);
            Miss::fails(doing, "the same on standard output", came)
        },
    )
}
