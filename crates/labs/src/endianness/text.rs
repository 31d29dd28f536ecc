//! Text has byte orders, too, if its characters take more than one byte.

use std::io::Write;
use std::net::TcpStream;

use byteorder::{BigEndian, ByteOrder, LittleEndian};

use super::read;
use crate::lab::Lab;

const TEXT: &str = "Hi";

pub(super) fn sent(
    lab: &mut Lab,
    mut client: &TcpStream,
    server: &TcpStream,
) -> anyhow::Result<()> {
    lab.about(
        "The text \"Hi\" in UTF-16, which has two bytes for each of these \
         characters.",
    );
    let units: Vec<u16> = TEXT.encode_utf16().collect();
    let mut bytes = vec![0; units.len() * 2];
    BigEndian::write_u16_into(&units, &mut bytes);
    lab.call("client", "send(\"Hi\" in UTF-16, big-endian)", || {
        client.write_all(&bytes)
    })?;
    let size = bytes.len();
    let came = lab.call("server", "recv(4)", || read(server, size))?.0;
    let right = decode::<BigEndian>(&came);
    let wrong = decode::<LittleEndian>(&came);
    lab.found("read as big-endian", &*right);
    lab.found("read as little-endian", &*wrong);
    lab.claim(
        right == TEXT && wrong.chars().all(is_chinese),
        "A wrong guess makes Chinese of English, and no call fails.",
    );

    lab.about("In UTF-8, a character is a row of single bytes.");
    lab.call("client", "send(\"Hi\" in UTF-8)", || {
        client.write_all(TEXT.as_bytes())
    })?;
    let came = lab
        .call("server", "recv(2)", || read(server, TEXT.len()))?
        .0;
    lab.claim(
        came == TEXT.as_bytes(),
        "Single bytes have no order to mistake.",
    );
    Ok(())
}

/// In the blocks of Unicode that are called CJK ideographs.
fn is_chinese(character: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&character)
}

fn decode<Order: ByteOrder>(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(Order::read_u16);
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}
