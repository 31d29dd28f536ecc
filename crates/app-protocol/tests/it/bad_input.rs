//! Rows A-08, A-09 and A-12 to the word: each row of *Bad input* in the protocol,
//! with a client beside it that must not notice.

use std::time::{Duration, Instant};

use test_support::{Peer, Server};

use crate::wire::{
    KEEP_ALIVE, ask, frame, json, message, read, search, server, target,
};

/// Sends what is no message; expects an error response with `code` that mentions
/// `words`, then the end, and a bystander who is served all the while.
#[track_caller]
fn check(server: &Server, request: &[u8], code: &str, words: &str) {
    let mut bystander = server.connect().unwrap();
    let mut peer = server.connect().unwrap();
    peer.send(request).unwrap();
    let response = read(&mut peer);
    peer.expect_end().unwrap();
    assert_eq!(response.error().as_deref(), Some(code), "{response:?}");
    let result = response.result();
    assert!(result.starts_with("Error: ") && result.ends_with('.'));
    assert!(result.contains(words), "{words:?} is not in {result:?}");
    bystander.send(&search("ring")).unwrap();
    assert!(read(&mut bystander).error().is_none());
}

fn header(fields: [&str; 4]) -> String {
    let names = [
        "byteorder",
        "content-type",
        "content-encoding",
        "content-length",
    ];
    let fields = names
        .iter()
        .zip(fields)
        .filter(|(_, value)| !value.is_empty());
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    format!("{{{}}}", fields.join(", "))
}

#[test]
fn a_08_a_header_that_is_none() {
    let server = server();
    for (header, words) in [
        ("", "its length is 0"),
        ("not JSON", "expected a JSON object"),
        ("[1, 2]", "invalid type: sequence, expected a JSON object"),
        (
            r#"["little", "text/json", "utf-8", 0]"#,
            "expected a JSON object",
        ),
        ("17", "expected a JSON object"),
        ("{}", "no \"byteorder\""),
        (r#"{"byteorder": "little""#, "expected a JSON object"),
    ] {
        check(&server, &frame(header, b""), "bad-header", words);
    }
    let not_utf_8 = [b"\0\x03{\xff}".as_slice(), b""].concat();
    check(
        &server,
        &not_utf_8,
        "bad-header",
        "not UTF-8 from byte 1 on",
    );
}

#[test]
fn a_08_a_field_that_is_missing_or_wrong() {
    let server = server();
    let good = ["\"little\"", "\"text/json\"", "\"utf-8\"", "0"];
    for (field, value, words) in [
        (0, "", "no \"byteorder\""),
        (
            0,
            "\"middle\"",
            "expected \"little\" or \"big\" as \"byteorder\", got \"middle\"",
        ),
        (0, "1", "expected a string as \"byteorder\", got 1"),
        (1, "", "no \"content-type\""),
        (1, "null", "expected a string as \"content-type\", got null"),
        (1, "[]", "expected a string as \"content-type\", got []"),
        (2, "", "no \"content-encoding\""),
        (2, "{}", "expected a string as \"content-encoding\""),
        (3, "", "no \"content-length\""),
        (
            3,
            "\"0\"",
            "expected a whole number from 0 on as \"content-length\"",
        ),
        (3, "-1", "got -1"),
        (3, "41.0", "got 41.0"),
        (3, "41.5", "got 41.5"),
        (3, "1e2", "got 1e2"),
        (3, "true", "got true"),
    ] {
        let mut fields = good;
        fields[field] = value;
        check(&server, &frame(&header(fields), b""), "bad-header", words);
    }
}

#[test]
fn a_08_a_field_given_twice() {
    let server = server();
    let twice = header([
        "\"little\"",
        "\"text/json\"",
        "\"utf-8\"",
        "0, \"content-length\": 2",
    ]);
    check(
        &server,
        &frame(&twice, b"{}"),
        "bad-header",
        "content-length is given twice",
    );
    let unknown = header([
        "\"little\"",
        "\"text/json\"",
        "\"utf-8\"",
        "2, \"x\": 1, \"x\": 2",
    ]);
    check(
        &server,
        &frame(&unknown, b"{}"),
        "bad-header",
        "x is given twice",
    );
}

#[test]
fn a_08_json_nested_ten_thousand_levels_deep() {
    let server = server();
    let open = "[".repeat(10_000);
    let deep = open.clone() + &"]".repeat(10_000);
    let in_header = format!(
        "{{\"byteorder\": \"little\", \"content-type\": \"text/json\", \
         \"content-encoding\": \"utf-8\", \"content-length\": 0, \"x\": {deep}}}"
    );
    check(
        &server,
        &frame(&in_header, b""),
        "bad-header",
        "recursion limit",
    );
    check(&server, &json(&open), "bad-content", "not JSON");
    check(
        &server,
        &json(&deep),
        "bad-request",
        "expected a JSON object",
    );
}

#[test]
fn fields_that_nobody_asked_for_may_hold_what_we_could_not_read() {
    let server = server();
    for extra in ["1e999", r#""\ud800""#, &"9".repeat(400)] {
        let content = format!(
            "{{\"action\": \"search\", \"value\": \"ring\", \"x\": {extra}}}"
        );
        let response = ask(&server, &json(&content));
        assert!(response.result().starts_with("In the caves"), "{extra}");
    }
    let surrogate = json(r#"{"action": "search", "value": "\ud800"}"#);
    check(
        &server,
        &surrogate,
        "bad-request",
        "expected a string as \"value\"",
    );
}

#[test]
fn a_08_content_that_is_not_what_its_header_says() {
    let server = server();
    check(&server, &json("{\"action\""), "bad-content", "not JSON");
    check(&server, &json("\u{feff}{}"), "bad-content", "not JSON");
    let in_encoding =
        |name: &str, content: &[u8]| message("text/json", name, "", content);
    check(
        &server,
        &in_encoding("utf-8", b"\"\xff\""),
        "bad-content",
        "byte 1 is not utf-8",
    );
    check(
        &server,
        &in_encoding("ascii", b"\"\xe9\""),
        "bad-content",
        "byte 1 is not ascii",
    );
    check(
        &server,
        &in_encoding("utf-16", b"\"\0x"),
        "bad-content",
        "byte 2 is not utf-16",
    );
    let numbers = message("binary/u32", "binary", "", b"12345");
    check(
        &server,
        &numbers,
        "bad-content",
        "numbers of 4 bytes, got 5 bytes",
    );
}

#[test]
fn a_08_json_that_is_no_request() {
    let server = server();
    for (content, words) in [
        ("[1]", "expected a JSON object, got [1]"),
        ("\"search\"", "expected a JSON object"),
        ("7", "expected a JSON object, got 7"),
        ("{}", "expected a string as \"action\", got nothing"),
        (
            r#"{"action": null}"#,
            "expected a string as \"action\", got null",
        ),
        (
            r#"{"action": "search", "value": "a", "value": "b"}"#,
            "duplicate field `value`",
        ),
        (r#"{"action": 7}"#, "expected a string as \"action\", got 7"),
        (
            r#"{"action": "search"}"#,
            "expected a string as \"value\", got nothing",
        ),
        (r#"{"action": "search", "value": [1]}"#, "got [1]"),
    ] {
        check(&server, &json(content), "bad-request", words);
    }
}

#[test]
fn a_08_an_unknown_encoding_is_answered_with_the_known_ones() {
    let server = server();
    let request = message("text/json", "klingon", "", b"{}");
    let words = "expected utf-8, ascii, latin-1, utf-16, utf-16-le, utf-16-be \
                 as \"content-encoding\", got \"klingon\"";
    check(&server, &request, "unknown-encoding", words);
}

#[test]
fn a_08_with_keep_alive_only_a_broken_frame_ends_the_connection() {
    let server = server();
    let mut peer = server.connect().unwrap();
    for content in [&b"not JSON"[..], b"[]", b"{\"action\": \"search\"}"] {
        peer.send(&message("text/json", "utf-8", KEEP_ALIVE, content))
            .unwrap();
        let response = read(&mut peer);
        assert!(response.error().is_some() && response.is_kept_alive());
    }
    let numbers = message("binary/u32", "binary", KEEP_ALIVE, b"123");
    peer.send(&numbers).unwrap();
    assert!(read(&mut peer).is_kept_alive());
    peer.send(&message("text/json", "klingon", KEEP_ALIVE, b""))
        .unwrap();
    assert!(read(&mut peer).is_kept_alive());
    peer.send(&frame("{}", b"")).unwrap();
    assert!(!read(&mut peer).is_kept_alive());
    peer.expect_end().unwrap();
}

#[test]
fn a_08_a_peer_that_closes_inside_a_message_is_told_in_the_log() {
    let server = target(&["-v"]).start("127.0.0.1").unwrap();
    let request = search("ring");
    let header_length = request.len() - 37 - 2;
    for (n_sent, told) in [
        (1, "truncated in the length, 1 bytes missing".to_owned()),
        (
            2,
            format!("truncated in the header, {header_length} bytes missing"),
        ),
        (
            10,
            format!(
                "truncated in the header, {} bytes missing",
                header_length - 8
            ),
        ),
        (
            request.len() - 37,
            "truncated in the content, 37 bytes missing".to_owned(),
        ),
        (
            request.len() - 1,
            "truncated in the content, 1 bytes missing".to_owned(),
        ),
    ] {
        let mut peer = server.connect().unwrap();
        peer.send(&request[..n_sent]).unwrap();
        peer.half_close().unwrap();
        peer.expect_end().unwrap();
        server.wait_for_stderr(&told).unwrap();
    }
}

#[test]
fn a_09_a_length_beyond_the_limit_is_refused_before_the_content() {
    let server = server();
    let memory_before = server.memory().unwrap();
    let million_digits = "9".repeat(60_000);
    for length in [
        "8388609",
        "2147483648",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1000000000000000000000000000000",
        &million_digits,
    ] {
        let header =
            header(["\"little\"", "\"binary/x\"", "\"binary\"", length]);
        let mut peer = server.connect().unwrap();
        peer.send(&frame(&header, b"")).unwrap();
        let response = read(&mut peer);
        assert_eq!(response.error().as_deref(), Some("too-large"), "{length}");
        peer.expect_end().unwrap();
    }
    let growth = server.memory().unwrap().saturating_sub(memory_before);
    assert!(growth < 4 << 20, "the server grew by {growth} bytes");
}

#[test]
fn a_09_a_promised_content_takes_no_memory_before_it_comes() {
    let server = server();
    let memory_before = server.memory().unwrap();
    let header =
        header(["\"little\"", "\"binary/x\"", "\"binary\"", "8388608"]);
    let mut peers: Vec<Peer> =
        (0..100).map(|_| server.connect().unwrap()).collect();
    for peer in &mut peers {
        peer.send(&frame(&header, b"x")).unwrap();
    }
    ask(&server, &search("ring"));
    let growth = server.memory().unwrap().saturating_sub(memory_before);
    assert!(growth < 16 << 20, "the server grew by {growth} bytes");
}

#[test]
fn a_12_a_header_that_never_ends_is_dropped_at_its_deadline() {
    let server = target(&["--header-timeout", "0.5"])
        .start("127.0.0.1")
        .unwrap();
    let request = search("ring");
    let begin = Instant::now();
    // One is silent after its first byte, the other dribbles.
    let mut silent = server.connect().unwrap();
    silent.send(&request[..1]).unwrap();
    let mut dribbling = server.connect().unwrap();
    let mut n_sent = 0;
    while dribbling.send(&request[n_sent..=n_sent]).is_ok() {
        n_sent += 1;
        if dribbling.expect_silence(Duration::from_millis(20)).is_err() {
            break;
        }
    }
    assert!(begin.elapsed() >= Duration::from_millis(450));
    assert!(n_sent < request.len(), "it was never dropped");
    silent.expect_end().unwrap();
    // Between two messages there is no such deadline.
    let mut idle = server.connect().unwrap();
    idle.expect_silence(Duration::from_millis(700)).unwrap();
    idle.send(&request).unwrap();
    read(&mut idle);
}

#[test]
fn a_12_a_content_that_does_not_come_is_dropped_when_idle() {
    let server = target(&["--idle-timeout", "0.5", "-v"])
        .start("127.0.0.1")
        .unwrap();
    let mut peer = server.connect().unwrap();
    peer.send(&search("ring")[..130]).unwrap();
    server.wait_for_stderr("nothing moved for 0.5 s").unwrap();
    peer.expect_end().unwrap();
}
