//! Four calls may have to wait, and there are three ways to make each: without
//! waiting, for a limited time, and until it is done.

#[cfg(target_os = "linux")]
mod accept;
#[cfg(target_os = "linux")]
mod connect;
mod send;
#[cfg(target_os = "linux")]
mod signals;

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::lab::Lab;
use crate::tcp::{self, failed_with, recv, send};
use crate::threads::start;

/// How long a call waits that is given a limit.
const LIMIT: Duration = Duration::from_millis(200);
/// The kernel counts that in ticks, which may be as long as this (CONFIG_HZ): so
/// much earlier it may come back.
const TICK: Duration = Duration::from_millis(10);
/// How long the other end does nothing, once a call waits for it.
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    receive(lab)?;
    send::send_all(lab)?;
    #[cfg(target_os = "linux")]
    {
        accept::accept(lab)?;
        connect::connect(lab)?;
        signals::signals(lab)?;
    }
    #[cfg(not(target_os = "linux"))]
    lab.not_shown(
        "accept, connect, and signals",
        "a limit for accept, a full backlog and a signal do otherwise on each \
         system; try it on Linux",
    );
    Ok(())
}

/// A connection on which a call waits for as long as it takes.
fn pair() -> anyhow::Result<(TcpStream, TcpStream)> {
    let (client, server) = tcp::pair()?;
    for stream in [&client, &server] {
        common::set_timeouts(stream, None)?;
    }
    Ok((client, server))
}

/// Makes a call that waits; meanwhile, after a pause, the other end does
/// something.
fn meanwhile<T>(
    other_end: impl FnOnce() -> io::Result<()> + Send,
    call: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    thread::scope(|scope| {
        let other_end = start(scope, || {
            thread::sleep(PAUSE);
            other_end()
        })?;
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
    failed_with(came, ErrorKind::WouldBlock)
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
    let (client, server) = pair()?;
    lab.about(
        "recv, where nothing has come: non-blocking, with a limit of 200 ms, \
         and blocking, while the client sends after 300 ms.",
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
    let has_waited = lab.took() >= LIMIT - TICK;
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
