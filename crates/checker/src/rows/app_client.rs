//! Rows A-21 to A-24: a client of the application protocol.

use std::time::Duration;

use crate::arena::Arena;
use crate::bytes::shown;
use crate::message::{CLIENT_BINARY, frame, header, json, message, search};
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::{Peer, pause};
use crate::row::{Level, Row};
use crate::subject::{Subject, Wanted};
use crate::visit::{Done, Host};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "A-21",
        is_guide: true,
        title: "the bytes of its requests are exactly the guide's",
        cause: "the length's byte order, the order of the fields, or JSON without spaces",
        check: sends_the_guides_bytes,
        ..Row::PLAIN
    },
    Row {
        id: "A-22",
        level: Level::Robust,
        needs: &["A-21"],
        title: "a response split anywhere is understood",
        cause: "what one recv returned is taken for a message, or for its header",
        check: understands_pieces,
        ..Row::PLAIN
    },
    Row {
        id: "A-23",
        level: Level::Robust,
        needs: &["A-21"],
        title: "a malformed, truncated or huge response is an error",
        cause: "an error in the response isn't caught, or the end isn't an error",
        check: names_bad_responses,
        ..Row::PLAIN
    },
    Row {
        id: "A-24",
        level: Level::Robust,
        needs: &["A-21"],
        title: "an error response is shown and fails; no match is fine",
        cause: "the content isn't looked at before the exit status is chosen",
        check: shows_errors,
        ..Row::PLAIN
    },
];

fn wanted(value: &str) -> Wanted<'_> {
    Wanted {
        value,
        ..Wanted::default()
    }
}

/// Plays a server that reads the request for `value` and answers by `respond`.
fn exchange(
    arena: &Arena<'_>,
    wanted: Wanted<'_>,
    request: &[u8],
    doing: &str,
    respond: impl FnOnce(&mut Peer),
) -> Outcome<Done> {
    let Subject::Command(template) = &arena.trial.subject else {
        return Err(Miss::not_judged("needs the client's command"));
    };
    if !template.has("{action}") || !template.has("{value}") {
        return Err(Miss::not_judged("the command has no {action} {value}"));
    }
    let host = Host::open(arena)?;
    let client = host.invite(wanted)?;
    let mut peer = host.accept(&client)?;
    let came = peer.expect(request);
    came.map_err(|miss| {
        miss.after(format!(
            "a connection, accepted, of {} {}",
            wanted.action, wanted.value
        ))
    })?;
    respond(&mut peer);
    let _ = peer.half_close();
    client.finish(doing)
}

fn answer(text: &str) -> Vec<u8> {
    json(&format!("{{\"result\": \"{text}\"}}"))
}

fn expect_shown(done: &Done, text: &str, doing: &str) -> Outcome {
    done.expect_success(doing)?;
    let stdout = String::from_utf8_lossy(&done.stdout);
    ensure(stdout.contains(text), || {
        let expected = format!("{text:?} on standard output");
        Miss::fails(doing, expected, shown(&done.stdout))
    })
}

/// Expects an error that the program tells: a trace of its insides is a crash.
fn expect_own_words(done: &Done, doing: &str) -> Outcome {
    let is_crash = |line: &str| {
        line.starts_with("Traceback (most recent call last)")
            || line.starts_with("Exception in thread ")
            || (line.starts_with("thread '") && line.contains("panicked at"))
    };
    let first = done.stderr.lines().find(|line| !line.trim().is_empty());
    ensure(!first.is_some_and(is_crash), || {
        let expected = "an error message, and not the trace of a crash";
        Miss::fails(doing, expected, done.told())
    })
}

fn sends_the_guides_bytes(arena: &Arena<'_>) -> Outcome {
    for value in ["morpheus", "🐶"] {
        let done = exchange(arena, wanted(value), &search(value), "an answer", |peer| {
            peer.send_what_is_taken(&answer("found you"));
        })?;
        expect_shown(
            &done,
            "found you",
            "a response with the result \"found you\"",
        )?;
    }
    let wanted = Wanted {
        action: "binary",
        ..wanted("🐶")
    };
    let request = message(CLIENT_BINARY, "binary", "", "binary🐶".as_bytes());
    let response = message(
        "binary/custom-server-binary-type",
        "binary",
        "",
        b"some bytes",
    );
    let done = exchange(arena, wanted, &request, "a binary answer", |peer| {
        peer.send_what_is_taken(&response);
    })?;
    done.expect_success("a binary answer")
}

fn understands_pieces(arena: &Arena<'_>) -> Outcome {
    let response = answer("found 🐶");
    let request = search("ring");
    for place in 1..response.len() {
        let doing = format!("a response in two parts, cut after byte {place}");
        let done = exchange(arena, wanted("ring"), &request, &doing, |peer| {
            peer.send_what_is_taken(&response[..place]);
            pause(Duration::from_millis(5));
            peer.send_what_is_taken(&response[place..]);
        })?;
        expect_shown(&done, "found 🐶", &doing)?;
    }
    let doing = "a response, one byte at a time";
    let done = exchange(arena, wanted("ring"), &request, doing, |peer| {
        for byte in response.chunks(1) {
            peer.send_what_is_taken(byte);
            pause(Duration::from_millis(1));
        }
    })?;
    expect_shown(&done, "found 🐶", doing)?;
    understands_a_megabyte(arena)
}

/// Content that no single read brings, and that no small buffer takes.
fn understands_a_megabyte(arena: &Arena<'_>) -> Outcome {
    const N: usize = 1 << 20;
    // Not the size of anybody's buffer, nor a multiple of one.
    const PIECE: usize = 10_007;
    // White space, so that what has to be shown stays short.
    let room = " ".repeat(N);
    let response = json(&format!("{{{room}\"result\": \"found at last\"}}"));
    for size in [response.len(), PIECE] {
        let doing = format!("a response with a megabyte of content, in pieces of {size} bytes");
        let done = exchange(arena, wanted("ring"), &search("ring"), &doing, |peer| {
            for piece in response.chunks(size) {
                peer.send_what_is_taken(piece);
                pause(Duration::from_millis(1));
            }
        })?;
        expect_shown(&done, "found at last", &doing)?;
    }
    Ok(())
}

/// An answer's content, of 19 bytes, that is fine by itself.
const FOUND: &[u8] = br#"{"result": "found"}"#;

fn names_bad_responses(arena: &Arena<'_>) -> Outcome {
    let whole = answer("found");
    let huge = header("little", CLIENT_BINARY, "binary", "1000000000000", "");
    for (doing, response) in [
        ("a header length of 0", frame("", b"")),
        ("a header that isn't JSON", frame("no JSON", b"")),
        ("a header without fields", frame("{}", b"")),
        (
            "a header without byteorder",
            frame(
                r#"{"content-type": "text/json", "content-encoding": "utf-8", "content-length": 19}"#,
                FOUND,
            ),
        ),
        (
            "a byteorder of \"middle\"",
            frame(&header("middle", "text/json", "utf-8", "19", ""), FOUND),
        ),
        ("content that isn't JSON", json("{")),
        (
            "an unknown encoding",
            message("text/json", "klingon", "", br#"{"result": "found"}"#),
        ),
        ("a response cut in its length", whole[..1].to_vec()),
        ("a response cut in its header", whole[..20].to_vec()),
        (
            "a response cut in its content",
            whole[..whole.len() - 3].to_vec(),
        ),
        ("a content-length of 10^12", frame(&huge, b"x")),
    ] {
        let told = format!("{doing}: {}", shown(&response));
        let done = exchange(arena, wanted("ring"), &search("ring"), &told, |peer| {
            peer.send_what_is_taken(&response);
        })?;
        done.expect_error(&told)?;
        expect_own_words(&done, &told)?;
    }
    Ok(())
}

fn shows_errors(arena: &Arena<'_>) -> Outcome {
    let request = search("ring");
    for content in [
        r#"{"result": "Error: too much of it.", "error": "too-large"}"#,
        r#"{"result": "Error: invalid action 'x'."}"#,
    ] {
        let done = exchange(arena, wanted("ring"), &request, content, |peer| {
            peer.send_what_is_taken(&json(content));
        })?;
        done.expect_error(content)?;
        expect_own_words(&done, content)?;
        let text = if content.contains("too much") {
            "too much of it"
        } else {
            "invalid action"
        };
        let all = String::from_utf8_lossy(&done.stdout).into_owned() + &done.stderr;
        ensure(all.contains(text), || {
            Miss::fails(content, format!("{text:?} is shown"), done.told())
        })?;
    }
    let doing = "a response with the result \"No match for 'ring'.\"";
    let done = exchange(arena, wanted("ring"), &request, doing, |peer| {
        peer.send_what_is_taken(&answer("No match for 'ring'."));
    })?;
    expect_shown(&done, "No match for 'ring'.", doing)
}
