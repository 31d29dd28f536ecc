//! The server's side of a conversation, on stage 2's event loop.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::Printable;
use multiconn::Session;

use crate::actions::{Values, built_in_values, respond, write_error};
use crate::decoder::{DEFAULT_MAX_CONTENT, DecodeError, Decoder, Message};
use crate::header::{HeaderError, TEXT_JSON};
use crate::keep_alive::KeepAlive;

/// What all sessions of a server share.
#[derive(Debug)]
pub struct Service {
    /// What `search` finds.
    pub values: Values,
    /// Bytes of content that a request may have.
    pub max_content: u64,
    /// How long a header may take after the message's first byte.
    pub header_timeout: Option<Duration>,
    /// How many bytes a second of its content must come, after that time; 0 for
    /// any.
    pub min_rate: u32,
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
            min_rate: DEFAULT_MIN_RATE,
            keep_alive_max: DEFAULT_KEEP_ALIVE_MAX,
        }
    }
}

/// A header is a hundred bytes, sent at once: who takes longer has other
/// intentions.
pub const DEFAULT_HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Slower than any line that is in use. Who holds memory and is silent gives it
/// back in two minutes or so, if it is as much as can be.
pub const DEFAULT_MIN_RATE: u32 = 64 * 1024;
/// Plenty for anybody, and yet no client stays for ever with one server of
/// several.
pub const DEFAULT_KEEP_ALIVE_MAX: u32 = 1_000_000;

/// Reads requests, and answers each.
#[derive(Debug)]
pub struct AppSession {
    service: Arc<Service>,
    peer: SocketAddr,
    decoder: Decoder,
    /// When the first byte came of the message that is under way.
    begun: Option<Instant>,
    keep_alive: KeepAlive,
    is_finished: bool,
}

// ANCHOR: session
impl Session for AppSession {
    fn receive(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        now: Instant,
    ) -> usize {
        let mut rest = input;
        if let Err(error) = self.take_message(&mut rest, output) {
            log::info!("{}: {error}", self.peer);
            write_error(&error.to_string(), code(&error), false, output);
            // What follows can't be made out, so this was the last answer.
            self.is_finished = true;
        }
        self.decoder.release();
        let is_under_way = self.decoder.truncated().is_some();
        self.begun = is_under_way.then(|| self.begun.unwrap_or(now));
        input.len() - rest.len()
    }

    // ANCHOR_END: session

    // ANCHOR: room
    /// A content that isn't here whole has to be held until it is. The loop
    /// hands no more of it over until there is room.
    fn room_needed(&self) -> usize {
        self.decoder.content_length().unwrap_or(0)
    }

    // ANCHOR_END: room
    fn end_of_input(&mut self, _output: &mut Vec<u8>, _now: Instant) {
        if let Some(truncated) = self.decoder.truncated() {
            log::info!("{}: {truncated}", self.peer);
        }
        self.forget_message();
    }

    fn stop(&mut self) {
        self.keep_alive.stop();
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    // ANCHOR: deadline
    /// A message has its time from its first byte on, and no byte adds to it.
    fn deadline(&self) -> Option<Instant> {
        let header_deadline = self.begun? + self.service.header_timeout?;
        match self.decoder.content_length() {
            None => Some(header_deadline),
            Some(length) => {
                Some(header_deadline + self.service.content_time(length)?)
            }
        }
    }

    // ANCHOR_END: deadline
    fn handle_timeout(&mut self, _output: &mut Vec<u8>, _now: Instant) {
        if let Some(truncated) = self.decoder.truncated() {
            log::info!("{}: too slow, {truncated}", self.peer);
        }
        self.forget_message();
        self.is_finished = true;
    }

    fn put_off(&mut self, by: Duration) {
        self.begun = self.begun.map(|begun| begun + by);
    }
}

impl AppSession {
    /// A session with the client at `peer`.
    pub fn new(service: Arc<Service>, peer: SocketAddr) -> Self {
        Self {
            peer,
            decoder: Decoder::new(service.max_content),
            begun: None,
            keep_alive: KeepAlive::new(service.keep_alive_max),
            is_finished: false,
            service,
        }
    }

    /// What has come of a message that will never be whole needs no memory.
    fn forget_message(&mut self) {
        self.decoder = Decoder::new(self.service.max_content);
    }

    // ANCHOR: take
    /// Takes one message, if it is whole, and answers it.
    fn take_message(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let Some(request) = self.decoder.decode(input)? else {
            return Ok(()); // Incomplete: the rest is yet to come.
        };
        log::info!("{}: {}", self.peer, Told(&request));
        let keep_alive = self.keep_alive.grant(&request.header);
        answer(&request, &self.service.values, keep_alive, output);
        self.is_finished = !self.keep_alive.goes_on();
        Ok(())
    }
    // ANCHOR_END: take
}

impl Service {
    /// How long a content of `length` bytes may take after the time for its
    /// header; `None` for any time.
    fn content_time(&self, length: usize) -> Option<Duration> {
        let seconds = length as f64 / f64::from(self.min_rate);
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// Appends the response, or says why there is none. The frame was whole, so the
/// connection goes on in either case, if it was to.
fn answer(
    request: &Message<'_>,
    values: &Values,
    keep_alive: bool,
    output: &mut Vec<u8>,
) {
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
