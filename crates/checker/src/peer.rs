//! The checker's end of a connection, with a deadline on each step.

mod sent;
mod slow;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::bytes::{difference, n_bytes, shown};
use crate::message::{Response, parse_header};
use crate::outcome::{Failure, Miss, Outcome, ensure};
use crate::peer::sent::Sent;
use crate::span::span;
use crate::speech::{Speech, about};
use crate::system::is_unowned;

/// A connection to a program under test. It remembers what it sent, to tell it when
/// something else comes back.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) address: SocketAddr,
    manner: Manner,
    sent: Sent,
    /// True for one that reads a little at a time.
    is_slow: bool,
    /// False once a response said that the connection ends behind it.
    is_kept: bool,
}

/// How the checker talks to a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) speech: Speech,
    /// How long a step may take in which nothing moves.
    pub(crate) patience: Duration,
    /// When the row is over.
    pub(crate) end: Instant,
    /// Why nothing is said of the program then.
    pub(crate) why_over: &'static str,
}

/// No header is longer: its length is a number of two bytes.
const MAX_HEADER: usize = 65_535;

/// Far more than any response here has; what a broken length promises is not read.
const MAX_CONTENT: usize = 1 << 20;

/// How long one exchange may take in all, for a program that dribbles.
const LONGEST_STEP: Duration = Duration::from_secs(60);

impl Peer {
    /// Connects to a server.
    pub(crate) fn connect(address: SocketAddr, manner: Manner) -> Outcome<Self> {
        let stream = TcpStream::connect_timeout(&address, manner.patience)
            .map_err(|error| not_accepted(&error, address, manner.patience))?;
        Self::new(stream, address, manner)
    }

    /// Takes a connection that is made already.
    pub(crate) fn new(stream: TcpStream, address: SocketAddr, manner: Manner) -> Outcome<Self> {
        let patience = manner.patience;
        // The bytes of a row leave in the pieces in which it sends them.
        let options = stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(patience)))
            .and_then(|()| stream.set_write_timeout(Some(patience)));
        options.map_err(|error| Miss::own_trouble("cannot set socket options", &error))?;
        Ok(Self {
            stream,
            address,
            manner,
            sent: Sent::default(),
            is_slow: false,
            is_kept: true,
        })
    }

    /// A failure at this connection.
    pub(crate) fn failure(
        &self,
        expected: impl std::fmt::Display,
        came: impl std::fmt::Display,
    ) -> Miss {
        // Whatever was cut short then proves nothing.
        if self.is_over() {
            return Miss::not_judged(self.manner.why_over);
        }
        Miss::fails(self.sent.told(), expected, came)
    }

    /// True if there is no time left for the row.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() > self.manner.end
    }

    /// When a step that begins now has to be over.
    fn end_of_step(&self) -> Instant {
        self.manner.end.min(Instant::now() + LONGEST_STEP)
    }

    /// Sets how long a step may take in which nothing moves.
    pub(crate) fn be_patient_for(&mut self, patience: Duration) {
        self.manner.patience = patience;
        // Can't fail for a time above zero (setsockopt(2), SO_RCVTIMEO).
        let _ = self.stream.set_read_timeout(Some(patience));
        let _ = self.stream.set_write_timeout(Some(patience));
    }

    /// Sends all of `bytes`.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Outcome {
        self.sent.note(bytes);
        self.stream.write_all(bytes).map_err(|error| {
            let came = words(&error, self.manner.patience);
            self.failure("all of it is taken", came)
        })
    }

    /// Sends as much of `bytes` as the other end lives to take. Returns what put an end
    /// to it, if anything did.
    pub(crate) fn send_what_is_taken(&mut self, bytes: &[u8]) -> Option<ErrorKind> {
        self.sent.note(bytes);
        self.stream.write_all(bytes).err().map(|error| error.kind())
    }

    /// True if the other end has closed its socket, as far as the system's table tells.
    pub(crate) fn is_left_alone(&self) -> bool {
        let own = self.stream.local_addr();
        own.is_ok_and(|own| is_unowned(self.address, own))
    }

    /// Finishes sending, and goes on reading.
    pub(crate) fn half_close(&mut self) -> Outcome {
        self.sent.note_end();
        self.stream.shutdown(Shutdown::Write).map_err(|error| {
            let came = words(&error, self.manner.patience);
            self.failure("the connection is still there", came)
        })
    }

    /// Ends the connection by a reset.
    pub(crate) fn reset(self) {
        // Closing with a linger time of zero sends RST instead of FIN (socket(7)).
        let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    /// Receives exactly as many bytes as `expected` has, and compares them.
    pub(crate) fn expect(&mut self, expected: &[u8]) -> Outcome {
        let came = self.receive(expected.len());
        let (came, trouble) = match came {
            Ok(came) => (came, None),
            Err((came, trouble)) => (came, Some(trouble)),
        };
        if came == expected {
            return Ok(());
        }
        let told = match trouble {
            None => difference(expected, &came),
            Some(trouble) if came.is_empty() => trouble,
            Some(trouble) => format!("{}, then {trouble}", difference(expected, &came)),
        };
        Err(self.failure(shown(expected), told))
    }

    /// Receives `length` bytes; else those that came, and what came then.
    fn receive(&mut self, length: usize) -> Result<Vec<u8>, (Vec<u8>, String)> {
        let begin = Instant::now();
        let deadline = self.end_of_step();
        let mut came = vec![0; length];
        let mut n_came = 0;
        while n_came < length {
            let end = self.end_of_read(n_came, length);
            let trouble = match self.stream.read(&mut came[n_came..end]) {
                Ok(0) => "the end of the connection".to_owned(),
                Ok(n_read) if Instant::now() < deadline => {
                    n_came += n_read;
                    continue;
                }
                Ok(_) => format!("too slowly: this took over {}", span(begin.elapsed())),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => words(&error, self.manner.patience),
            };
            came.truncate(n_came);
            return Err((came, trouble));
        }
        Ok(came)
    }

    /// Expects the end of input, neither more bytes nor a reset.
    pub(crate) fn expect_end(&mut self) -> Outcome {
        let expected = "the end of the connection, and no reset";
        let mut more = [0; 64];
        match self.stream.read(&mut more) {
            Ok(0) => Ok(()),
            Ok(n_read) => Err(self.failure(expected, shown(&more[..n_read]))),
            Err(error) => Err(self.failure(expected, words(&error, self.manner.patience))),
        }
    }

    /// Waits until the connection ends, in order or by a reset; bytes are ignored.
    pub(crate) fn expect_gone(&mut self) -> Outcome {
        let deadline = Instant::now() + self.manner.patience;
        let expected = "the connection is ended";
        loop {
            match self.stream.read(&mut [0; 4096]) {
                Ok(0) => return Ok(()),
                Ok(_) if Instant::now() < deadline => (),
                Ok(_) => return Err(self.failure(expected, "more and more bytes")),
                Err(error) if is_timeout(&error) => {
                    return Err(self.failure(expected, words(&error, self.manner.patience)));
                }
                Err(_) => return Ok(()),
            }
        }
    }

    /// True if bytes or the end come within `window`.
    pub(crate) fn hears_within(&mut self, window: Duration) -> bool {
        let _ = self.stream.set_read_timeout(Some(window));
        let peeked = self.stream.peek(&mut [0]);
        let _ = self.stream.set_read_timeout(Some(self.manner.patience));
        !peeked.is_err_and(|error| is_timeout(&error))
    }

    /// Receives a message.
    pub(crate) fn receive_message(&mut self) -> Outcome<Response> {
        let length = self.receive_part(2, "a response: two bytes of length first")?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let expected = format!("a JSON header of {length} bytes, as its length says");
        let header = self.receive_part(length, &expected)?;
        let parsed = parse_header(&header);
        let (header, length) = parsed.map_err(|complaint| self.malformed(&complaint))?;
        debug_assert!(header.len() <= MAX_HEADER);
        if length > MAX_CONTENT {
            return Err(self.malformed(&format!("a content-length of {length}")));
        }
        let expected = format!("a content of {}, as its header says", n_bytes(length));
        let content = self.receive_part(length, &expected)?;
        let response = Response { header, content };
        self.is_kept = response.is_kept_alive();
        Ok(response)
    }

    fn receive_part(&mut self, length: usize, expected: &str) -> Outcome<Vec<u8>> {
        self.receive(length).map_err(|(came, trouble)| {
            let told = match came.as_slice() {
                [] => trouble,
                came => format!("{}, then {trouble}", shown(came)),
            };
            let miss = self.failure(expected, told);
            match miss {
                // Nothing at all isn't a wrong form.
                Miss::Fails(failure) if length != 2 || !came.is_empty() => Miss::Fails(Failure {
                    is_malformed: true,
                    ..failure
                }),
                other => other,
            }
        })
    }

    fn malformed(&self, complaint: &str) -> Miss {
        let miss = self.failure("a well-formed response", complaint);
        match miss {
            Miss::Fails(failure) => Miss::Fails(Failure {
                is_malformed: true,
                ..failure
            }),
            other => other,
        }
    }

    /// Sends back what comes, in pieces of `n_bytes` at most, until the other end has
    /// finished, or there is no time left; then finishes.
    pub(crate) fn echo(&mut self, n_bytes: usize) {
        let mut piece = vec![0; n_bytes];
        while !self.is_over()
            && let Ok(n_read @ 1..) = self.stream.read(&mut piece)
        {
            if self.send_what_is_taken(&piece[..n_read]).is_some() {
                break;
            }
        }
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Says `payload`, in the program's speech; over a new connection if the server
    /// ends each of its connections after one answer.
    pub(crate) fn say(&mut self, payload: &[u8]) -> Outcome {
        if !self.is_kept {
            *self = Self::connect(self.address, self.manner)?;
        }
        self.send(&self.manner.speech.request(payload))
    }

    /// Expects what comes back for `payload`.
    pub(crate) fn hear(&mut self, payload: &[u8]) -> Outcome {
        match self.manner.speech {
            Speech::Echo => self.expect(payload),
            Speech::Messages => self.expect_content(&about(payload)),
        }
    }

    pub(crate) fn expect_content(&mut self, expected: &[u8]) -> Outcome {
        let response = self.receive_message()?;
        ensure(response.content == expected, || {
            let expected = format!("a response with the content {}", shown(expected));
            self.failure(expected, shown(&response.content))
        })
    }

    /// Says `payload`, and expects what comes back for it.
    pub(crate) fn round_trip(&mut self, payload: &[u8]) -> Outcome {
        self.say(payload)?;
        self.hear(payload)
    }

    /// Sends `bytes` while reading, then finishes sending; expects all of them back
    /// and then the end.
    pub(crate) fn exchange_all(mut self, bytes: &[u8]) -> Outcome {
        let cloned = self.stream.try_clone();
        let mut sending =
            cloned.map_err(|error| Miss::own_trouble("cannot share a socket", &error))?;
        self.sent.note(bytes);
        self.sent.note_end();
        let n_sent = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                // What isn't taken doesn't come back, and that is then told.
                for piece in bytes.chunks(64 * 1024) {
                    if sending.write_all(piece).is_err() {
                        return;
                    }
                    n_sent.fetch_add(piece.len(), Ordering::Relaxed);
                }
                let _ = sending.shutdown(Shutdown::Write);
            });
            wait_until_full(&n_sent, bytes.len());
            let received = self.expect(bytes).and_then(|()| self.expect_end());
            if received.is_err() {
                let _ = self.stream.shutdown(Shutdown::Both);
            }
            received
        })
    }
}

/// Lets `time` go by between two pieces, so that they arrive apart: what the other end
/// has read, the network doesn't tell.
pub(crate) fn pause(time: Duration) {
    let end = Instant::now() + time;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
}

/// Waits until nothing more is taken: a server whose writes are always taken whole
/// doesn't show what it does with the rest of one that isn't.
fn wait_until_full(n_sent: &AtomicUsize, length: usize) {
    let mut before = usize::MAX;
    loop {
        let now = n_sent.load(Ordering::Relaxed);
        if now == before || now == length {
            return;
        }
        before = now;
        thread::park_timeout(Duration::from_millis(50));
    }
}

/// A connection that couldn't be made, unless that was this machine's doing.
fn not_accepted(error: &io::Error, address: SocketAddr, patience: Duration) -> Miss {
    Miss::unless_own(error, || {
        let doing = format!("a connection to {address}");
        Miss::fails(doing, "it is accepted", words(error, patience))
    })
}

/// What an error says, without this system's number for it.
pub(crate) fn words(error: &io::Error, patience: Duration) -> String {
    match error.kind() {
        _ if is_timeout(error) => format!("nothing for {}", span(patience)),
        ErrorKind::ConnectionReset => "a reset".to_owned(),
        ErrorKind::BrokenPipe => "a connection that takes nothing any more".to_owned(),
        ErrorKind::ConnectionRefused => "a refused connection".to_owned(),
        _ => error.to_string(),
    }
}

pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
