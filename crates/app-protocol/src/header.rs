//! The JSON header: parsed once into types, so that nothing behind it has to
//! check anything again.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use common::Printable;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

/// Bytes of the length in front of the header.
pub const LENGTH_SIZE: usize = 2;
/// What the length can say: 16 bits.
pub const MAX_HEADER: usize = u16::MAX as usize;

/// The content type of JSON.
pub const TEXT_JSON: &str = "text/json";
/// The encoding of content that isn't text.
pub const BINARY: &str = "binary";

/// The order of the bytes in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ByteOrder {
    /// The lowest byte first.
    Little,
    /// The highest byte first: the order of the network.
    Big,
}

impl ByteOrder {
    /// This machine's own.
    pub const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::Big
    } else {
        Self::Little
    };
}

/// What a header says about the content that follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The order of the sender's machine, which rules numbers in binary
    /// content.
    pub byte_order: ByteOrder,
    /// `text/json`, or a `binary/...` type.
    pub content_type: String,
    /// The character encoding of text, `binary` for bytes.
    pub content_encoding: String,
    /// How many bytes of content follow.
    pub content_length: u64,
    /// Our own field, `"connection": "keep-alive"`: the sender would like to go
    /// on talking afterwards. Who doesn't know it ignores it.
    pub keep_alive: bool,
}

/// Why bytes are not a header.
#[derive(Debug, Error)]
pub enum HeaderError {
    /// Its length is 0.
    #[error("expected a JSON header, got none: its length is 0")]
    Empty,
    /// It is not UTF-8.
    #[error("the header is not UTF-8 from byte {offset} on")]
    NotUtf8 {
        /// How many bytes before are valid.
        offset: usize,
    },
    /// It is not a JSON object, or one that is nested too deep or has a field
    /// twice.
    #[error("expected a JSON object with each field once as the header: {0}")]
    NotAnObject(serde_json::Error),
    /// A required field is missing.
    #[error("the header has no {field:?}")]
    Missing {
        /// Its name.
        field: &'static str,
    },
    /// A field has a value that it can't have.
    #[error("expected {expected} as {field:?}, got {found}")]
    Unexpected {
        /// Its name.
        field: &'static str,
        /// What it may be.
        expected: &'static str,
        /// The beginning of what it is.
        found: String,
    },
    /// The content would be longer than 64 bits can say.
    #[error("content of {digits} bytes is more than any limit")]
    Astronomic {
        /// The number, as it stands there.
        digits: String,
    },
}

/// The fields that we know, as they stand in the JSON, none of them checked.
#[derive(Default)]
struct Fields<'a> {
    byteorder: Option<&'a RawValue>,
    content_type: Option<&'a RawValue>,
    content_encoding: Option<&'a RawValue>,
    content_length: Option<&'a RawValue>,
    connection: Option<&'a RawValue>,
}

/// A field's name, where it stands if it has no escapes.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(
        self,
        mut map: A,
    ) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        let mut unknown = HashSet::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let value = map.next_value()?;
            let field = match &*name.0 {
                "byteorder" => &mut fields.byteorder,
                "content-type" => &mut fields.content_type,
                "content-encoding" => &mut fields.content_encoding,
                "content-length" => &mut fields.content_length,
                "connection" => &mut fields.connection,
                other => {
                    let shown = beginning(other);
                    if unknown.insert(name) {
                        continue;
                    }
                    return Err(A::Error::custom(format_args!(
                        "{shown} is given twice"
                    )));
                }
            };
            if field.replace(value).is_some() {
                return Err(A::Error::custom(format_args!(
                    "{} is given twice",
                    name.0
                )));
            }
        }
        Ok(fields)
    }
}

impl Header {
    /// Parses the JSON of a header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`], which says what was expected and what came.
    pub fn parse(json: &[u8]) -> Result<Self, HeaderError> {
        if json.is_empty() {
            return Err(HeaderError::Empty);
        }
        // ANCHOR: parse
        let text =
            str::from_utf8(json).map_err(|error| HeaderError::NotUtf8 {
                offset: error.valid_up_to(),
            })?;
        check_nesting(text)?;
        let fields: Fields<'_> =
            serde_json::from_str(text).map_err(HeaderError::NotAnObject)?;
        Ok(Self {
            byte_order: byte_order(fields.byteorder)?,
            content_type: string("content-type", fields.content_type)?
                .into_owned(),
            content_encoding: string(
                "content-encoding",
                fields.content_encoding,
            )?
            .into_owned(),
            content_length: length(fields.content_length)?,
            keep_alive: string("connection", fields.connection)
                .is_ok_and(|value| value == KEEP_ALIVE),
        })
        // ANCHOR_END: parse
    }
}

/// Fields that we don't know may hold anything, but not at any depth: whoever
/// comes to know them would have to follow.
fn check_nesting(text: &str) -> Result<(), HeaderError> {
    // As serde_json allows for a value.
    const MAX_DEPTH: usize = 128;
    let n_opened = text.bytes().filter(|byte| b"[{".contains(byte)).count();
    if n_opened > MAX_DEPTH {
        serde_json::from_str::<serde_json::Value>(text)
            .map_err(HeaderError::NotAnObject)?;
    }
    Ok(())
}

/// The value of the field `connection`.
pub(crate) const KEEP_ALIVE: &str = "keep-alive";

fn byte_order(value: Option<&RawValue>) -> Result<ByteOrder, HeaderError> {
    let text = string("byteorder", value)?;
    match &*text {
        "little" => Ok(ByteOrder::Little),
        "big" => Ok(ByteOrder::Big),
        _ => Err(HeaderError::Unexpected {
            field: "byteorder",
            expected: "\"little\" or \"big\"",
            found: beginning(&format!("{text:?}")),
        }),
    }
}

fn string<'a>(
    field: &'static str,
    value: Option<&'a RawValue>,
) -> Result<Cow<'a, str>, HeaderError> {
    let json = value.ok_or(HeaderError::Missing { field })?.get();
    // Nearly every string is the JSON without its quotation marks.
    if let Some(plain) = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        && !plain.contains('\\')
    {
        return Ok(Cow::Borrowed(plain));
    }
    serde_json::from_str::<String>(json)
        .map(Cow::Owned)
        .map_err(|_| HeaderError::Unexpected {
            field,
            expected: "a string",
            found: beginning(json),
        })
}

/// A whole number, and written as one: 41.0, 1e2 and true are none.
fn length(value: Option<&RawValue>) -> Result<u64, HeaderError> {
    let field = "content-length";
    let json = value.ok_or(HeaderError::Missing { field })?.get();
    if json.is_empty() || !json.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(HeaderError::Unexpected {
            field,
            expected: "a whole number from 0 on",
            found: beginning(json),
        });
    }
    json.parse().map_err(|_| HeaderError::Astronomic {
        digits: beginning(json),
    })
}

/// As much of a stranger's text as an error message should carry, and no
/// control characters.
pub(crate) fn beginning(text: &str) -> String {
    const MAX_CHARACTERS: usize = 40;
    let shown = |text: &str| {
        Printable::whole(text.as_bytes())
            .without_quotes()
            .to_string()
    };
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}...", shown(&text[..end])),
        None => shown(text),
    }
}
