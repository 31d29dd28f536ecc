//! The same over TCP: nothing is lost, and the sender waits.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use socket2::SockRef;

use super::flood::{N_MESSAGES, ROOM, SIZE, message};
use crate::lab::{Lab, grouped};
use crate::tcp::{TIMEOUT, failed_with};
use crate::threads::start;

/// How long the receiver does something else than reading.
const BUSY: Duration = Duration::from_millis(200);

pub(super) fn over_tcp(lab: &mut Lab) -> anyhow::Result<()> {
    let all: Vec<u8> = (0..N_MESSAGES).flat_map(message).collect();
    lab.about(format!(
        "The same {} bytes over TCP, with as little room; again nobody reads. \
         The sender is non-blocking.",
        grouped(all.len() as u64)
    ));
    let (sender, receiver) = narrow_pair()?;
    sender.set_nonblocking(true)?;
    let mut n_sent = 0;
    let full = lab.call("sender", "send, again and again", || {
        fill(&sender, &all, &mut n_sent)
    });
    lab.found("bytes that were taken", n_sent);
    lab.claim(
        failed_with(&full, ErrorKind::WouldBlock),
        "When there is no room, TCP takes no more, and says so.",
    );
    the_rest(lab, &sender, &receiver, &all, n_sent)
}

/// Sends until that fails.
fn fill(
    mut sender: &TcpStream,
    all: &[u8],
    n_sent: &mut usize,
) -> io::Result<()> {
    while *n_sent < all.len() {
        *n_sent += sender.write(&all[*n_sent..])?;
    }
    Ok(())
}

fn the_rest(
    lab: &mut Lab,
    mut sender: &TcpStream,
    mut receiver: &TcpStream,
    all: &[u8],
    n_sent: usize,
) -> anyhow::Result<()> {
    lab.about("Blocking again, the rest; the receiver begins after 200 ms.");
    sender.set_nonblocking(false)?;
    sender.set_write_timeout(Some(TIMEOUT))?;
    receiver.set_read_timeout(Some(TIMEOUT))?;
    // ANCHOR: held_back
    let mut came = vec![0; all.len()];
    let (sent, received) = thread::scope(|scope| {
        let receive = start(scope, || {
            thread::sleep(BUSY);
            let began = Instant::now();
            receiver.read_exact(&mut came).map(|()| began)
        })?;
        let sent = lab.call("sender", "send(the rest)", || {
            sender.write_all(&all[n_sent..])
        });
        let sent = sent.map(|()| Instant::now());
        io::Result::Ok((sent, receive.join().expect("it doesn't panic")))
    })?;
    // ANCHOR_END: held_back
    let sent = sent.context("the rest couldn't be sent")?;
    let began = received.context("the rest didn't come")?;
    let pairs = came.chunks_exact(SIZE).zip(all.chunks_exact(SIZE));
    let n_whole = pairs.filter(|(came, sent)| came == sent).count();
    lab.found("messages that came, in order", n_whole);
    lab.claim(
        came == all && began < sent,
        "Nothing is lost. The sender was held back until the receiver read: \
         that is flow control.",
    );
    Ok(())
}

/// A connection whose systems keep as little as the UDP socket's.
fn narrow_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    // What `accept` gives inherits it.
    SockRef::from(&listener).set_recv_buffer_size(ROOM)?;
    let sender = TcpStream::connect(listener.local_addr()?)?;
    SockRef::from(&sender).set_send_buffer_size(ROOM)?;
    let (receiver, _) = listener.accept()?;
    Ok((sender, receiver))
}
