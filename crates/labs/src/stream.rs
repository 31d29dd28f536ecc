//! TCP carries bytes, in order, and no messages: where one send ends and the
//! next begins is lost on the way.

use std::io::{Read, Write};
use std::net::TcpStream;

use byteorder::{BigEndian, ReadBytesExt, WriteBytesExt};

use crate::lab::Lab;
use crate::tcp::{self, recv, send};

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = tcp::pair()?;
    // Else the second of two small sends may wait for the first (Nagle).
    client.set_nodelay(true)?;

    two_as_one(lab, &client, &server)?;
    one_as_several(lab, &client, &server)?;
    framed(lab, &client, &server)
}

fn two_as_one(
    lab: &mut Lab,
    client: &TcpStream,
    server: &TcpStream,
) -> anyhow::Result<()> {
    // ANCHOR: two_as_one
    lab.about("Two messages, sent one after the other. Then one receive.");
    lab.call("client", "send(\"Hello.\")", || send(client, b"Hello."))?;
    lab.call("client", "send(\"Bye.\")", || send(client, b"Bye."))?;
    let asked = lab.ask(
        "What will recv(64) give?",
        &["Hello.", "Hello.Bye.", "an error: there are two messages"],
    );
    let came = lab.call("server", "recv(64)", || recv(server, 64))?;
    lab.answer(
        asked,
        match came.as_slice() {
            b"Hello." => Some(0),
            b"Hello.Bye." => Some(1),
            _ => None,
        },
    );
    lab.claim(
        came == b"Hello.Bye.",
        "Two messages were received as one. TCP keeps the order of bytes, and \
         no boundaries between them.",
    );
    // ANCHOR_END: two_as_one
    Ok(())
}

const MESSAGE: usize = 3000;
/// Less than the message, so that it doesn't fit.
const ROOM: usize = 1000;

fn one_as_several(
    lab: &mut Lab,
    client: &TcpStream,
    server: &TcpStream,
) -> anyhow::Result<()> {
    lab.about("One message of 3,000 bytes, and room for 1,000 at a time.");
    lab.call("client", format!("send({MESSAGE} bytes)"), || {
        send(client, &[b'x'; MESSAGE])
    })?;
    let mut n_received = 0;
    let mut n_calls = 0;
    while n_received < MESSAGE {
        n_received += lab.call("server", format!("recv({ROOM})"), || {
            // How many came, without the bytes: they are all the same.
            recv(server, ROOM).map(|piece| piece.len())
        })?;
        n_calls += 1;
    }
    lab.claim(
        n_calls > 1 && n_received == MESSAGE,
        "One message was received as several. The number that recv is given is \
         a maximum, and less is no error.",
    );
    Ok(())
}

fn framed(
    lab: &mut Lab,
    mut client: &TcpStream,
    mut server: &TcpStream,
) -> anyhow::Result<()> {
    let messages = ["Hello.", "Bye."];
    lab.about(
        "The cure is to say it: each message is preceded by its length, in two \
         bytes, and the receiver reads exactly as many.",
    );
    // ANCHOR: framed
    for message in messages {
        let call = format!("send({} and {message:?})", message.len());
        lab.call("client", call, || {
            let length = u16::try_from(message.len()).expect("few bytes");
            let mut frame = Vec::new();
            frame.write_u16::<BigEndian>(length)?;
            frame.extend(message.as_bytes());
            client.write_all(&frame)
        })?;
    }
    let mut came = Vec::new();
    for _ in messages {
        came.push(lab.call("server", "a length, and as much", || {
            let length = server.read_u16::<BigEndian>()?;
            let mut message = vec![0; length.into()];
            server.read_exact(&mut message)?;
            Ok(message)
        })?);
    }
    // ANCHOR_END: framed
    lab.claim(
        came == messages.map(str::as_bytes),
        "With a frame around each, two messages are two again.",
    );
    Ok(())
}
