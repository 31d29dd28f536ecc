//! Four calls may have to wait, and there are three ways to make each: without
//! waiting, for a limited time, and until it is done.

#[cfg(target_os = "linux")]
mod connect;
#[cfg(target_os = "linux")]
mod signals;

use std::io::{self, ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use crate::lab::Lab;
use crate::tcp::{self, recv, send};

/// How long a call waits that is given a limit.
const LIMIT: Duration = Duration::from_millis(200);
/// How long the other end does nothing, once a call waits for it.
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    receive(lab)?;
    send_much(lab)?;
    accept(lab)?;
    #[cfg(target_os = "linux")]
    {
        connect::connect(lab)?;
        signals::signals(lab)?;
    }
    #[cfg(not(target_os = "linux"))]
    lab.not_shown(
        "connect, and signals",
        "a full backlog and a signal do otherwise on each system; \
         these parts are about Linux",
    );
    Ok(())
}

/// Makes a call that waits; meanwhile, after a pause, the other end does
/// something.
fn meanwhile<T>(
    other_end: impl FnOnce() -> io::Result<()> + Send,
    call: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    thread::scope(|scope| {
        let other_end = scope.spawn(|| {
            thread::sleep(PAUSE);
            other_end()
        });
        let result = call();
        other_end
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        result
    })
}

/// It came back without having done anything, since it would have to wait, or
/// to wait longer.
fn would_block<T>(came: &io::Result<T>) -> bool {
    came.as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Which of the answers to the question about it.
fn in_words(came: &io::Result<Vec<u8>>) -> Option<usize> {
    match came.as_ref().map_err(io::Error::kind) {
        Ok(bytes) => bytes.is_empty().then_some(0),
        Err(ErrorKind::WouldBlock) => Some(1),
        Err(ErrorKind::TimedOut) => Some(2),
        Err(_) => None,
    }
}

fn receive(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = tcp::pair()?;
    lab.about(
        "recv, where nothing has come: non-blocking, with a limit of 200 ms, and \
         blocking, while the client sends after 300 ms.",
    );
    // ANCHOR: receive
    server.set_nonblocking(true)?;
    let at_once =
        lab.call("server", "recv, non-blocking", || recv(&server, 64));
    server.set_nonblocking(false)?;

    server.set_read_timeout(Some(LIMIT))?;
    let asked = lab.ask(
        "Nothing comes within the limit. What does recv give?",
        &["0, since there is nothing", "EAGAIN", "ETIMEDOUT"],
    );
    let in_time = lab.call("server", "recv, 200 ms", || recv(&server, 64));
    let has_waited = lab.took() >= LIMIT;
    lab.answer(asked, in_words(&in_time));
    server.set_read_timeout(None)?;

    let came = lab.call("server", "recv, blocking", || {
        meanwhile(|| send(&client, b"Hello.").map(drop), || recv(&server, 64))
    })?;
    // ANCHOR_END: receive
    lab.claim(
        would_block(&at_once)
            && would_block(&in_time)
            && has_waited
            && came == b"Hello."
            && lab.took() >= PAUSE,
        "Without waiting, and when the time is over, the answer is the same: \
         EAGAIN, \"try again\". It isn't the end of input, and nothing is \
         broken.",
    );
    Ok(())
}

/// Small, so that it is soon full.
const BUFFER: usize = 16 << 10;
/// More than all buffers on the way have room for.
const MESSAGE: usize = 256 << 10;

fn send_much(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, mut server) = tcp::pair()?;
    SockRef::from(&client).set_send_buffer_size(BUFFER)?;
    SockRef::from(&server).set_recv_buffer_size(BUFFER)?;
    let message = vec![b'x'; MESSAGE];
    lab.about(
        "send of 256 KiB, where the other end doesn't read: the buffers on the way \
         were made small. The server reads after 300 ms.",
    );
    // ANCHOR: send
    client.set_nonblocking(true)?;
    let mut n_taken =
        lab.call("client", "send, non-blocking", || send(&client, &message))?;
    // A part of it may have moved on meanwhile.
    let again = || -> io::Result<usize> {
        loop {
            n_taken += send(&client, &message)?;
        }
    };
    let full = lab.call("client", "send again, until it fails", again);
    // ANCHOR_END: send
    lab.found("bytes taken without waiting", n_taken);
    client.set_nonblocking(false)?;

    client.set_write_timeout(Some(LIMIT))?;
    let in_time =
        lab.call("client", "send, 200 ms", || send(&client, &message));
    client.set_write_timeout(None)?;
    n_taken += in_time.as_ref().unwrap_or(&0);

    let mut all = vec![0; n_taken + MESSAGE];
    let whole = lab.call("client", "send, blocking", || {
        meanwhile(|| server.read_exact(&mut all), || send(&client, &message))
    })?;
    let is_part = in_time.as_ref().is_ok_and(|n_sent| *n_sent < MESSAGE);
    lab.claim(
        would_block(&full)
            && (is_part || would_block(&in_time))
            && whole == MESSAGE,
        "Without waiting, and with a limit, send takes what there is room for, \
         and says how much; if that is nothing, it says EAGAIN. Blocking, it \
         comes back when all is taken.",
    );
    Ok(())
}

fn accept(lab: &mut Lab) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    lab.about(
        "accept, where nobody has connected. Somebody does after 300 ms.",
    );
    listener.set_nonblocking(true)?;
    let at_once =
        lab.call("server", "accept, non-blocking", || listener.accept());
    listener.set_nonblocking(false)?;

    // std has no such call for a listener.
    SockRef::from(&listener).set_read_timeout(Some(LIMIT))?;
    let in_time = lab.call("server", "accept, 200 ms", || listener.accept());
    SockRef::from(&listener).set_read_timeout(None)?;

    lab.call("server", "accept, blocking", || {
        let connect = || TcpStream::connect(address).map(drop);
        meanwhile(connect, || listener.accept().map(drop))
    })?;
    lab.claim(
        would_block(&at_once) && would_block(&in_time) && lab.took() >= PAUSE,
        "To accept is to receive a connection: a receive timeout bounds it, too.",
    );
    Ok(())
}
