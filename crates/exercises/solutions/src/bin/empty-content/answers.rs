//! What the server knows, and how it is asked.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::message::{ByteOrder, Request, Response};

/// Answers a request; with an error response if it is none.
pub(crate) fn answer(request: &Request) -> Response {
    let answered = match request.header.content_type.as_str() {
        "text/json" => answer_text(request).map(|result| text(&result, "")),
        "binary/u32" => sum(request).map(|sum| Response {
            content_type: "binary/u64",
            content_encoding: "binary",
            content: sum.to_ne_bytes().to_vec(),
        }),
        _ => Ok(first_bytes(&request.content)),
    };
    answered.unwrap_or_else(|(code, message)| complaint(code, &message))
}

/// An error response.
pub(crate) fn complaint(code: &str, message: &str) -> Response {
    let code = format!(", \"error\": \"{code}\"");
    text(&format!("Error: {message}."), &code)
}

/// A result as JSON, with more fields behind it.
fn text(result: &str, others: &str) -> Response {
    let result = Value::from(result);
    Response {
        content_type: "text/json",
        content_encoding: "utf-8",
        content: format!("{{\"result\": {result}{others}}}").into_bytes(),
    }
}

/// The code of an error response, and its message.
type Complaint = (&'static str, String);

fn first_bytes(content: &[u8]) -> Response {
    let first_ten = &content[..content.len().min(10)];
    Response {
        content_type: "binary/custom-server-binary-type",
        content_encoding: "binary",
        content: [b"First 10 bytes of request: ", first_ten].concat(),
    }
}

fn sum(request: &Request) -> Result<u64, Complaint> {
    let (numbers, []) = request.content.as_chunks::<4>() else {
        let message = format!(
            "expected numbers of 4 bytes, got {} bytes",
            request.content.len()
        );
        return Err(("bad-content", message));
    };
    let read = match request.header.byteorder {
        ByteOrder::Little => u32::from_le_bytes,
        ByteOrder::Big => u32::from_be_bytes,
    };
    Ok(numbers.iter().map(|&number| u64::from(read(number))).sum())
}

/// What a text request has to say.
#[derive(Deserialize)]
struct Ask {
    action: String,
    value: Option<Value>,
}

fn answer_text(request: &Request) -> Result<String, Complaint> {
    let json = decode(&request.header.content_encoding, &request.content)?;
    serde_json::from_str::<IgnoredAny>(&json)
        .map_err(|error| ("bad-content", format!("expected JSON: {error}")))?;
    // A list would pass for the fields in their order.
    if !json.trim_start().starts_with('{') {
        return Err(("bad-request", "expected a JSON object".to_owned()));
    }
    let ask: Ask = serde_json::from_str(&json)
        .map_err(|error| ("bad-request", format!("expected a request: {error}")))?;
    if ask.action != "search" {
        return Ok(format!("Error: invalid action '{}'.", ask.action));
    }
    match ask.value {
        Some(Value::String(value)) => Ok(search(&value)),
        _ => Err(("bad-request", "expected a string as value".to_owned())),
    }
}

fn search(value: &str) -> String {
    match value {
        "morpheus" => "Follow the white rabbit. 🐰".to_owned(),
        "ring" => "In the caves beneath the Misty Mountains. 💍".to_owned(),
        "🐶" => "🐾 Playing ball! 🏐".to_owned(),
        _ => format!("No match for '{value}'."),
    }
}

/// Reads text in an encoding by one of the names that Python gives it.
fn decode(encoding: &str, bytes: &[u8]) -> Result<String, Complaint> {
    let name = encoding.trim().to_lowercase().replace(['_', ' '], "-");
    let text = match name.as_str() {
        "utf-8" | "utf8" | "u8" | "utf" => str::from_utf8(bytes).ok().map(str::to_owned),
        "ascii" | "us-ascii" | "us" | "646" => bytes
            .is_ascii()
            .then(|| bytes.iter().copied().map(char::from).collect()),
        "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => {
            Some(bytes.iter().copied().map(char::from).collect())
        }
        "utf-16" | "utf16" | "u16" => match bytes {
            [0xFE, 0xFF, rest @ ..] => utf_16(rest, u16::from_be_bytes),
            [0xFF, 0xFE, rest @ ..] => utf_16(rest, u16::from_le_bytes),
            _ => utf_16(bytes, u16::from_le_bytes),
        },
        "utf-16-le" | "utf-16le" => utf_16(bytes, u16::from_le_bytes),
        "utf-16-be" | "utf-16be" => utf_16(bytes, u16::from_be_bytes),
        _ => {
            let known = "utf-8, ascii, latin-1, utf-16, utf-16-le or utf-16-be";
            let message = format!("expected {known} as content-encoding, got {encoding:?}");
            return Err(("unknown-encoding", message));
        }
    };
    text.ok_or_else(|| ("bad-content", format!("the content is not {encoding}")))
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (units, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let decoded = char::decode_utf16(units.iter().map(|&pair| unit(pair)));
    decoded.collect::<Result<_, _>>().ok()
}
