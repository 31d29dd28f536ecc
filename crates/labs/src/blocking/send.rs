//! `send` where the other end doesn't read: the buffers on the way are full.

use std::io::{self, Read};

use socket2::SockRef;

use super::{LIMIT, meanwhile, pair, would_block};
use crate::lab::Lab;
use crate::tcp::send;

/// Small, so that it is soon full.
const BUFFER: usize = 16 << 10;
/// More than all buffers on the way have room for.
const MESSAGE: usize = 256 << 10;

pub(super) fn send_all(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, mut server) = pair()?;
    SockRef::from(&client).set_send_buffer_size(BUFFER)?;
    SockRef::from(&server).set_recv_buffer_size(BUFFER)?;
    let message = vec![b'x'; MESSAGE];
    lab.about(
        "send of 256 KiB, where the other end doesn't read: the buffers on the \
         way were made small. The server reads after 300 ms.",
    );
    // ANCHOR: send
    client.set_nonblocking(true)?;
    let mut n_taken =
        lab.call("client", "send, non-blocking", || send(&client, &message))?;
    // A part of it may have left the buffer meanwhile, for the other end's.
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
