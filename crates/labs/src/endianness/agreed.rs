//! Whoever names the order is understood in either.

use std::io::Write;
use std::net::TcpStream;

use anyhow::bail;
use byteorder::{BigEndian, ByteOrder, LittleEndian};

use super::read;
use crate::lab::Lab;

const NUMBERS: [u32; 2] = [1, 2];
/// What the header says, in six characters.
const BIG: &[u8] = b"big   ";
const LITTLE: &[u8] = b"little";

pub(super) fn numbers(
    lab: &mut Lab,
    client: &TcpStream,
    server: &TcpStream,
) -> anyhow::Result<()> {
    lab.about(
        "The other way: each sends in its own order, and says which, as the \
         header of our protocol does. First a big-endian machine's bytes, then \
         a little-endian one's.",
    );
    let mut totals = Vec::new();
    for order in [BIG, LITTLE] {
        totals.push(sum(lab, client, server, order)?);
    }
    lab.claim(
        totals == [3, 3],
        "The bytes differ, and the sum is 3 both times.",
    );
    Ok(())
}

/// Sends the numbers as a machine of that order does, and adds them as the
/// server does.
fn sum(
    lab: &mut Lab,
    mut client: &TcpStream,
    server: &TcpStream,
    order: &[u8],
) -> anyhow::Result<u32> {
    let name = str::from_utf8(order).expect("a word of ours").trim();
    let write = match order {
        BIG => BigEndian::write_u32_into,
        _ => LittleEndian::write_u32_into,
    };
    let mut numbers = [0; size_of_val(&NUMBERS)];
    write(&NUMBERS, &mut numbers);
    lab.call("client", format!("send({name:?}, 1, 2)"), || {
        client.write_all(&[order, &numbers].concat())
    })?;
    // ANCHOR: named
    let order = read(server, order.len())?.0;
    let name = String::from_utf8_lossy(&order);
    let call = format!("{:?}, recv(8)", name.trim());
    let numbers = lab.call("server", call, || read(server, numbers.len()))?;
    let read_number = match &*order {
        BIG => BigEndian::read_u32,
        LITTLE => LittleEndian::read_u32,
        _ => bail!("{name:?} is not the name of an order"),
    };
    let total = numbers.0.chunks_exact(4).map(read_number).sum();
    // ANCHOR_END: named
    lab.found("sum", u64::from(total));
    Ok(total)
}
