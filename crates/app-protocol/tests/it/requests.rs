//! Rows A-01 to A-07 and A-13, A-14: requests that are right, in every form.

use serde_json::json;
use test_support::{DEADLINE, Peer, pattern};

use crate::wire::{ask, frame, json, message, read, search, server, target};

#[test]
fn a_01_search_knows_some_values_and_no_others() {
    let server = server();
    for (value, answer) in [
        ("morpheus", "Follow the white rabbit. 🐰"),
        ("ring", "In the caves beneath the Misty Mountains. 💍"),
        ("🐶", "🐾 Playing ball! 🏐"),
        ("nobody", "No match for 'nobody'."),
    ] {
        let response = ask(&server, &search(value));
        assert_eq!(response.result(), answer);
        assert_eq!(response.error(), None);
    }
    let response = ask(&server, &json(r#"{"action": "dance", "value": "x"}"#));
    assert_eq!(response.result(), "Error: invalid action 'dance'.");
    assert_eq!(response.error(), None, "as the guide has it");
}

#[test]
fn a_02_the_first_ten_bytes_of_anything_else() {
    let server = server();
    let ask_binary = |content: &[u8]| {
        let request =
            message("binary/custom-client-binary-type", "binary", "", content);
        ask(&server, &request)
    };
    for (content, first_ten) in [
        (&b"0123456789ABC"[..], &b"0123456789"[..]),
        (b"\0\xff", b"\0\xff"),
    ] {
        let response = ask_binary(content);
        let expected = [b"First 10 bytes of request: ", first_ten].concat();
        assert_eq!(response.content, expected);
        let content_type = &response.header["content-type"];
        assert_eq!(content_type, "binary/custom-server-binary-type");
        assert_eq!(response.header["content-encoding"], "binary");
    }
}

#[test]
fn a_03_one_request_one_response_then_the_end() {
    let server = server();
    let mut peer = server.connect().unwrap();
    peer.send(&search("ring")).unwrap();
    read(&mut peer);
    peer.expect_end().unwrap();
}

#[test]
fn a_04_a_message_split_anywhere_is_the_same_message() {
    let server = server();
    let request = search("🐶");
    let whole = ask(&server, &request);
    let mut peers: Vec<Peer> = (1..request.len())
        .map(|_| server.connect().unwrap())
        .collect();
    for (peer, n) in peers.iter_mut().zip(1..) {
        peer.send(&request[..n]).unwrap();
    }
    // All first parts have been sent before any second one.
    for (peer, n) in peers.iter_mut().zip(1..) {
        peer.send(&request[n..]).unwrap();
    }
    for peer in &mut peers {
        assert_eq!(read(peer), whole);
        peer.expect_end().unwrap();
    }
    let mut peer = server.connect().unwrap();
    for byte in request.chunks(1) {
        peer.send(byte).unwrap();
    }
    assert_eq!(read(&mut peer), whole);
}

#[test]
fn a_05_headers_may_look_any_way_that_json_allows() {
    let server = server();
    let content = br#"{"action": "search", "value": "ring"}"#;
    for header in [
        r#"{"content-length":37,"content-encoding":"utf-8","content-type":"text/json","byteorder":"big"}"#,
        "\n { \"byteorder\" :\t\"little\",\r\n \"content-type\": \"text/json\", \
         \"content-encoding\": \"utf-8\", \"content-length\": 37 } ",
        r#"{"byteorder":"little","content-type":"text/json","content-encoding":"utf-8","content-length":37,"x":[1,{"y":null}],"content":1}"#,
        r#"{"byteorder":"little","content-type":"text/j\u0073on","content-encoding":"utf-8","content-length":37,"connection":17}"#,
    ] {
        let response = ask(&server, &frame(header, content));
        assert!(response.result().starts_with("In the caves"), "{header}");
    }
}

#[test]
fn a_06_the_response_is_byte_for_byte_the_guides() {
    let server = server();
    let mut peer = server.connect().unwrap();
    peer.send(&search("🐶")).unwrap();
    let content = "{\"result\": \"🐾 Playing ball! 🏐\"}".as_bytes();
    // 33 bytes, of 27 characters.
    let expected = message("text/json", "utf-8", "", content);
    if cfg!(target_endian = "little") {
        peer.expect(&expected).unwrap();
        peer.expect_end().unwrap();
    }
}

#[test]
fn a_07_each_text_encoding_by_any_of_its_names() {
    let server = server();
    let text = r#"{"action": "search", "value": "é"}"#;
    let utf_16 = |to_bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
        let units = text.encode_utf16().flat_map(to_bytes);
        mark.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    let latin_1: Vec<u8> =
        text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    for (name, content) in [
        ("utf-8", text.as_bytes().to_vec()),
        ("UTF8", text.as_bytes().to_vec()),
        ("latin-1", latin_1.clone()),
        ("ISO_8859-1", latin_1),
        ("utf-16", utf_16(u16::to_be_bytes, b"\xfe\xff")),
        ("utf-16", utf_16(u16::to_le_bytes, b"\xff\xfe")),
        ("U16", utf_16(u16::to_le_bytes, b"")),
        ("utf-16-le", utf_16(u16::to_le_bytes, b"")),
        ("utf_16be", utf_16(u16::to_be_bytes, b"")),
    ] {
        let response = ask(&server, &message("text/json", name, "", &content));
        assert_eq!(response.result(), "No match for 'é'.", "{name}");
    }
    let ascii = br#"{"action": "search", "value": "ring"}"#;
    let response = ask(&server, &message("text/json", "us-ascii", "", ascii));
    assert!(response.result().starts_with("In the caves"));
}

#[test]
fn a_13_numbers_are_summed_in_the_senders_byte_order() {
    let server = server();
    let numbers = [1_u32, 0x0102_0304, u32::MAX, u32::MAX];
    let expected: u64 = numbers.iter().map(|&number| u64::from(number)).sum();
    let big: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
    let little: Vec<u8> =
        numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    for (order, content) in [("big", big), ("little", little)] {
        let header = json!({
            "byteorder": order, "content-type": "binary/u32",
            "content-encoding": "binary", "content-length": content.len(),
        });
        let response = ask(&server, &frame(&header.to_string(), &content));
        assert_eq!(response.header["content-type"], "binary/u64");
        let sum = u64::from_ne_bytes(response.content.try_into().unwrap());
        assert_eq!(sum, expected, "{order}");
    }
}

#[test]
fn a_14_empty_content_is_a_message_too() {
    let server = server();
    let response = ask(&server, &message("binary/anything", "binary", "", b""));
    assert_eq!(response.content, b"First 10 bytes of request: ");
    let response = ask(&server, &message("binary/u32", "binary", "", b""));
    assert_eq!(response.content, [0; 8]);
    let response = ask(&server, &json(""));
    assert_eq!(response.error().as_deref(), Some("bad-content"));
}

#[test]
fn a_large_content_up_to_the_limit_is_taken() {
    let server = target(&["--max-content", "3000000"])
        .start("127.0.0.1")
        .unwrap();
    let content = pattern(0, 3_000_000);
    let response =
        ask(&server, &message("binary/large", "binary", "", &content));
    let expected = [b"First 10 bytes of request: ", &content[..10]].concat();
    assert_eq!(response.content, expected);
}

#[test]
fn more_values_come_from_a_file() {
    let path = std::env::temp_dir()
        .join(format!("values-{}.json", std::process::id()));
    std::fs::write(&path, r#"{"answer": "42", "ring": "mine"}"#).unwrap();
    let server = target(&["--values", path.to_str().unwrap()])
        .start("127.0.0.1")
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(ask(&server, &search("answer")).result(), "42");
    assert_eq!(ask(&server, &search("ring")).result(), "mine");
    assert!(ask(&server, &search("morpheus")).error().is_none());
}

#[test]
fn a_file_of_values_that_is_none_is_told() {
    for content in ["", "[1]", r#"{"a": 1}"#] {
        let path = std::env::temp_dir()
            .join(format!("no-values-{}.json", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let mut command = target(&["--values", path.to_str().unwrap()])
            .command("127.0.0.1", "0");
        command.env_clear();
        let mut program = test_support::Program::start(command).unwrap();
        let (status, _, stderr) = program.finish(DEADLINE).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(status.code(), Some(1));
        assert!(
            stderr.contains("expected a JSON object with strings"),
            "{stderr}"
        );
    }
}
