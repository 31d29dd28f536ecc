//! The server's side of a conversation, on stage 2's event loop.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::Printable;
use multiconn::Session;

use crate::actions::{Values, built_in_values, respond, write_error};
use crate::decoder::{DEFAULT_MAX_CONTENT, DecodeError, Decoder, Message, Part};
use crate::header::{HeaderError, TEXT_JSON};
use crate::keep_alive::KeepAlive;

/// What all sessions of a server share.
#[derive(Debug)]
pub struct Service {
    /// What `search` finds.
    pub values: Values,
    /// Bytes of content that a request may have.
    pub max_content: u64,
    /// How long a header may take after its first byte.
    pub header_timeout: Option<Duration>,
    /// Requests that one connection may make.
    pub keep_alive_max: u32,
}

impl Default for Service {
    /// The guide's values, and the limits that the server's help tells.
    fn default() -> Self {
        Self {
            values: built_in_values(),
            max_content: DEFAULT_MAX_CONTENT,
            header_timeout: Some(DEFAULT_HEADER_TIMEOUT),
            keep_alive_max: DEFAULT_KEEP_ALIVE_MAX,
        }
    }
}

/// A header is a hundred bytes, sent at once: who takes longer has other intentions.
pub const DEFAULT_HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Plenty for anybody, and yet no client stays for ever with one server of several.
pub const DEFAULT_KEEP_ALIVE_MAX: u32 = 1_000_000;

// ANCHOR: session
/// Reads requests, and answers each.
#[derive(Debug)]
pub struct AppSession {
    service: Arc<Service>,
    peer: SocketAddr,
    decoder: Decoder,
    /// When the header that has begun to arrive must be there.
    header_deadline: Option<Instant>,
    keep_alive: KeepAlive,
    is_finished: bool,
}

impl Session for AppSession {
    fn receive(&mut self, input: &[u8], output: &mut Vec<u8>, now: Instant) -> usize {
        let mut rest = input;
        match self.decoder.decode(&mut rest) {
            Ok(Some(request)) => {
                log::info!("{}: {}", self.peer, Told(&request));
                let keep_alive = self.keep_alive.grant(&request.header);
                answer(&request, &self.service.values, keep_alive, output);
                self.is_finished = !self.keep_alive.goes_on();
            }
            Ok(None) => {}
            Err(error) => {
                log::info!("{}: {error}", self.peer);
                write_error(&error.to_string(), code(&error), false, output);
                // What follows can't be made out, so this was the last answer.
                self.is_finished = true;
            }
        }
        self.decoder.release();
        self.set_header_deadline(now);
        input.len() - rest.len()
    }

    fn end_of_input(&mut self, _output: &mut Vec<u8>, _now: Instant) {
        if let Some(truncated) = self.decoder.truncated() {
            log::info!("{}: {truncated}", self.peer);
        }
    }

    fn stop(&mut self) {
        self.keep_alive.stop();
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    fn deadline(&self) -> Option<Instant> {
        self.header_deadline
    }

    fn handle_timeout(&mut self, _output: &mut Vec<u8>, _now: Instant) {
        log::info!("{}: its header did not come in time", self.peer);
        self.is_finished = true;
    }
}
// ANCHOR_END: session

impl AppSession {
    /// A session with the client at `peer`.
    pub fn new(service: Arc<Service>, peer: SocketAddr) -> Self {
        Self {
            peer,
            decoder: Decoder::new(service.max_content),
            header_deadline: None,
            keep_alive: KeepAlive::new(service.keep_alive_max),
            is_finished: false,
            service,
        }
    }

    /// A header has its time from its first byte on, and no byte adds to it.
    fn set_header_deadline(&mut self, now: Instant) {
        let truncated = self.decoder.truncated();
        let is_in_header = truncated.is_some_and(|truncated| truncated.part != Part::Content);
        self.header_deadline = match self.service.header_timeout {
            Some(timeout) if is_in_header => Some(self.header_deadline.unwrap_or(now + timeout)),
            _ => None,
        };
    }
}

/// Appends the response, or says why there is none. The frame was whole, so the
/// connection goes on in either case, if it was to.
fn answer(request: &Message<'_>, values: &Values, keep_alive: bool, output: &mut Vec<u8>) {
    if let Err(refusal) = respond(request, values, keep_alive, output) {
        log::info!("refused: {refusal}");
        write_error(&refusal.to_string(), refusal.code(), keep_alive, output);
    }
}

/// The code of an error response to something that is no message at all.
fn code(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::ContentTooLarge { .. }
        | DecodeError::Header(HeaderError::Astronomic { .. }) => "too-large",
        DecodeError::Header(_) => "bad-header",
    }
}

/// A request, on a line of the log.
struct Told<'a>(&'a Message<'a>);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Message { header, content } = self.0;
        let shown = |bytes| Printable::excerpt(bytes).without_quotes();
        if header.content_type != TEXT_JSON {
            write!(f, "{} ", shown(header.content_type.as_bytes()))?;
        }
        write!(f, "{}", shown(content))
    }
}
