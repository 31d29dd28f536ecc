//! A message taken apart, for a person to read.

use std::fmt;

use common::Printable;

use crate::decoder::Message;
use crate::header::{ByteOrder, LENGTH_SIZE};

/// More bytes than these tell nobody more.
const MAX_SHOWN: usize = 16;

/// Shows a message part by part and field by field, with its bytes, a line
/// each.
#[derive(Debug)]
pub struct Anatomy<'a> {
    /// The whole message, as it was sent.
    pub wire: &'a [u8],
    /// The same, decoded.
    pub message: &'a Message<'a>,
}

impl fmt::Display for Anatomy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Message { header, content } = self.message;
        let (length, rest) = self.wire.split_at(LENGTH_SIZE);
        let json = &rest[..rest.len() - content.len()];
        let order = match header.byte_order {
            ByteOrder::Little => "little",
            ByteOrder::Big => "big",
        };
        write_part(
            f,
            "length",
            length,
            &format!("{}, big-endian", json.len()),
        )?;
        write_part(f, "header", json, "JSON, in UTF-8")?;
        write_field(f, "byteorder", order)?;
        write_field(f, "content-type", plain(&header.content_type))?;
        write_field(f, "content-encoding", plain(&header.content_encoding))?;
        write_field(f, "content-length", header.content_length)?;
        if header.keep_alive {
            write_field(f, "connection", "keep-alive")?;
        }
        let shown = Printable::excerpt(content).without_quotes();
        write_part(f, "content", content, &shown.to_string())
    }
}

fn plain(text: &str) -> Printable<'_> {
    Printable::excerpt(text.as_bytes()).without_quotes()
}

fn write_part(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    bytes: &[u8],
    meaning: &str,
) -> fmt::Result {
    write!(f, "\n  {name:<8} {:>5} bytes  {meaning}", bytes.len())?;
    if !bytes.is_empty() {
        write!(f, "\n          ")?;
    }
    for byte in &bytes[..bytes.len().min(MAX_SHOWN)] {
        write!(f, " {byte:02x}")?;
    }
    if bytes.len() > MAX_SHOWN {
        write!(f, " ...")?;
    }
    Ok(())
}

fn write_field(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: impl fmt::Display,
) -> fmt::Result {
    write!(f, "\n           {name:<17} {value}")
}
