//! How a request is made, as flags of the programs that make one.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::decoder::DEFAULT_MAX_CONTENT;
use crate::encoding::TextEncoding;
use crate::header::ByteOrder;
use crate::request::{Request, RequestError};

/// How a request is made, and which answer is too large.
#[derive(Debug, Clone, clap::Args)]
pub struct RequestFlags {
    /// Take the value from a file; "-" is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "value")]
    file: Option<PathBuf>,
    /// Encoding of JSON, by a name that Python knows
    #[arg(long, value_name = "NAME", default_value = "utf-8", value_parser = parse_encoding)]
    pub encoding: TextEncoding,
    /// Byte order to name in the header, little or big; else this machine's
    #[arg(long, value_name = "ORDER", value_parser = parse_byte_order)]
    byteorder: Option<ByteOrder>,
    /// Ask to keep the connection for more requests
    #[arg(long)]
    keep_alive: bool,
    /// Refuse responses with more content
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_CONTENT)]
    pub max_content: u64,
}

fn parse_encoding(name: &str) -> Result<TextEncoding, String> {
    TextEncoding::from_name(name).ok_or_else(|| {
        let names = TextEncoding::ALL.map(TextEncoding::name).join(", ");
        format!("expected one of {names}")
    })
}

fn parse_byte_order(name: &str) -> Result<ByteOrder, &'static str> {
    match name {
        "little" => Ok(ByteOrder::Little),
        "big" => Ok(ByteOrder::Big),
        _ => Err("expected little or big"),
    }
}

/// A value that can't be read.
#[derive(Debug, Error)]
#[error("cannot read {name}")]
pub struct Unreadable {
    /// The file's name, or what it stands for.
    name: String,
    source: io::Error,
}

impl RequestFlags {
    /// The value in `--file`, if that was given.
    ///
    /// # Errors
    ///
    /// [`Unreadable`].
    pub fn value(&self) -> Result<Option<Vec<u8>>, Unreadable> {
        self.file.as_deref().map(read).transpose()
    }

    /// The whole message of `request`.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub fn encode(&self, request: &Request) -> Result<Vec<u8>, RequestError> {
        let mut wire = Vec::new();
        let byte_order = self.byteorder.unwrap_or(ByteOrder::NATIVE);
        request.encode(byte_order, self.keep_alive, &mut wire)?;
        Ok(wire)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let (name, result) = match path.as_os_str() == "-" {
        true => {
            let result = io::stdin().read_to_end(&mut bytes);
            ("standard input".to_owned(), result.map(|_| bytes))
        }
        false => (path.display().to_string(), fs::read(path)),
    };
    result.map_err(|source| Unreadable { name, source })
}
