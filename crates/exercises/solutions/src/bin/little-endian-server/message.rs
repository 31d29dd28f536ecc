//! Messages on the wire: the length of a header, the header, the content.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::TcpStream;

use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// More content than this is refused, before any of it is read. A hundred clients that
/// never finish a message of this size make us hold 50 MiB.
const MAX_CONTENT: usize = 512 << 10;

/// A request, whole.
pub(crate) struct Request {
    pub(crate) header: Header,
    pub(crate) content: Vec<u8>,
}

/// What comes before the content, and says how to take it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Header {
    pub(crate) byteorder: ByteOrder,
    pub(crate) content_type: String,
    pub(crate) content_encoding: String,
    content_length: Number,
    /// The fields that not everybody knows.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// The order of the bytes in a number.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// Why there is no request.
pub(crate) enum ReadError {
    /// It isn't one: the code, and what is wrong with it.
    Bad(&'static str, String),
    /// The connection broke, or ended within a message.
    Broken(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl Header {
    /// Parses JSON.
    fn parse(json: &[u8]) -> Result<Self, ReadError> {
        serde_json::from_slice(json)
            .map_err(|error| ReadError::Bad("bad-header", format!("no header: {error}")))
    }

    /// How many bytes of content follow.
    fn content_length(&self) -> Result<usize, ReadError> {
        let length = &self.content_length;
        let too_large = || {
            let message = format!("expected at most {MAX_CONTENT} bytes of content, got {length}");
            ReadError::Bad("too-large", message)
        };
        match length.as_u64() {
            Some(length) => usize::try_from(length)
                .ok()
                .filter(|&length| length <= MAX_CONTENT)
                .ok_or_else(too_large),
            // Larger than 64 bits can say, unless it has a fraction or a sign.
            None if length.as_f64() > Some(1e19) => Err(too_large()),
            None => {
                let message = format!("expected a whole number as content-length, got {length}");
                Err(ReadError::Bad("bad-header", message))
            }
        }
    }

    /// Whether the client would like to ask more on the same connection.
    pub(crate) fn wants_to_go_on(&self) -> bool {
        self.others.get("connection").and_then(Value::as_str) == Some("keep-alive")
    }
}

/// Reads the next request; none if the client has finished.
pub(crate) fn read_request(input: &mut impl BufRead) -> Result<Option<Request>, ReadError> {
    if input.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let length = read_exactly(input, 2)?;
    let length = u16::from_be_bytes([length[0], length[1]]);
    let header = Header::parse(&read_exactly(input, usize::from(length))?)?;
    let content = read_exactly(input, header.content_length()?)?;
    Ok(Some(Request { header, content }))
}

/// Reads so many bytes, in as many reads as it takes. Memory is taken only for what
/// arrives.
fn read_exactly(input: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// What is sent back.
pub(crate) struct Response {
    pub(crate) content_type: &'static str,
    pub(crate) content_encoding: &'static str,
    pub(crate) content: Vec<u8>,
}

/// Writes a response, which may say that further requests will be answered.
pub(crate) fn write_response(
    mut stream: &TcpStream,
    response: &Response,
    promises_more: bool,
) -> io::Result<()> {
    let byteorder = if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    };
    let connection = if promises_more {
        ", \"connection\": \"keep-alive\""
    } else {
        ""
    };
    let header = format!(
        "{{\"byteorder\": \"{byteorder}\", \"content-type\": \"{}\", \
         \"content-encoding\": \"{}\", \"content-length\": {}{connection}}}",
        response.content_type,
        response.content_encoding,
        response.content.len(),
    );
    let length = u16::try_from(header.len()).expect("our own headers are short");
    // Big-endian, the order of the network, whatever this machine's own is. At once, so
    // that it is one segment on the wire if it fits.
    stream.write_all(&[&length.to_be_bytes(), header.as_bytes(), &response.content].concat())
}
