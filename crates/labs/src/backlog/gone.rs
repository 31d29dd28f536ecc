//! Who has gone while waiting is accepted all the same.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;

use crate::lab::Lab;
use crate::tcp::{TIMEOUT, close, recv};

/// The second has closed, the third has reset: the server accepts both.
pub(super) fn accept_all(
    lab: &mut Lab,
    listener: &TcpListener,
    clients: [TcpStream; 3],
) -> anyhow::Result<()> {
    // Where nothing was shown in between, the first still waits.
    if cfg!(not(target_os = "linux")) {
        lab.call("server", "accept()", || listener.accept())?;
    }
    let [_first, second, third] = clients;
    leave(lab, second, third)?;
    let asked = lab.ask(
        "The server accepts the next. What comes of it?",
        &["a connection", "ECONNABORTED", "it waits: nobody is there"],
    );
    let second = lab.call("server", "accept()", || listener.accept());
    lab.answer(
        asked,
        match &second {
            Ok(_) => Some(0),
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {
                Some(1)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(2),
            Err(_) => None,
        },
    );
    let second = recv_to_the_end(lab, &second?.0)?;
    // ANCHOR: third
    let (third, _) = lab.call("server", "accept()", || listener.accept())?;
    let third = recv_to_the_end(lab, &third)?;
    // ANCHOR_END: third
    lab.claim(
        second.bytes == b"I am the second." && second.error.is_none(),
        "Who has closed is accepted, and all that it sent is there.",
    );
    lab.claim(
        third.error == Some(io::ErrorKind::ConnectionReset),
        match third.bytes.as_slice() {
            b"I am the third." => {
                "So is who has reset, with what it had sent before. The server \
                 learns of both by its receives."
            }
            _ => {
                "So is who has reset, without what it had sent before. The \
                 server learns of both by its receives."
            }
        },
    );
    Ok(())
}

fn leave(
    lab: &mut Lab,
    second: TcpStream,
    third: TcpStream,
) -> anyhow::Result<()> {
    lab.about(
        "Two of those who wait don't wait any longer. One closes; one resets \
         the connection.",
    );
    lab.call("second", "close()", || close(second))?;
    lab.call("third", "SO_LINGER 0, close()", || {
        SockRef::from(&third).set_linger(Some(Duration::ZERO))?;
        close(third)
    })?;
    Ok(())
}

/// What came of a connection.
struct Came {
    bytes: Vec<u8>,
    error: Option<io::ErrorKind>,
}

/// Receives until the end of input, or an error.
fn recv_to_the_end(lab: &mut Lab, stream: &TcpStream) -> anyhow::Result<Came> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut bytes = Vec::new();
    loop {
        match lab.call("server", "recv(64)", || recv(stream, 64)) {
            Ok(piece) if piece.is_empty() => {
                return Ok(Came { bytes, error: None });
            }
            Ok(piece) => bytes.extend(piece),
            Err(error) => {
                let error = Some(error.kind());
                return Ok(Came { bytes, error });
            }
        }
    }
}
