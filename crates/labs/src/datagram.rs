//! UDP carries datagrams: each arrives whole or not at all, and nobody says
//! which.

mod flood;
mod held_back;

use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::time::Duration;

use anyhow::Context;

use crate::lab::Lab;
use crate::tcp::{failed_with, is_timeout};

/// Far longer than a datagram needs through the loopback: what isn't there by
/// then doesn't come.
const PATIENCE: Duration = Duration::from_millis(200);

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    boundaries(lab)?;
    too_long(lab)?;
    flood::over_udp(lab)?;
    held_back::over_tcp(lab)?;
    nobody_there(lab)
}

/// A sender, and the receiver that its datagrams go to, and that takes no
/// others.
fn pair() -> io::Result<(UdpSocket, UdpSocket)> {
    let receiver = UdpSocket::bind("127.0.0.1:0")?;
    receiver.set_read_timeout(Some(PATIENCE))?;
    let sender = UdpSocket::bind("127.0.0.1:0")?;
    sender.connect(receiver.local_addr()?)?;
    receiver.connect(sender.local_addr()?)?;
    Ok((sender, receiver))
}

/// One `recv`, with room for `size` bytes.
fn recv(socket: &UdpSocket, size: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; size];
    let n_read = socket.recv(&mut buffer)?;
    buffer.truncate(n_read);
    Ok(buffer)
}

fn boundaries(lab: &mut Lab) -> anyhow::Result<()> {
    // ANCHOR: boundaries
    lab.about("Three datagrams: two messages, and one of no bytes at all.");
    let (sender, receiver) = pair().context("no way through the loopback")?;
    let messages = ["Hello.", "Bye.", ""];
    for message in messages {
        let call = format!("send({message:?})");
        lab.call("sender", call, || sender.send(message.as_bytes()))?;
    }
    let mut came = Vec::new();
    for _ in messages {
        came.push(
            lab.call("receiver", "recv(64)", || recv(&receiver, 64))
                .context("a datagram is missing")?,
        );
    }
    lab.claim(
        came == messages.map(str::as_bytes),
        "Each send was one receive. Even a datagram of no bytes is one: 0 is \
         not the end here, as it is with TCP. UDP has no end.",
    );
    // ANCHOR_END: boundaries
    Ok(())
}

fn too_long(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("A datagram of 26 bytes, another, and room for 10.");
    let (sender, receiver) = pair()?;
    let long = b"abcdefghijklmnopqrstuvwxyz";
    lab.call("sender", "send(26 bytes)", || sender.send(long))?;
    lab.call("sender", "send(\"next\")", || sender.send(b"next"))?;
    let first = lab.call("receiver", "recv(10)", || recv(&receiver, 10));
    let asked = lab.ask(
        "What will the next recv(64) give?",
        &["the other 16 bytes", "\"next\"", "both, as one"],
    );
    let second = lab.call("receiver", "recv(64)", || recv(&receiver, 64))?;
    lab.answer(
        asked,
        match second.as_slice() {
            rest if rest == &long[10..] => Some(0),
            b"next" => Some(1),
            both if both.len() > long[10..].len() => Some(2),
            _ => None,
        },
    );
    match first {
        Ok(first) => lab.claim(
            first == long[..10] && second == b"next",
            "What the buffer has no room for is gone, and recv doesn't say so.",
        ),
        // As Windows does it: WSAEMSGSIZE.
        Err(_) => lab.claim(
            second == b"next",
            "What the buffer has no room for is gone, with an error.",
        ),
    }
    real_length(lab, &sender, &receiver)
}

/// With a flag, the kernel tells how long the datagram was.
#[cfg(target_os = "linux")]
fn real_length(
    lab: &mut Lab,
    sender: &UdpSocket,
    receiver: &UdpSocket,
) -> anyhow::Result<()> {
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{MsgFlags, recv};

    lab.about("The same once more, with a flag that asks for the real length.");
    lab.call("sender", "send(26 bytes)", || sender.send(&[b'x'; 26]))?;
    let mut buffer = [0; 10];
    let length = lab.call("receiver", "recv(10, MSG_TRUNC)", || {
        let flags = MsgFlags::MSG_TRUNC;
        Ok(recv(receiver.as_raw_fd(), &mut buffer, flags)?)
    })?;
    lab.claim(
        length > buffer.len(),
        "So one can know: a length above the buffer's says that bytes are \
         gone.",
    );
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn real_length(
    lab: &mut Lab,
    _: &UdpSocket,
    _: &UdpSocket,
) -> anyhow::Result<()> {
    lab.not_shown(
        "the real length of a datagram that was cut off",
        "recv takes MSG_TRUNC on Linux only; try it there",
    );
    Ok(())
}

/// No system gives it to a program that asks for any port, so nobody takes it
/// in the meantime.
const NOBODY: &str = "127.0.0.1:1";

fn nobody_there(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("To a port where nobody listens, from a socket of no peer.");
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let sent = lab.call("sender", format!("sendto({NOBODY})"), || {
        socket.send_to(b"Hello?", NOBODY)
    });
    let silence = lab.call("sender", "recv(64)", || recv(&socket, 64));
    lab.claim(
        sent.is_ok() && silence.is_err(),
        match silence.is_err_and(|error| is_timeout(&error)) {
            true => "It was sent, and that is all that anybody tells.",
            // Windows: WSAECONNRESET.
            false => "It was sent, and a later call on the socket fails.",
        },
    );

    lab.about(
        "From a connected socket. Its connect sends nothing; it notes the \
         peer.",
    );
    // ANCHOR: refused
    lab.call("sender", format!("connect({NOBODY})"), || {
        socket.connect(NOBODY)
    })?;
    let asked = lab.ask(
        "Nobody listens there. Where does that show?",
        &["in this send", "in the next call", "nowhere"],
    );
    let sent =
        lab.call("sender", "send(\"Hello?\")", || socket.send(b"Hello?"));
    let next = lab.call("sender", "recv(64)", || recv(&socket, 64));
    // ANCHOR_END: refused
    // Windows: WSAECONNRESET.
    let refused = failed_with(&next, ErrorKind::ConnectionRefused)
        || failed_with(&next, ErrorKind::ConnectionReset);
    lab.answer(
        asked,
        match (&sent, refused) {
            (Err(_), _) => 0,
            (Ok(_), true) => 1,
            (Ok(_), false) => 2,
        },
    );
    lab.claim(
        sent.is_ok() && refused,
        "The send succeeded. The other host's answer, an ICMP message, came \
         after it, and is the error of the next call.",
    );
    Ok(())
}
