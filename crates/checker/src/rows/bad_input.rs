//! Rows A-08, A-09 and A-11: each kind of bad input of the protocol, with a client
//! beside it that must not notice.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use super::app_server::ask;
use crate::arena::{Arena, Server};
use crate::bytes::shown;
use crate::message::{CLIENT_BINARY, frame, header, json, message, search};
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::{Peer, pause};
use crate::row::{Level, Row};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "A-08",
        level: Level::Robust,
        needs: &["A-01"],
        title: "bad input is answered by an error, and harms nobody else",
        cause: "an error in one message isn't caught, or isn't answered",
        check: bad_input,
        ..Row::PLAIN
    },
    Row {
        id: "A-09",
        level: Level::Production,
        needs: &["A-01"],
        title: "a content-length beyond the limit is refused at once",
        cause: "memory is taken, or content waited for, on the length's word",
        check: huge_lengths,
        ..Row::PLAIN
    },
    Row {
        id: "A-11",
        level: Level::Robust,
        needs: &["A-03"],
        title: "1 MiB behind a last request: the whole answer, no reset",
        cause: "closing with unread input sends a reset, which overtakes the answer",
        check: surplus_input,
        ..Row::PLAIN
    },
];

/// Bad input, what it is called, and the code of the error that answers it.
type Case = (&'static str, Vec<u8>, &'static str);

fn bad_input(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let headers = bad_headers().into_iter().map(|(name, header)| {
        let wire = frame(&header, b"{}");
        (name, wire, "bad-header")
    });
    for case in headers.chain(bad_contents()) {
        is_answered(&server, &case)?;
    }
    closed_inside(&server)
}

fn bad_headers() -> Vec<(&'static str, String)> {
    let with = |order: &str, kind: &str, encoding: &str, length: &str| {
        format!(
            "{{\"byteorder\": {order}, \"content-type\": {kind}, \
             \"content-encoding\": {encoding}, \"content-length\": {length}}}"
        )
    };
    let (order, kind, encoding) = ("\"little\"", "\"text/json\"", "\"utf-8\"");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep = format!("2, \"x\": {deep}");
    vec![
        ("a header length of 0", String::new()),
        ("a header that isn't JSON", "no JSON".to_owned()),
        ("a header that is a list", "[1, 2]".to_owned()),
        ("a header that is a number", "17".to_owned()),
        ("a header without fields", "{}".to_owned()),
        (
            "a header without content-length",
            r#"{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8"}"#
                .to_owned(),
        ),
        ("another byteorder", with("\"middle\"", kind, encoding, "2")),
        (
            "a byteorder that is a number",
            with("1", kind, encoding, "2"),
        ),
        (
            "a content-type that is null",
            with(order, "null", encoding, "2"),
        ),
        (
            "a content-encoding that is a list",
            with(order, kind, "[]", "2"),
        ),
        (
            "a content-length that is text",
            with(order, kind, encoding, "\"2\""),
        ),
        (
            "a negative content-length",
            with(order, kind, encoding, "-2"),
        ),
        (
            "a content-length of 2.5",
            with(order, kind, encoding, "2.5"),
        ),
        (
            "a content-length of 2.0",
            with(order, kind, encoding, "2.0"),
        ),
        (
            "a content-length of 1e2",
            with(order, kind, encoding, "1e2"),
        ),
        (
            "a content-length of true",
            with(order, kind, encoding, "true"),
        ),
        (
            "content-length given twice",
            with(order, kind, encoding, "2, \"content-length\": 2"),
        ),
        (
            "a header of 10,000 levels",
            with(order, kind, encoding, &deep),
        ),
    ]
}

fn bad_contents() -> Vec<Case> {
    let text = |encoding: &str, content: &[u8]| message("text/json", encoding, "", content);
    vec![
        (
            "a header that isn't UTF-8",
            [&b"\0\x03"[..], b"{\xff}"].concat(),
            "bad-header",
        ),
        (
            "content that isn't JSON",
            json("{\"action\""),
            "bad-content",
        ),
        (
            "content that isn't UTF-8",
            text("utf-8", b"\"\xff\""),
            "bad-content",
        ),
        (
            "content that isn't ASCII",
            text("ascii", b"\"\xe9\""),
            "bad-content",
        ),
        (
            "half a character of UTF-16",
            text("utf-16-le", b"\"\0x"),
            "bad-content",
        ),
        (
            "content of 10,000 levels",
            json(&"[".repeat(10_000)),
            "bad-content",
        ),
        ("a list for a request", json("[1]"), "bad-request"),
        ("text for a request", json("\"search\""), "bad-request"),
        ("a number for a request", json("7"), "bad-request"),
        ("a request without an action", json("{}"), "bad-request"),
        (
            "an action that is a number",
            json(r#"{"action": 7}"#),
            "bad-request",
        ),
        (
            "a search without a value",
            json(r#"{"action": "search"}"#),
            "bad-request",
        ),
        (
            "a search for a list",
            json(r#"{"action": "search", "value": [1]}"#),
            "bad-request",
        ),
        (
            "an unknown encoding",
            text("klingon", b"{}"),
            "unknown-encoding",
        ),
        (
            "5 bytes of numbers of 4",
            message("binary/u32", "binary", "", b"12345"),
            "bad-content",
        ),
    ]
}

/// Expects an error response, the end, and a bystander who is served meanwhile.
fn is_answered(server: &Server<'_>, (name, wire, code): &Case) -> Outcome {
    let mut bystander = server.connect()?;
    let answer = || {
        let (mut peer, response) = ask(server, wire)?;
        let given = response.content_field("error");
        ensure(
            response.is_error() && given.as_deref() == Some(*code),
            || {
                let expected = format!("an error response with the code {code}");
                peer.failure(expected, shown(&response.content))
            },
        )?;
        peer.expect_end()
    };
    answer().map_err(|miss| miss.after(format!("{name}: {}", shown(wire))))?;
    bystander
        .send(&search("ring"))
        .and_then(|()| bystander.receive_message())
        .map_err(|miss| miss.after(format!("{name} by one client, a request by another")))?;
    Ok(())
}

/// A peer that closes inside a message: nobody is harmed.
fn closed_inside(server: &Server<'_>) -> Outcome {
    let request = search("ring");
    for n_sent in [1, 2, 10, request.len() - 1] {
        let mut peer = server.connect()?;
        peer.send(&request[..n_sent])?;
        peer.half_close()?;
        peer.expect_gone()?;
        ask(server, &request).map_err(|miss| {
            miss.after(format!(
                "{n_sent} bytes of a request and the end; then another client"
            ))
        })?;
    }
    Ok(())
}

fn huge_lengths(arena: &Arena<'_>) -> Outcome {
    const ALLOWED: u64 = 64 << 20;
    let server = arena.serve()?;
    let before = server.usage().map(|usage| usage.memory);
    for length in [
        "2147483648",
        "9223372036854775808",
        "1000000000000000000000000000000",
    ] {
        let header = header("little", CLIENT_BINARY, "binary", length, "");
        let (mut peer, response) = ask(&server, &frame(&header, b""))
            .map_err(|miss| miss.after(format!("a content-length of {length}, no content")))?;
        ensure(response.is_error(), || {
            peer.failure(
                "an error response, before the content",
                shown(&response.content),
            )
        })?;
        peer.expect_end()?;
    }
    let (Ok(before), Ok(after)) = (before, server.usage()) else {
        // What the answers told holds without the process, too.
        return Ok(());
    };
    let growth = after.memory.saturating_sub(before);
    ensure(growth <= ALLOWED, || {
        let doing = "lengths of 2^31, 2^63 and 10^30, and no content";
        Miss::fails(
            doing,
            "no memory taken on their word",
            format!("{} MiB", growth >> 20),
        )
    })
}

fn surplus_input(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let mut peers = Vec::new();
    for _ in 0..10 {
        let mut peer = server.connect()?;
        let surplus = [search("ring"), vec![b'x'; 1 << 20]].concat();
        let is_cut_off = peer.send_what_is_taken(&surplus).is_some_and(is_reset);
        peer.receive_message()?;
        peer.expect_end()?;
        ensure(!is_cut_off, || peer.failure(NO_RESET, "a reset behind it"))?;
        peers.push(peer);
    }
    stays_without_reset(peers)
}

const NO_RESET: &str = "the answer and the end, and no reset behind them";

/// How long a server may keep its end of a connection that it has finished.
const LONGEST_LINGER: Duration = Duration::from_secs(3);

/// Looks for the reset that comes behind the end, when the server closes its socket with
/// input unread. Over a real network it could have come first.
fn stays_without_reset(mut peers: Vec<Peer>) -> Outcome {
    let deadline = Instant::now() + LONGEST_LINGER;
    while !peers.is_empty() && Instant::now() < deadline {
        let mut left = Vec::new();
        for peer in peers {
            let is_over = peer.is_left_alone();
            // After the end came, Linux tells a reset as EPIPE.
            let trouble = peer.stream.take_error().ok().flatten();
            ensure(!trouble.is_some_and(|error| is_reset(error.kind())), || {
                peer.failure(NO_RESET, "a reset behind them")
            })?;
            if !is_over {
                left.push(peer);
            }
        }
        peers = left;
        pause(Duration::from_millis(10));
    }
    Ok(())
}

fn is_reset(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}
