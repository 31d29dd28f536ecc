//! What a client asks, and what it makes of the answer.

use std::borrow::Cow;
use std::fmt;
use std::num::ParseIntError;
use std::string::FromUtf8Error;

use byteorder::{BigEndian, ByteOrder as _, LittleEndian};
use common::Printable;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::decoder::Message;
use crate::encode::{Description, EncodeError, encode, write_json};
use crate::encoding::{EncodingError, TextEncoding};
use crate::header::{BINARY, ByteOrder, TEXT_JSON, beginning};

/// A request before it is bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// An action and its value, as JSON.
    Json {
        /// For instance `search`.
        action: String,
        /// What to search.
        value: String,
        /// The encoding of the text.
        encoding: TextEncoding,
    },
    /// Numbers to add.
    Sum(Vec<u32>),
    /// Any bytes, of the guide's own type.
    Binary(Vec<u8>),
}

/// Why a request can't be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The encoding lacks a character.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The message can't be sent.
    #[error(transparent)]
    Message(#[from] EncodeError),
    /// A value that has to be text is none.
    #[error("expected text in UTF-8 as the value")]
    NotText(#[from] FromUtf8Error),
    /// A value that has to be numbers is something else.
    #[error(
        "expected numbers from 0 to {} with commas between, got {word:?}",
        u32::MAX
    )]
    NotNumbers {
        /// The first word that is no number.
        word: String,
        /// Why it is none.
        source: ParseIntError,
    },
}

/// The JSON of a request.
#[derive(Serialize)]
struct Action<'a> {
    action: &'a str,
    value: &'a str,
}

impl Request {
    /// The request that a person means by an action and its value: `search` as
    /// JSON, `sum` as numbers, anything else as bytes.
    ///
    /// # Errors
    ///
    /// [`RequestError`], if the value is none for that action.
    pub fn of_action(
        action: &str,
        value: Vec<u8>,
        encoding: TextEncoding,
    ) -> Result<Self, RequestError> {
        match action {
            "search" => Self::json(action, value, encoding),
            "sum" => Ok(Self::Sum(parse_numbers(&String::from_utf8(value)?)?)),
            _ => Ok(Self::Binary([action.as_bytes(), &value].concat())),
        }
    }

    /// The request as JSON, whatever the action is.
    ///
    /// # Errors
    ///
    /// [`RequestError::NotText`].
    pub fn json(
        action: &str,
        value: Vec<u8>,
        encoding: TextEncoding,
    ) -> Result<Self, RequestError> {
        Ok(Self::Json {
            action: action.to_owned(),
            value: String::from_utf8(value)?,
            encoding,
        })
    }

    /// Appends the request's message to `output`.
    ///
    /// # Errors
    ///
    /// [`RequestError`]; `output` is then as it was.
    pub fn encode(
        &self,
        byte_order: ByteOrder,
        keep_alive: bool,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let (content_type, content_encoding) = match self {
            Self::Json { encoding, .. } => (TEXT_JSON, encoding.name()),
            Self::Sum(_) => ("binary/u32", BINARY),
            Self::Binary(_) => ("binary/custom-client-binary-type", BINARY),
        };
        let description = Description {
            content_type,
            content_encoding,
            byte_order,
            keep_alive,
        };
        Ok(encode(description, &self.content(byte_order)?, output)?)
    }

    fn content(
        &self,
        byte_order: ByteOrder,
    ) -> Result<Cow<'_, [u8]>, EncodingError> {
        match self {
            Self::Json {
                action,
                value,
                encoding,
            } => {
                let mut json = Vec::new();
                write_json(&Action { action, value }, &mut json);
                let text = String::from_utf8(json).expect("JSON is UTF-8");
                Ok(encoding.encode(&text)?.into_owned().into())
            }
            Self::Sum(numbers) => {
                let mut bytes = vec![0; size_of_val(numbers.as_slice())];
                match byte_order {
                    ByteOrder::Little => {
                        LittleEndian::write_u32_into(numbers, &mut bytes);
                    }
                    ByteOrder::Big => {
                        BigEndian::write_u32_into(numbers, &mut bytes);
                    }
                }
                Ok(bytes.into())
            }
            Self::Binary(bytes) => Ok(bytes.into()),
        }
    }
}

fn parse_numbers(text: &str) -> Result<Vec<u32>, RequestError> {
    let parse = |word: &str| {
        let word = word.trim();
        word.parse().map_err(|source| RequestError::NotNumbers {
            word: word.to_owned(),
            source,
        })
    };
    text.split(',').map(parse).collect()
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A result, in words.
    Text(String),
    /// Any other JSON.
    Json(String),
    /// A sum.
    Number(u64),
    /// Anything else.
    Bytes(Vec<u8>),
    /// The server refused, and said why.
    Refused(String),
}

/// Why a whole message is not an answer.
#[derive(Debug, Error)]
pub enum AnswerError {
    /// Its encoding is none that we have.
    #[error("text in {0:?}, an unknown encoding")]
    UnknownEncoding(String),
    /// It is not in its encoding.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// It is not JSON.
    #[error("the content is not JSON")]
    NotJson(#[from] serde_json::Error),
    /// It is a sum, but not a number of 8 bytes.
    #[error("expected a number of 8 bytes, got {0} bytes")]
    NotANumber(usize),
}

impl Answer {
    /// Reads the answer in a response.
    ///
    /// # Errors
    ///
    /// [`AnswerError`], if it is none.
    pub fn parse(response: &Message<'_>) -> Result<Self, AnswerError> {
        let Message { header, content } = response;
        match header.content_type.as_str() {
            TEXT_JSON => {
                let name = &header.content_encoding;
                let encoding =
                    TextEncoding::from_name(name).ok_or_else(|| {
                        AnswerError::UnknownEncoding(beginning(name))
                    })?;
                Ok(Self::from_json(&serde_json::from_str(
                    &encoding.decode(content)?,
                )?))
            }
            "binary/u64" if content.len() != size_of::<u64>() => {
                Err(AnswerError::NotANumber(content.len()))
            }
            "binary/u64" => Ok(Self::Number(match header.byte_order {
                ByteOrder::Little => LittleEndian::read_u64(content),
                ByteOrder::Big => BigEndian::read_u64(content),
            })),
            _ => Ok(Self::Bytes(content.to_vec())),
        }
    }

    fn from_json(json: &Value) -> Self {
        match json.get("result") {
            Some(Value::String(result))
                if json.get("error").is_some()
                    || result.starts_with("Error: ") =>
            {
                Self::Refused(result.clone())
            }
            _ if json.get("error").is_some() => Self::Refused(json.to_string()),
            Some(Value::String(result)) => Self::Text(result.clone()),
            _ => Self::Json(json.to_string()),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A stranger's text: no control characters for the terminal.
            Self::Text(text) | Self::Refused(text) | Self::Json(text) => {
                Printable::whole(text.as_bytes()).without_quotes().fmt(f)
            }
            Self::Number(number) => write!(f, "{number}"),
            Self::Bytes(bytes) => write!(f, "{}", Printable::whole(bytes)),
        }
    }
}
