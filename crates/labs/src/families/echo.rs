//! The same few lines, with an address of any family.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

use socket2::{SockAddr, Socket, Type};

use crate::lab::Lab;

const MESSAGE: &[u8] = b"Hello.";

// ANCHOR: echo
/// A server at this address, a client, and a message there and back.
pub(super) fn echo(
    lab: &mut Lab,
    name: &str,
    address: &SockAddr,
) -> io::Result<Vec<u8>> {
    let listener = listen(lab, name, address)?;
    let address = listener.local_addr()?;
    let client = Socket::new(address.domain(), Type::STREAM, None)?;
    lab.call("client", "connect(there)", || client.connect(&address))?;
    let (server, _) = lab.call("server", "accept()", || listener.accept())?;
    lab.call("both", "send, recv, send back, recv", || {
        (&client).write_all(MESSAGE)?;
        let mut buffer = [0; MESSAGE.len()];
        (&server).read_exact(&mut buffer)?;
        (&server).write_all(&buffer)?;
        (&client).read_exact(&mut buffer)?;
        Ok(buffer.to_vec())
    })
}
// ANCHOR_END: echo

/// A listener at this address.
pub(super) fn listen(
    lab: &mut Lab,
    name: &str,
    address: &SockAddr,
) -> io::Result<Socket> {
    let listener = Socket::new(address.domain(), Type::STREAM, None)?;
    let call = format!("bind({name})");
    lab.call("server", call, || listener.bind(address))?;
    listener.listen(1)?;
    Ok(listener)
}

/// What the calls are really given: a structure of the family's own.
pub(super) fn tell_structure(lab: &mut Lab, address: &SockAddr) {
    lab.found(
        "the address, as the kernel gets it",
        format!("family {}, {} bytes", address.family(), address.len()),
    );
}

pub(super) fn over_ip(lab: &mut Lab, has_ipv6: bool) -> anyhow::Result<()> {
    lab.about("An echo over IPv4.");
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let came = over(lab, &address)?;
    lab.claim(came == MESSAGE, "The message came back over IPv4.");
    if has_ipv6 {
        lab.about("An echo over IPv6.");
        let address = (Ipv6Addr::LOCALHOST, 0).into();
        let came = over(lab, &address)?;
        lab.claim(came == MESSAGE, "The message came back over IPv6.");
    }
    Ok(())
}

fn over(
    lab: &mut Lab,
    address: &std::net::SocketAddr,
) -> anyhow::Result<Vec<u8>> {
    let name = address.to_string();
    let address = SockAddr::from(*address);
    tell_structure(lab, &address);
    Ok(echo(lab, &name, &address)?)
}
