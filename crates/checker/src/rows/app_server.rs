//! Rows A-01 to A-07, A-13 and A-14: requests that are right, in every form.

use crate::arena::{Arena, Server};
use crate::bytes::shown;
use crate::message::{CLIENT_BINARY, Response, byte_order, frame, header, json, message, search};
use crate::outcome::{Miss, Outcome, ensure};
use crate::peer::Peer;
use crate::row::{Level, Row};
use crate::speech::about;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "A-01",
        is_guide: true,
        title: "search: known, unknown, an emoji; an unknown action",
        cause: "an answer's words, or its encoding",
        check: searches,
        ..Row::PLAIN
    },
    Row {
        id: "A-02",
        is_guide: true,
        title: "binary: the first ten bytes, or fewer",
        cause: "fewer than ten bytes are waited for, or taken for text",
        check: binary_requests,
        ..Row::PLAIN
    },
    Row {
        id: "A-03",
        is_guide: true,
        title: "one request, one response, then the server closes",
        cause: "the connection is kept though nobody asked for it",
        check: closes_after_one,
        ..Row::PLAIN
    },
    Row {
        id: "A-04",
        level: Level::Robust,
        needs: &["A-01"],
        title: "a message split anywhere gives the same answer",
        cause: "what one recv returned is taken for a message, or for its header",
        check: split_anywhere,
        ..Row::PLAIN
    },
    Row {
        id: "A-05",
        level: Level::Robust,
        needs: &["A-01"],
        title: "header fields in any order, with more fields and spaces",
        cause: "the header is taken apart by hand, and not as JSON",
        check: other_headers,
        ..Row::PLAIN
    },
    Row {
        id: "A-06",
        title: "the response is well formed, its lengths exact in bytes",
        cause: "the length little-endian, or characters counted instead of bytes",
        check: well_formed,
        ..Row::PLAIN
    },
    Row {
        id: "A-07",
        level: Level::Robust,
        needs: &["A-01"],
        title: "each text encoding of the protocol",
        cause: "the content is always taken for UTF-8",
        check: encodings,
        ..Row::PLAIN
    },
    Row {
        id: "A-13",
        level: Level::Robust,
        needs: &["A-02"],
        title: "sum, in both byte orders",
        cause: "the sender's byte order isn't looked at, or the sum is too narrow",
        check: sums,
        ..Row::PLAIN
    },
    Row {
        id: "A-14",
        level: Level::Robust,
        needs: &["A-02"],
        title: "empty content is a message too",
        cause: "an empty buffer is taken for \"nothing arrived yet\"",
        check: empty_content,
        ..Row::PLAIN
    },
];

/// Sends a request over a connection of its own.
pub(super) fn ask(server: &Server<'_>, request: &[u8]) -> Outcome<(Peer, Response)> {
    let mut peer = server.connect()?;
    peer.send(request)?;
    let response = peer.receive_message()?;
    Ok((peer, response))
}

/// Expects this text as the result of a request.
pub(super) fn expect_result(peer: &Peer, response: &Response, text: &str) -> Outcome {
    ensure(response.result().as_deref() == Some(text), || {
        let expected = format!("a response with the result {text:?}");
        peer.failure(expected, shown(&response.content))
    })
}

fn ask_for(server: &Server<'_>, request: &[u8], text: &str) -> Outcome {
    let (peer, response) = ask(server, request)?;
    expect_result(&peer, &response, text)
}

fn searches(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    for (value, answer) in [
        ("morpheus", "Follow the white rabbit. 🐰"),
        ("ring", RING),
        ("🐶", DOG),
        ("nobody", "No match for 'nobody'."),
        ("Morpheus", "No match for 'Morpheus'."),
    ] {
        ask_for(&server, &search(value), answer)?;
    }
    let dance = json(r#"{"action": "dance", "value": "x"}"#);
    ask_for(&server, &dance, "Error: invalid action 'dance'.")
}

const RING: &str = "In the caves beneath the Misty Mountains. 💍";
const DOG: &str = "🐾 Playing ball! 🏐";

fn binary_requests(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    for content in [&b"more than ten bytes"[..], b"exactly 10", b"\0\xff", b"x"] {
        let request = message(CLIENT_BINARY, "binary", "", content);
        let (peer, response) = ask(&server, &request)?;
        let expected = about(content);
        ensure(response.content == expected, || {
            peer.failure(shown(&expected), shown(&response.content))
        })?;
        let kind = response.field("content-type");
        ensure(kind == Some("binary/custom-server-binary-type"), || {
            peer.failure(
                "the type binary/custom-server-binary-type",
                format!("{kind:?}"),
            )
        })?;
    }
    Ok(())
}

fn closes_after_one(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let (mut peer, _) = ask(&server, &search("ring"))?;
    peer.expect_end()
}

fn split_anywhere(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let request = search("🐶");
    let places: Vec<usize> = (1..request.len()).collect();
    // A few connections at a time, for servers of little patience.
    for places in places.chunks(40) {
        let mut peers = server.connect_many(places.len())?;
        for (peer, &place) in peers.iter_mut().zip(places) {
            peer.send(&request[..place])?;
        }
        // All first parts have been sent before any second one.
        for (peer, &place) in peers.iter_mut().zip(places) {
            peer.hears_within(std::time::Duration::from_millis(1));
            peer.send_what_is_taken(&request[place..]);
        }
        for (peer, &place) in peers.iter_mut().zip(places) {
            let response = peer.receive_message();
            let same = response.and_then(|response| expect_result(peer, &response, DOG));
            same.map_err(|miss| {
                miss.after(format!("a request in two parts, cut after byte {place}"))
            })?;
        }
    }
    let mut peer = server.connect()?;
    for byte in request.chunks(1) {
        peer.send(byte)?;
    }
    let response = peer.receive_message();
    let same = response.and_then(|response| expect_result(&peer, &response, DOG));
    same.map_err(|miss| miss.after("a request, one byte at a time"))
}

fn other_headers(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let content = br#"{"action": "search", "value": "ring"}"#;
    for header in [
        r#"{"content-length":37,"content-encoding":"utf-8","content-type":"text/json","byteorder":"big"}"#,
        "\n { \"byteorder\" :\t\"little\",\r\n \"content-type\": \"text/json\", \
         \"content-encoding\": \"utf-8\", \"content-length\": 37 } ",
        r#"{"byteorder":"little","content-type":"text/json","content-encoding":"utf-8","content-length":37,"x":[1,{"y":null}]}"#,
        r#"{"byteorder":"little","content-type":"text/j\u0073on","content-encoding":"utf-8","content-length":37}"#,
    ] {
        ask_for(&server, &frame(header, content), RING)?;
    }
    // As long as its length of two bytes can say, nearly.
    let long = format!(", \"x\": \"{}\"", "x".repeat(65_000));
    ask_for(
        &server,
        &message("text/json", "utf-8", &long, content),
        RING,
    )?;
    let spaced = json("  { \"value\" : \"ring\" ,\n \"action\":\"search\" }  ");
    ask_for(&server, &spaced, RING)
}

fn well_formed(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    for value in ["nobody", "🐶"] {
        let (mut peer, response) = ask(&server, &search(value))?;
        for (field, expected) in [
            ("byteorder", byte_order()),
            ("content-type", "text/json"),
            ("content-encoding", "utf-8"),
        ] {
            let came = response.header.get(field);
            ensure(
                came.and_then(|value| value.as_str()) == Some(expected),
                || {
                    let came = came.map_or("none".to_owned(), ToString::to_string);
                    peer.failure(format!("{field}: {expected:?}"), format!("{field}: {came}"))
                },
            )?;
        }
        ensure(response.result().is_some(), || {
            let expected = "content-length bytes of JSON, as many as were sent";
            peer.failure(expected, shown(&response.content))
        })?;
        // Bytes behind the content that its length doesn't count.
        peer.expect_end()?;
    }
    Ok(())
}

fn encodings(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    // U+0093 is a character of latin-1, and another one in Windows' own variant of it.
    let text = "{\"action\": \"search\", \"value\": \"é\u{93}\"}";
    let utf_16 = |to_bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
        let units = text.encode_utf16().flat_map(to_bytes);
        mark.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    let latin_1: Vec<u8> = text.chars().filter_map(|c| u8::try_from(c).ok()).collect();
    for (name, content) in [
        ("utf-8", text.as_bytes().to_vec()),
        ("UTF8", text.as_bytes().to_vec()),
        ("latin-1", latin_1.clone()),
        ("iso-8859-1", latin_1),
        ("utf-16", utf_16(u16::to_be_bytes, b"\xfe\xff")),
        ("utf-16", utf_16(u16::to_le_bytes, b"\xff\xfe")),
        ("utf-16", utf_16(u16::to_le_bytes, b"")),
        ("utf-16-le", utf_16(u16::to_le_bytes, b"")),
        ("utf-16-be", utf_16(u16::to_be_bytes, b"")),
    ] {
        let request = message("text/json", name, "", &content);
        ask_for(&server, &request, "No match for 'é\u{93}'.")?;
    }
    let plain = br#"{"action": "search", "value": "ring"}"#;
    ask_for(&server, &message("text/json", "ascii", "", plain), RING)
}

fn sums(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let numbers = [1_u32, 0x0102_0304, u32::MAX, u32::MAX];
    let sum: u64 = numbers.iter().map(|&number| u64::from(number)).sum();
    let big: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
    let little: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    for (order, content) in [("big", big), ("little", little)] {
        let length = content.len().to_string();
        let header = header(order, "binary/u32", "binary", &length, "");
        let (peer, response) = ask(&server, &frame(&header, &content))?;
        let expected = match response.field("byteorder") {
            Some("big") => sum.to_be_bytes(),
            _ => sum.to_le_bytes(),
        };
        ensure(response.content == expected, || {
            let expected = format!("the sum {sum} in 8 bytes: {}", shown(&expected));
            peer.failure(expected, shown(&response.content))
        })?;
        let kind = response.field("content-type");
        ensure(kind == Some("binary/u64"), || {
            peer.failure("the type binary/u64", format!("{kind:?}"))
        })?;
    }
    Ok(())
}

fn empty_content(arena: &Arena<'_>) -> Outcome {
    let server = arena.serve()?;
    let request = message(CLIENT_BINARY, "binary", "", b"");
    let (peer, response) = ask(&server, &request)?;
    ensure(response.content == about(b""), || {
        peer.failure(shown(&about(b"")), shown(&response.content))
    })?;
    let (peer, response) = ask(&server, &json(""))?;
    let is_error = response
        .result()
        .is_some_and(|text| text.starts_with("Error: "));
    ensure(is_error, || {
        let expected = "an error response, since nothing isn't JSON";
        Miss::fails(
            "a text request without content",
            expected,
            shown(&response.content),
        )
    })?;
    drop(peer);
    ask_for(&server, &search("ring"), RING)
}
