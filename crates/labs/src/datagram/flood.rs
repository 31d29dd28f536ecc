//! Many datagrams, and a receiver that doesn't read: most of them are lost.

use std::net::UdpSocket;

use anyhow::Context;
use byteorder::{BigEndian, ByteOrder};
use socket2::SockRef;

use super::{pair, recv};
use crate::lab::Lab;
use crate::tcp::is_timeout;

/// In all far more than there is room for.
pub(super) const N_MESSAGES: u32 = 2000;
pub(super) const SIZE: usize = 1000;
/// What the receiver's system keeps for it. The default is a few times as much;
/// whatever it is, it ends somewhere.
pub(super) const ROOM: usize = 64 * 1024;

/// A message that says which one it is.
pub(super) fn message(number: u32) -> [u8; SIZE] {
    let mut message = [b'.'; SIZE];
    BigEndian::write_u32(&mut message, number);
    message
}

pub(super) fn over_udp(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about(
        "2,000 datagrams of 1,000 bytes, each with its number, over UDP; and \
         nobody reads. The receiver's system keeps some for it: its buffer.",
    );
    let (sender, receiver) = pair()?;
    lab.call("receiver", format!("setsockopt(SO_RCVBUF, {ROOM})"), || {
        SockRef::from(&receiver).set_recv_buffer_size(ROOM)
    })?;
    let asked = lab.ask(
        "How many of the 2,000 sends will fail?",
        &["none", "those that find no room", "the last"],
    );
    // ANCHOR: flood
    let mut n_failed = 0_usize;
    for number in 0..N_MESSAGES {
        if sender.send(&message(number)).is_err() {
            n_failed += 1;
        }
    }
    let came = numbers(&receiver)?;
    // ANCHOR_END: flood
    lab.found("sends that failed", n_failed);
    lab.found("datagrams that came", came.len());
    lab.answer(
        asked,
        match n_failed {
            0 => Some(0),
            1 => Some(2),
            _ => Some(1),
        },
    );
    lab.claim(
        n_failed == 0 && came.len() < N_MESSAGES as usize / 2,
        "Every send succeeded, and most of what was sent is lost.",
    );
    who_knows(lab, &sender, &receiver, &came)
}

/// The numbers of what has arrived, in the order in which it did.
fn numbers(receiver: &UdpSocket) -> anyhow::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    loop {
        match recv(receiver, SIZE) {
            Ok(message) => numbers.push(BigEndian::read_u32(&message)),
            Err(error) if is_timeout(&error) => return Ok(numbers),
            Err(error) => return Err(error).context("cannot receive"),
        }
    }
}

/// Who could tell that something is missing: the kernel, and the numbers.
fn who_knows(
    lab: &mut Lab,
    sender: &UdpSocket,
    receiver: &UdpSocket,
    came: &[u32],
) -> anyhow::Result<()> {
    drops(lab, receiver, came.len())?;
    lab.about("Now there is room again. One more is sent, with number 2,000.");
    lab.call("sender", format!("send(number {N_MESSAGES})"), || {
        sender.send(&message(N_MESSAGES))
    })?;
    let next = numbers(receiver)?;
    let last = came.last().context("nothing came at all")?;
    let next = next.first().context("it didn't come")?;
    lab.found("number that came last before", u64::from(*last));
    lab.found("number that came now", u64::from(*next));
    let is_sorted = came.is_sorted() && last < next;
    lab.claim(
        *next > last + 1,
        match is_sorted {
            true => {
                "Only the numbers inside tell the receiver what is missing. \
                 What came, came in order; here it did, and UDP promises \
                 neither."
            }
            false => {
                "Only the numbers inside tell the receiver what is missing, \
                 and that what came isn't in order."
            }
        },
    );
    Ok(())
}

/// What the kernel threw away, by its own count for this very socket.
#[cfg(target_os = "linux")]
fn drops(
    lab: &mut Lab,
    receiver: &UdpSocket,
    n_came: usize,
) -> anyhow::Result<()> {
    let n_dropped = match crate::linux::udp_drops::count(receiver) {
        Ok(n_dropped) => n_dropped,
        Err(error) => {
            let what = "the system's count of what it threw away";
            lab.not_shown(what, format!("{error:#}"));
            return Ok(());
        }
    };
    lab.found("drops of this socket in /proc/net/udp", n_dropped);
    let n_lost = u64::from(N_MESSAGES) - n_came as u64;
    lab.claim(
        n_dropped > 0,
        match n_dropped == n_lost {
            true => {
                "The buffer was full, and the kernel threw the rest away. It \
                 counted all that are missing, and told nobody."
            }
            false => {
                "The buffer was full, and the kernel threw some away, counted \
                 them, and told nobody. Others were lost on the way."
            }
        },
    );
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn drops(lab: &mut Lab, _: &UdpSocket, _: usize) -> anyhow::Result<()> {
    lab.not_shown(
        "the system's count of what it threw away",
        "only Linux has it for each socket; `netstat -s -p udp` has it for all",
    );
    Ok(())
}
