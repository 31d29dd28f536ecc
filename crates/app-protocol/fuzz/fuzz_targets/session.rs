//! A whole server session on a stream that reads and writes as little or as much as
//! the data says: no panic, every response well formed, memory bounded, and an end.
#![no_main]

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use app_protocol::decoder::Decoder;
use app_protocol::session::{AppSession, Service};
use libfuzzer_sys::fuzz_target;
use multiconn::Limits;
use multiconn::connection::{Connection, Context, Stream};

/// Takes input from the fuzzer, and gives up room for output, piece by piece.
#[derive(Default)]
struct FakeStream {
    arrived: Vec<u8>,
    has_ended: bool,
    room: usize,
    sent: Vec<u8>,
}

impl Read for FakeStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.arrived.is_empty() && !self.has_ended {
            return Err(ErrorKind::WouldBlock.into());
        }
        let n = self.arrived.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.arrived[..n]);
        self.arrived.drain(..n);
        Ok(n)
    }
}

impl Write for FakeStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.room);
        if n == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room -= n;
        self.sent.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for FakeStream {
    fn is_established(&self) -> io::Result<bool> {
        Ok(true)
    }

    fn shutdown_write(&self) -> io::Result<()> {
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    // Each step: a byte that says what happens, and for input, how much.
    let mut context = Context::new(Limits {
        high_water_mark: 500,
        ..Limits::default()
    });
    let service = Arc::new(Service {
        max_content: 1000,
        keep_alive_max: 50,
        ..Service::default()
    });
    let address = "127.0.0.1:1".parse().expect("an address");
    let session = AppSession::new(service, address);
    let mut connection =
        Connection::accepted(FakeStream::default(), session, &mut context);
    let mut rest = data;
    while let Some((&step, behind)) = rest.split_first() {
        rest = behind;
        match step {
            0 => connection.stream_mut().room += 100,
            1 => context.now += Duration::from_secs(3),
            2 => connection.stop(context.now),
            n => {
                let n = usize::from(n).min(rest.len());
                connection
                    .stream_mut()
                    .arrived
                    .extend_from_slice(&rest[..n]);
                rest = &rest[n..];
            }
        }
        if run(&mut connection, &mut context) {
            break;
        }
    }
    connection.stream_mut().has_ended = true;
    connection.stream_mut().room = usize::MAX / 2;
    for _ in 0..1000 {
        if run(&mut connection, &mut context) {
            check(&connection.stream_mut().sent);
            return;
        }
        context.now += Duration::from_secs(1);
    }
    panic!("it never ends");
});

/// One turn, with every event that could be due; true when the connection is over.
fn run(
    connection: &mut Connection<AppSession, FakeStream>,
    context: &mut Context,
) -> bool {
    connection.note_readable(true);
    connection.note_writable();
    let is_lost = connection.turn(context).is_err();
    let is_due = connection
        .deadline(&context.limits)
        .is_some_and(|deadline| deadline <= context.now);
    is_lost
        || is_due && connection.handle_timeout(context).is_err()
        || connection.is_closed()
}

/// All that was sent is whole responses, but for the last if the peer was dropped.
fn check(mut sent: &[u8]) {
    let mut decoder = Decoder::new(u64::MAX);
    while decoder.decode(&mut sent).expect("a response").is_some() {}
}
