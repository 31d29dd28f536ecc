//! Messages of the application protocol, built and taken apart byte by byte: a
//! length of two bytes, a JSON header, a content.

use serde_json::{Map, Value};

use crate::bytes::shown;

/// The field that asks a server, or tells a client, to keep the connection.
pub(crate) const KEEP_ALIVE: &str = ", \"connection\": \"keep-alive\"";

/// The content type of a request that isn't JSON.
pub(crate) const CLIENT_BINARY: &str = "binary/custom-client-binary-type";

/// The byte order of this machine, as a header names it.
pub(crate) fn byte_order() -> &'static str {
    if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    }
}

/// A header and a content, with the length before them.
pub(crate) fn frame(header: &str, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(header.len()).expect("no header here is longer than 65,535 bytes");
    [&length.to_be_bytes(), header.as_bytes(), content].concat()
}

/// A message with the four fields in the guide's order, and `extra` behind them.
pub(crate) fn message(kind: &str, encoding: &str, extra: &str, content: &[u8]) -> Vec<u8> {
    let header = header(
        byte_order(),
        kind,
        encoding,
        &content.len().to_string(),
        extra,
    );
    frame(&header, content)
}

/// A header as Python's `json.dumps` writes it.
pub(crate) fn header(order: &str, kind: &str, encoding: &str, length: &str, extra: &str) -> String {
    format!(
        "{{\"byteorder\": \"{order}\", \"content-type\": \"{kind}\", \
         \"content-encoding\": \"{encoding}\", \"content-length\": {length}{extra}}}"
    )
}

/// A message of JSON text.
pub(crate) fn json(content: &str) -> Vec<u8> {
    message("text/json", "utf-8", "", content.as_bytes())
}

/// A request for `value`, the guide's way.
pub(crate) fn search(value: &str) -> Vec<u8> {
    json(&search_content(value))
}

/// The same, on a connection that is to be kept.
pub(crate) fn keep_alive_search(value: &str) -> Vec<u8> {
    let content = search_content(value);
    message("text/json", "utf-8", KEEP_ALIVE, content.as_bytes())
}

fn search_content(value: &str) -> String {
    format!("{{\"action\": \"search\", \"value\": \"{value}\"}}")
}

/// A response, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) header: Map<String, Value>,
    pub(crate) content: Vec<u8>,
}

/// What the header of a message must say before its content can be read: the length
/// of the content, or else what is wrong.
pub(crate) fn parse_header(bytes: &[u8]) -> Result<(Map<String, Value>, usize), String> {
    let header: Value = serde_json::from_slice(bytes)
        .map_err(|error| format!("a header that isn't JSON ({error}): {}", shown(bytes)))?;
    let Value::Object(header) = header else {
        return Err(format!("a header that is no JSON object: {}", shown(bytes)));
    };
    let length = header.get("content-length").and_then(Value::as_u64);
    match length.and_then(|length| usize::try_from(length).ok()) {
        Some(length) => Ok((header, length)),
        None => Err(format!(
            "a header without a whole number as content-length: {}",
            shown(bytes)
        )),
    }
}

impl Response {
    /// A field of the header, if it is text.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    pub(crate) fn is_kept_alive(&self) -> bool {
        self.field("connection") == Some("keep-alive")
    }

    /// A field of the content, if it is a JSON object and the field is text.
    pub(crate) fn content_field(&self, name: &str) -> Option<String> {
        let content: Value = serde_json::from_slice(&self.content).ok()?;
        Some(content.get(name)?.as_str()?.to_owned())
    }

    /// What the server says was found.
    pub(crate) fn result(&self) -> Option<String> {
        self.content_field("result")
    }

    /// True for one of the protocol's error responses, with a code.
    pub(crate) fn is_error(&self) -> bool {
        let starts = self
            .result()
            .is_some_and(|text| text.starts_with("Error: "));
        starts && self.content_field("error").is_some()
    }
}
