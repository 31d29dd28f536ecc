//! Two hosts on one machine, without root: is that possible here?
//!
//! A namespace by itself proves little: where a security policy takes the
//! rights away that come with it, the first step works and the second fails. So
//! all is done that the experiments do, by what they do it with.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, ensure};

use super::namespace;
use super::two_hosts::{FAR, TwoHosts};
use crate::tcp::TIMEOUT;

const MESSAGE: &[u8] = b"from one host to another";

/// Makes two hosts, connects them, and sends something there and back.
///
/// # Errors
///
/// Which step fails, why, and what to do about it.
pub(crate) fn probe() -> anyhow::Result<()> {
    namespace::enter()?;
    let listener = listen(Ipv4Addr::LOCALHOST)?;
    exchange(&listener).context("no way through the loopback")?;

    let TwoHosts { near, far } = TwoHosts::new()?;
    let listener = far.run(|| listen(FAR))?;
    near.run(|| exchange(&listener))
        .context("no way through a veth pair")
}

fn listen(address: Ipv4Addr) -> anyhow::Result<TcpListener> {
    TcpListener::bind((address, 0))
        .with_context(|| format!("cannot listen on {address}"))
}

/// Connects to the listener, from wherever this thread is, and sends something
/// there and back.
fn exchange(listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let mut client = TcpStream::connect_timeout(&address, TIMEOUT)?;
    // Whoever is connected waits to be accepted.
    let (mut server, _) = listener.accept()?;
    let mut came = [0; MESSAGE.len()];
    for there in [true, false] {
        let (from, to) = match there {
            true => (&mut client, &mut server),
            false => (&mut server, &mut client),
        };
        to.set_read_timeout(Some(TIMEOUT))?;
        from.write_all(MESSAGE)?;
        to.read_exact(&mut came)?;
        ensure!(came == MESSAGE, "it isn't what was sent");
    }
    Ok(())
}
