//! What the server can do. A new action is one function and one line in a
//! table.

use std::borrow::Cow;
use std::collections::HashMap;

use byteorder::{BigEndian, ByteOrder as _, LittleEndian, NativeEndian};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::decoder::Message;
use crate::encode::{Description, encode, write_json};
use crate::encoding::{EncodingError, TextEncoding};
use crate::header::{ByteOrder, TEXT_JSON, beginning};

/// The values that `search` finds.
pub type Values = HashMap<String, String>;

/// The guide's own values.
pub fn built_in_values() -> Values {
    [
        ("morpheus", "Follow the white rabbit. 🐰"),
        ("ring", "In the caves beneath the Misty Mountains. 💍"),
        ("🐶", "🐾 Playing ball! 🏐"),
    ]
    .map(|(value, answer)| (value.to_owned(), answer.to_owned()))
    .into()
}

// ANCHOR: tables
/// Answers the `value` of a JSON request.
type JsonAction = for<'a> fn(
    value: Option<&RawValue>,
    values: &'a Values,
) -> Result<Cow<'a, str>, Refusal>;
/// Answers the content of a binary request, with a content type and content.
type BinaryAction = fn(
    content: &[u8],
    order: ByteOrder,
) -> Result<(&'static str, Vec<u8>), Refusal>;

const JSON_ACTIONS: [(&str, JsonAction); 1] = [("search", search)];
/// By content type. Any other type gets `first_ten_bytes`.
const BINARY_ACTIONS: [(&str, BinaryAction); 1] = [("binary/u32", sum)];
// ANCHOR_END: tables

// ANCHOR: search
fn search<'a>(
    json: Option<&RawValue>,
    values: &'a Values,
) -> Result<Cow<'a, str>, Refusal> {
    let value = string(json)
        .ok_or_else(|| Refusal::bad_request("a string as \"value\"", json))?;
    Ok(match values.get(&*value) {
        Some(answer) => answer.into(),
        None => format!("No match for '{value}'.").into(),
    })
}

// ANCHOR_END: search

// ANCHOR: sum
fn sum(
    content: &[u8],
    order: ByteOrder,
) -> Result<(&'static str, Vec<u8>), Refusal> {
    if !content.len().is_multiple_of(size_of::<u32>()) {
        return Err(Refusal::BadContent(format!(
            "expected numbers of 4 bytes, got {} bytes",
            content.len()
        )));
    }
    let read_number = match order {
        ByteOrder::Little => LittleEndian::read_u32,
        ByteOrder::Big => BigEndian::read_u32,
    };
    let numbers = content.chunks_exact(size_of::<u32>());
    let total: u64 = numbers.map(|bytes| u64::from(read_number(bytes))).sum();
    let mut answer = vec![0; size_of::<u64>()];
    NativeEndian::write_u64(&mut answer, total);
    Ok(("binary/u64", answer))
}

// ANCHOR_END: sum

fn first_ten_bytes(content: &[u8]) -> (&'static str, Vec<u8>) {
    let first_ten = &content[..content.len().min(10)];
    let answer = [b"First 10 bytes of request: ", first_ten].concat();
    ("binary/custom-server-binary-type", answer)
}

/// A request that the server understands as a message, and can't grant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The text is in an encoding that we don't have.
    #[error(
        "expected {} as \"content-encoding\", got {name:?}",
        encoding_names()
    )]
    UnknownEncoding {
        /// What it is called.
        name: String,
    },
    /// The content is not what its header says.
    #[error("{0}")]
    BadContent(String),
    /// The content is JSON, but not a request.
    #[error("{0}")]
    BadRequest(String),
}

fn encoding_names() -> String {
    TextEncoding::ALL.map(TextEncoding::name).join(", ")
}

impl Refusal {
    /// The code that an error response carries.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownEncoding { .. } => "unknown-encoding",
            Self::BadContent(_) => "bad-content",
            Self::BadRequest(_) => "bad-request",
        }
    }

    fn bad_request(expected: &str, found: Option<&RawValue>) -> Self {
        let found =
            found.map_or("nothing".to_owned(), |json| beginning(json.get()));
        Self::BadRequest(format!("expected {expected}, got {found}"))
    }
}

impl From<EncodingError> for Refusal {
    fn from(error: EncodingError) -> Self {
        Self::BadContent(error.to_string())
    }
}

/// Appends the response to `request` to `output`.
///
/// # Errors
///
/// [`Refusal`] if the request can't be granted; nothing is appended then.
pub fn respond(
    request: &Message<'_>,
    values: &Values,
    keep_alive: bool,
    output: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let Message { header, content } = request;
    if header.content_type == TEXT_JSON {
        let result = answer_json(&header.content_encoding, content, values)?;
        let response = Response {
            result: &result,
            error: None,
        };
        write_response(&response, keep_alive, output);
        return Ok(());
    }
    let mut actions = BINARY_ACTIONS.iter();
    let (content_type, answer) =
        match actions.find(|(name, _)| *name == header.content_type) {
            Some((_, action)) => action(content, header.byte_order)?,
            None => first_ten_bytes(content),
        };
    let description = Description::binary(content_type, keep_alive);
    encode(description, &answer, output).expect(FITS);
    Ok(())
}

fn answer_json<'a>(
    encoding: &str,
    content: &[u8],
    values: &'a Values,
) -> Result<Cow<'a, str>, Refusal> {
    let encoding = TextEncoding::from_name(encoding).ok_or_else(|| {
        Refusal::UnknownEncoding {
            name: beginning(encoding),
        }
    })?;
    let text = encoding.decode(content)?;
    let fields = Fields::parse(&text)?;
    let action = string(fields.action).ok_or_else(|| {
        Refusal::bad_request("a string as \"action\"", fields.action)
    })?;
    match JSON_ACTIONS.iter().find(|(name, _)| *name == action) {
        Some((_, answer)) => answer(fields.value, values),
        None => Ok(format!("Error: invalid action '{action}'.").into()),
    }
}

/// The two fields of a request that we know. The others are not looked into:
/// they may hold what we could not read.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    action: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    value: Option<&'a RawValue>,
}

impl<'a> Fields<'a> {
    fn parse(text: &'a str) -> Result<Self, Refusal> {
        let bad_content = |error| {
            Refusal::BadContent(format!("the content is not JSON: {error}"))
        };
        if !text.trim_ascii_start().starts_with('{') {
            // serde would take a list for the fields in their order, too.
            let json: &RawValue =
                serde_json::from_str(text).map_err(bad_content)?;
            return Err(Refusal::bad_request("a JSON object", Some(json)));
        }
        serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Data => Refusal::BadRequest(error.to_string()),
            _ => bad_content(error),
        })
    }
}

/// Tells a field that is null from one that is missing.
fn present<'de, D: Deserializer<'de>>(
    json: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(json).map(Some)
}

/// A JSON string, copied only if something in it is escaped.
fn string(json: Option<&RawValue>) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    let Text(text) = serde_json::from_str(json?.get()).ok()?;
    Some(text)
}

/// The JSON of a response.
#[derive(Debug, Serialize)]
struct Response<'a> {
    result: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

/// Appends an error response, which the guide's client prints like any other.
pub fn write_error(
    message: &str,
    code: &'static str,
    keep_alive: bool,
    output: &mut Vec<u8>,
) {
    let response = Response {
        result: &format!("Error: {message}."),
        error: Some(code),
    };
    write_response(&response, keep_alive, output);
}

fn write_response(
    response: &Response<'_>,
    keep_alive: bool,
    output: &mut Vec<u8>,
) {
    let mut content =
        Vec::with_capacity(response.result.len() + RESPONSE_MARGIN);
    write_json(response, &mut content);
    encode(Description::json(keep_alive), &content, output).expect(FITS);
}

/// What the JSON of a response has beside its result, if nothing in that is
/// escaped.
const RESPONSE_MARGIN: usize = 64;
/// Why our own headers can be encoded.
const FITS: &str = "a header of four short fields fits 65535 bytes";
