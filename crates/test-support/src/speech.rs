//! What a server under test speaks, so that one row can be checked of several.

use crate::peer::pattern;

/// How a payload is said, and what comes back for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// The bytes themselves, and the same again.
    Echo,
    /// A message of the application protocol with the payload as binary content, on a
    /// connection that is kept alive; a message about its first ten bytes.
    Messages,
}

impl Speech {
    /// What a client sends to say `payload`.
    pub fn request(self, payload: &[u8]) -> Vec<u8> {
        match self {
            Self::Echo => payload.to_vec(),
            Self::Messages => message("binary/custom-client-binary-type", KEEP_ALIVE, payload),
        }
    }

    /// What a server sends back for it.
    pub fn response(self, payload: &[u8]) -> Vec<u8> {
        match self {
            Self::Echo => payload.to_vec(),
            Self::Messages => answer(KEEP_ALIVE, payload),
        }
    }

    /// What it sends instead once it was told to stop.
    pub fn last_response(self, payload: &[u8]) -> Vec<u8> {
        match self {
            Self::Echo => payload.to_vec(),
            Self::Messages => answer("", payload),
        }
    }

    /// A piece of an endless stream of requests: `length` bytes from `start` on.
    pub fn stream(self, start: usize, length: usize) -> Vec<u8> {
        match self {
            Self::Echo => pattern(start, length),
            Self::Messages => {
                let request = self.request(STREAMED);
                let bytes = request.iter().cycle().skip(start % request.len());
                bytes.take(length).copied().collect()
            }
        }
    }

    /// What a server sends back for the first `length` bytes of that stream.
    pub fn stream_response(self, length: usize) -> Vec<u8> {
        match self {
            Self::Echo => pattern(0, length),
            Self::Messages => {
                let n_requests = length / self.request(STREAMED).len();
                self.response(STREAMED).repeat(n_requests)
            }
        }
    }
}

/// The payload of each message in a stream.
const STREAMED: &[u8] = b"one of many";

const KEEP_ALIVE: &str = ", \"connection\": \"keep-alive\"";

fn answer(extra_field: &str, payload: &[u8]) -> Vec<u8> {
    let first_ten = &payload[..payload.len().min(10)];
    let content = [b"First 10 bytes of request: ", first_ten].concat();
    message("binary/custom-server-binary-type", extra_field, &content)
}

fn message(content_type: &str, extra_field: &str, content: &[u8]) -> Vec<u8> {
    let order = if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    };
    let header = format!(
        "{{\"byteorder\": \"{order}\", \"content-type\": \"{content_type}\", \
         \"content-encoding\": \"binary\", \"content-length\": {}{extra_field}}}",
        content.len()
    );
    let length = u16::try_from(header.len()).expect("a short header");
    [&length.to_be_bytes(), header.as_bytes(), content].concat()
}
