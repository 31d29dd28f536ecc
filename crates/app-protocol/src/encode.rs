//! A message in, bytes out: how the header is written, and the content behind
//! it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;
use thiserror::Error;

use crate::header::{
    BINARY, ByteOrder, KEEP_ALIVE, LENGTH_SIZE, MAX_HEADER, TEXT_JSON,
};

/// Why a message can't be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// The header is longer than its length can say.
    #[error("the header is {length} bytes, limit is {MAX_HEADER}")]
    HeaderTooLong {
        /// In bytes.
        length: usize,
    },
}

/// What a message says of its content, apart from how long it is.
#[derive(Debug, Clone, Copy)]
pub struct Description<'a> {
    /// `text/json`, or a `binary/...` type.
    pub content_type: &'a str,
    /// The character encoding of text, `binary` for bytes.
    pub content_encoding: &'a str,
    /// The order of numbers in binary content.
    pub byte_order: ByteOrder,
    /// Whether to ask for, or grant, further messages on the connection.
    pub keep_alive: bool,
}

impl<'a> Description<'a> {
    /// Of bytes, which are this machine's.
    pub fn binary(content_type: &'a str, keep_alive: bool) -> Self {
        Self {
            content_type,
            content_encoding: BINARY,
            byte_order: ByteOrder::NATIVE,
            keep_alive,
        }
    }

    /// Of JSON in UTF-8.
    pub fn json(keep_alive: bool) -> Self {
        Self {
            content_type: TEXT_JSON,
            content_encoding: "utf-8",
            byte_order: ByteOrder::NATIVE,
            keep_alive,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Encoded<'a> {
    byteorder: ByteOrder,
    content_type: &'a str,
    content_encoding: &'a str,
    content_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<&'static str>,
}

/// Appends a whole message to `output`: length, header, content.
///
/// # Errors
///
/// [`EncodeError`]; `output` is then as it was.
pub fn encode(
    description: Description<'_>,
    content: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    // ANCHOR: encode
    let start = output.len();
    output.extend_from_slice(&[0; LENGTH_SIZE]); // Known after the header.
    write_json(
        &Encoded {
            byteorder: description.byte_order,
            content_type: description.content_type,
            content_encoding: description.content_encoding,
            content_length: content.len(),
            connection: description.keep_alive.then_some(KEEP_ALIVE),
        },
        output,
    );
    let length = output.len() - start - LENGTH_SIZE;
    let Ok(length_field) = u16::try_from(length) else {
        output.truncate(start);
        return Err(EncodeError::HeaderTooLong { length });
    };
    output[start..start + LENGTH_SIZE]
        .copy_from_slice(&length_field.to_be_bytes());
    output.extend_from_slice(content);
    Ok(())
    // ANCHOR_END: encode
}

/// Appends `value` as Python's `json.dumps(..., ensure_ascii=False)` writes it:
/// with a space after each comma and colon, and characters as they are.
///
/// # Panics
///
/// If `value` is a map whose keys are not strings.
pub fn write_json(value: &impl Serialize, output: &mut Vec<u8>) {
    let mut serializer = serde_json::Serializer::with_formatter(output, Spaced);
    value
        .serialize(&mut serializer)
        .expect("a Vec takes all that is written to it");
}

/// JSON with the spaces that Python puts.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
    ) -> io::Result<()> {
        out.write_all(b": ")
    }
}
