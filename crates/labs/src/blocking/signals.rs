//! Signals come while a call waits. Their handler runs; and then?

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use nix::sys::pthread::{pthread_kill, pthread_self};
use nix::sys::signal::Signal;
use signal_hook::consts::SIGUSR1;
use signal_hook::flag;

use super::{meanwhile, pair, start, would_block};
use crate::lab::Lab;
use crate::tcp::{failed_with, recv, send};

/// How often a signal comes.
const PERIOD: Duration = Duration::from_millis(100);
/// Longer than anything takes here.
const LIMIT: Duration = Duration::from_secs(5);

const MESSAGE: &[u8] = b"Hello.";

pub(super) fn signals(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = pair()?;
    let has_run = Arc::new(AtomicBool::new(false));
    flag::register(SIGUSR1, Arc::clone(&has_run))?;

    without_limit(lab, &client, &server, &has_run)?;
    server.set_read_timeout(Some(LIMIT))?;
    with_limit(lab, &server)?;
    in_a_loop(lab, &client, &server, &has_run)
}

/// Makes a call that waits, and meanwhile sends this thread a signal every
/// 100 ms.
fn amid_signals<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let caller = pthread_self();
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        start(scope, move || {
            while is_done.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout)
            {
                pthread_kill(caller, Signal::SIGUSR1).expect("it waits for us");
            }
        })?;
        let result = call();
        drop(done);
        result
    })
}

fn without_limit(
    lab: &mut Lab,
    client: &TcpStream,
    server: &TcpStream,
    has_run: &AtomicBool,
) -> anyhow::Result<()> {
    lab.about(
        "A signal every 100 ms, whose handler was set with SA_RESTART, while a \
         recv waits. The client sends after 300 ms.",
    );
    // ANCHOR: restarted
    let came = lab.call("server", "recv, blocking", || {
        amid_signals(|| {
            meanwhile(|| send(client, MESSAGE).map(drop), || recv(server, 64))
        })
    })?;
    let handled = has_run.swap(false, Ordering::Relaxed);
    lab.found("the handler has run", if handled { "yes" } else { "no" });
    lab.claim(
        handled && came == MESSAGE,
        "The handler has run, and recv went on to wait as if nothing had been.",
    );
    // ANCHOR_END: restarted
    Ok(())
}

fn with_limit(lab: &mut Lab, server: &TcpStream) -> anyhow::Result<()> {
    lab.about("The same signals, and a recv with a limit of 5 s.");
    let asked = lab.ask(
        "What does recv give, and when?",
        &["EAGAIN, after 5 s", "EINTR, after 100 ms"],
    );
    let came =
        lab.call("server", "recv, 5 s", || amid_signals(|| recv(server, 64)));
    let is_interrupted = failed_with(&came, ErrorKind::Interrupted);
    lab.answer(
        asked,
        match is_interrupted {
            true => Some(1),
            false => would_block(&came).then_some(0),
        },
    );
    lab.claim(
        is_interrupted && lab.took() < LIMIT,
        "With a limit, recv isn't started again: it gives EINTR at the first \
         signal, though nothing is wrong and the time isn't over.",
    );
    Ok(())
}

fn in_a_loop(
    lab: &mut Lab,
    client: &TcpStream,
    mut server: &TcpStream,
    has_run: &AtomicBool,
) -> anyhow::Result<()> {
    lab.about("The same once more, with std's read_exact for recv.");
    has_run.store(false, Ordering::Relaxed);
    let mut came = [0; MESSAGE.len()];
    lab.call("server", "read_exact, 5 s a call", || {
        amid_signals(|| {
            meanwhile(
                || send(client, MESSAGE).map(drop),
                || server.read_exact(&mut came),
            )
        })
    })?;
    lab.claim(
        has_run.load(Ordering::Relaxed) && came == MESSAGE,
        "read_exact takes EINTR for what it is, and calls again.",
    );
    Ok(())
}
