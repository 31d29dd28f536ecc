//! Requests that are right, beyond the judge's rows: what is ours alone.

use test_support::{DEADLINE, pattern};

use crate::wire::{ask, json, message, search, server, target};

#[test]
fn a_01_an_unknown_action_has_no_error_code() {
    let response =
        ask(&server(), &json(r#"{"action": "dance", "value": "x"}"#));
    assert_eq!(response.result(), "Error: invalid action 'dance'.");
    assert_eq!(response.error(), None, "as the guide has it");
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
fn a_14_no_numbers_sum_up_to_zero() {
    let response = ask(&server(), &message("binary/u32", "binary", "", b""));
    assert_eq!(response.content, [0; 8]);
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
