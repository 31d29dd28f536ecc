//! A number has one value, and its bytes two orders: who sends it and who
//! receives it must mean the same one.

mod agreed;
mod text;

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use byteorder::{BigEndian, ByteOrder, LittleEndian, WriteBytesExt};

use crate::lab::{Came, Lab, Returned, grouped, words};
use crate::tcp::{self, is_timeout, recv};

pub(crate) fn run(lab: &mut Lab) -> anyhow::Result<()> {
    let (client, server) = tcp::pair()?;
    server.set_read_timeout(Some(TIMEOUT))?;
    both_orders(lab)?;
    one(lab, &client, &server)?;
    agreed::numbers(lab, &client, &server)?;
    text::sent(lab, &client, &server)?;
    length(lab, &client, &server)
}

/// How long the server waits for what it was promised.
const TIMEOUT: Duration = Duration::from_millis(300);

/// Bytes, told as such and not as text.
struct Hex(Vec<u8>);

impl Came for Hex {
    fn returned(&self) -> Returned {
        let mut text = String::new();
        for byte in &self.0 {
            write!(text, "{byte:02x} ").expect("a String takes all");
        }
        words(text.trim_end())
    }
}

/// Reads exactly as many bytes as have been sent.
fn read(mut stream: &TcpStream, size: usize) -> io::Result<Hex> {
    let mut bytes = vec![0; size];
    stream.read_exact(&mut bytes)?;
    Ok(Hex(bytes))
}

fn both_orders(lab: &mut Lab) -> anyhow::Result<()> {
    // ANCHOR: both_orders
    lab.about("A number of four bytes, 0x01020304, in each order.");
    let number: u32 = 0x01020304;
    let big = lab.call("memory", "to_be_bytes()", || {
        Ok(Hex(number.to_be_bytes().into()))
    })?;
    let little = lab.call("memory", "to_le_bytes()", || {
        Ok(Hex(number.to_le_bytes().into()))
    })?;
    let native = lab.call("memory", "to_ne_bytes(), this machine's", || {
        Ok(Hex(number.to_ne_bytes().into()))
    })?;
    // ANCHOR_END: both_orders
    let mut written = Vec::new();
    lab.call("memory", "write_u32::<BigEndian>()", || {
        written.write_u32::<BigEndian>(number)?;
        Ok(Hex(written.clone()))
    })?;
    lab.claim(
        big.0 == [1, 2, 3, 4] && little.0 == [4, 3, 2, 1] && written == big.0,
        "Big-endian has the highest byte first, as we write numbers; \
         little-endian has the lowest first.",
    );
    lab.claim(
        native.0 == big.0 || native.0 == little.0,
        match native.0 == little.0 {
            true => "This machine keeps its numbers little-endian.",
            false => "This machine keeps its numbers big-endian.",
        },
    );
    Ok(())
}

fn one(
    lab: &mut Lab,
    mut client: &TcpStream,
    server: &TcpStream,
) -> anyhow::Result<()> {
    lab.about("The number 1 is sent in network order, which is big-endian.");
    lab.call("client", "send(1_u32.to_be_bytes())", || {
        client.write_all(&1_u32.to_be_bytes())
    })?;
    let came = lab.call("server", "recv(4)", || read(server, 4))?.0;
    let asked = lab.ask(
        "What is that, for who takes it as little-endian?",
        &["1", "256", "16,777,216", "an error"],
    );
    let (right, wrong) =
        (BigEndian::read_u32(&came), LittleEndian::read_u32(&came));
    lab.found("read as big-endian", u64::from(right));
    lab.found("read as little-endian", u64::from(wrong));
    let answers = [1, 256, 16_777_216];
    lab.answer(asked, answers.iter().position(|answer| *answer == wrong));
    lab.claim(
        right == 1 && wrong == 1 << 24,
        "The same four bytes are two numbers, and no call fails.",
    );
    Ok(())
}

/// As long as the length says, if it is read as it was meant.
const MESSAGE: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";

fn length(
    lab: &mut Lab,
    mut client: &TcpStream,
    server: &TcpStream,
) -> anyhow::Result<()> {
    lab.about(
        "A message behind its length, 26, in two bytes. The client sends them \
         little-endian; the server takes them for network order.",
    );
    // ANCHOR: length
    lab.call("client", "send(26_u16.to_le_bytes())", || {
        client.write_all(&26_u16.to_le_bytes())
    })?;
    lab.call("client", "send(26 bytes)", || client.write_all(MESSAGE))?;
    let bytes = lab.call("server", "recv(2)", || read(server, 2))?.0;
    let length = BigEndian::read_u16(&bytes);
    lab.found("length, read as big-endian", u64::from(length));
    let asked = lab.ask(
        "What will the server do now?",
        &["take 26 bytes", "notice that it is wrong", "wait"],
    );
    let mut came = Vec::new();
    let end = loop {
        let n_missing = usize::from(length) - came.len();
        let call = format!("recv({n_missing})");
        match lab.call("server", call, || recv(server, n_missing)) {
            Ok(bytes) if bytes.is_empty() => break None,
            Ok(bytes) => came.extend(bytes),
            Err(error) => break Some(error),
        }
    };
    // ANCHOR_END: length
    let waited = end.is_some_and(|error| is_timeout(&error));
    lab.answer(asked, waited.then_some(2));
    lab.claim(
        length == 6656 && came == MESSAGE && waited,
        format!(
            "The message is there, whole, and the server waits for {} bytes \
             that nobody has. Without a timeout it would wait for ever.",
            grouped(u64::from(length) - came.len() as u64)
        ),
    );
    Ok(())
}
