//! The client's side of a conversation, on stage 2's event loop.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use common::{EndpointError, Timeout};
use multiconn::Session;
use multiconn::client_loop::ClientLoop;
use multiconn::connection::ConnectionError;
use thiserror::Error;

use crate::decoder::{DecodeError, Decoder, Message, Truncated};

/// How many requests a connection may have under way: enough to keep both ends
/// busy.
const PIPELINE_DEPTH: usize = 16;
/// How many bytes of requests may be under way, unless one is larger: they are
/// held in memory until the server takes them.
const PIPELINE_BYTES: usize = 64 * 1024;

/// Why not every request was answered.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The system has nothing left for an event loop.
    #[error("cannot wait for events")]
    Loop(#[source] io::Error),
    /// No address of the server could be reached.
    #[error(transparent)]
    Unreachable(#[from] EndpointError),
    /// The connection was lost.
    #[error(transparent)]
    Lost(#[from] ConnectionError),
    /// The server answered with what is no message.
    #[error("a malformed response")]
    Malformed(#[from] DecodeError),
    /// The server closed in the middle of a response.
    #[error("the server closed the connection")]
    Truncated(#[from] Truncated),
    /// The server closed instead of answering.
    #[error("the server closed the connection without an answer")]
    NoAnswer,
}

/// Sends one request again and again, and hands each response over with its
/// bytes.
///
/// It sends a second request on a connection only after a response that grants
/// it, and then several at once. With a server that grants nothing, each
/// request takes its own connection.
struct ClientSession<'a, R> {
    request: &'a [u8],
    /// How many times more it is to be answered.
    n_left: usize,
    /// How many of those are under way on this connection.
    /// Invariant: no more than `n_left`.
    n_under_way: usize,
    /// The last response said that the connection goes on.
    is_granted: bool,
    decoder: Decoder,
    /// The bytes of the response that is arriving.
    wire: Vec<u8>,
    on_response: R,
    error: Option<DecodeError>,
}

impl<R: FnMut(&[u8], &Message<'_>)> Session for ClientSession<'_, R> {
    fn start(&mut self, output: &mut Vec<u8>, _now: Instant) {
        output.extend_from_slice(self.request);
        // What was under way on an earlier connection won't be answered on this
        // one.
        self.n_under_way = 1;
        self.is_granted = false;
    }

    fn receive(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        _now: Instant,
    ) -> usize {
        // ANCHOR: session
        let mut rest = input;
        let decoded = self.decoder.decode(&mut rest);
        let n_taken = input.len() - rest.len();
        self.wire.extend_from_slice(&input[..n_taken]);
        match decoded {
            Ok(Some(response)) => {
                (self.on_response)(&self.wire, &response);
                self.wire.clear();
                self.n_left -= 1;
                self.n_under_way -= 1;
                self.is_granted = response.header.keep_alive;
                if self.is_granted {
                    let depth = (PIPELINE_BYTES / self.request.len().max(1))
                        .clamp(1, PIPELINE_DEPTH);
                    while self.n_under_way < self.n_left.min(depth) {
                        output.extend_from_slice(self.request);
                        self.n_under_way += 1;
                    }
                }
            }
            Ok(None) => {}
            Err(error) => self.error = Some(error),
        }
        n_taken
        // ANCHOR_END: session
    }

    fn is_finished(&self) -> bool {
        self.n_under_way == 0 || self.error.is_some()
    }
}

/// Sends `request` to the first of `addresses` that answers, `n_times`, and
/// calls `on_response` with the bytes of each response and what they mean. No
/// response may have more than `max_content` bytes of content; silence for
/// `timeout` is an error.
///
/// # Errors
///
/// [`ClientError`] if not each was answered.
pub fn run(
    addresses: &[SocketAddr],
    request: &[u8],
    n_times: u32,
    max_content: u64,
    timeout: Timeout,
    on_response: impl FnMut(&[u8], &Message<'_>),
) -> Result<(), ClientError> {
    let mut client = ClientLoop::new(timeout).map_err(ClientError::Loop)?;
    let mut session = ClientSession {
        request,
        n_left: n_times as usize,
        n_under_way: 0,
        is_granted: false,
        decoder: Decoder::new(max_content),
        wire: Vec::new(),
        on_response,
        error: None,
    };
    while session.n_left > 0 {
        let n_left_before = session.n_left;
        let (ended, result) = talk(&mut client, addresses, session)?;
        session = ended;
        if let Some(error) = session.error {
            return Err(error.into());
        }
        let truncated = session.decoder.truncated();
        if session.n_left == n_left_before || truncated.is_some() {
            // Nothing came, or not all of something: trying again won't help.
            result?;
            return Err(
                truncated.map_or(ClientError::NoAnswer, ClientError::Truncated)
            );
        }
        match result {
            // A server that granted more, and then fell silent, is not to be
            // waited for again and again.
            Err(error @ ConnectionError::Idle(_))
                if session.is_granted && session.n_left > 0 =>
            {
                return Err(error.into());
            }
            Err(error) => log::info!("{error}"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// One connection, to the first address that can be reached, until its end.
fn talk<S: Session>(
    client: &mut ClientLoop<S>,
    addresses: &[SocketAddr],
    mut session: S,
) -> Result<(S, Result<(), ConnectionError>), ClientError> {
    let mut failures = Vec::new();
    for &address in addresses {
        log::info!("connecting to {address}");
        match connect(client, address, session)? {
            (back, Err(ConnectionError::Connect(error))) => {
                failures.push((address, error));
                session = back;
            }
            ended => return Ok(ended),
        }
    }
    Err(EndpointError::Connect(failures).into())
}

fn connect<S: Session>(
    client: &mut ClientLoop<S>,
    address: SocketAddr,
    session: S,
) -> Result<(S, Result<(), ConnectionError>), ClientError> {
    if let Err((session, error)) = client.connect(address, session) {
        return Ok((session, Err(ConnectionError::Connect(error))));
    }
    loop {
        let ended = client.run_once().map_err(ClientError::Loop)?;
        if let Some(ended) = ended.into_iter().next() {
            return Ok((ended.session, ended.result));
        }
    }
}
