//! Addresses as people write them, and as programs read them.

use std::any::type_name;
use std::fmt::Display;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::str::FromStr;

use crate::lab::{Came, Lab};

/// What std reads in a text.
fn parse<T: FromStr<Err: Display> + Came>(
    lab: &mut Lab,
    text: &str,
) -> io::Result<T> {
    let name = type_name::<T>().rsplit("::").next().unwrap_or_default();
    lab.call("std", format!("parse::<{name}>({text:?})"), || {
        text.parse().map_err(|error: T::Err| {
            io::Error::new(io::ErrorKind::InvalidInput, error.to_string())
        })
    })
}

/// What the C library reads in it, which has never heard of a host by that
/// name.
fn getaddrinfo(lab: &mut Lab, text: &str) -> io::Result<IpAddr> {
    lab.call("C", format!("getaddrinfo({text:?})"), || {
        let mut addresses = (text, 0).to_socket_addrs()?;
        let first = addresses.next().ok_or(io::ErrorKind::NotFound)?;
        Ok(first.ip())
    })
}

pub(super) fn written(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("Addresses with a port, as std reads them.");
    let plain = parse::<SocketAddr>(lab, "127.0.0.1:80");
    let bracketed = parse::<SocketAddr>(lab, "[::1]:80");
    let bare = parse::<SocketAddr>(lab, "::1:80");
    let asked = lab.ask(
        "And what is ::1:80, if it is read as an address without a port?",
        &["an error", "::1, without the rest", "another address"],
    );
    let other = parse::<IpAddr>(lab, "::1:80");
    lab.answer(
        asked,
        match &other {
            Err(_) => 0,
            Ok(other) if *other == Ipv6Addr::LOCALHOST => 1,
            Ok(_) => 2,
        },
    );
    let port_in_it = Ipv6Addr::new(0, 0, 0, 0, 0, 0, 1, 0x80);
    lab.claim(
        plain.is_ok()
            && bracketed.is_ok()
            && bare.is_err()
            && other.is_ok_and(|other| other == port_in_it),
        "An IPv6 address needs its brackets before a port: without them the \
         port is read as its last 16 bits.",
    );

    lab.about("An IPv6 address has two more numbers: flow and scope.");
    // ANCHOR: flow
    let address = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 7, 2);
    let name = format!("an address of flow {}", address.flowinfo());
    lab.found(name, address.to_string());
    let read = parse::<SocketAddr>(lab, &address.to_string())?;
    // ANCHOR_END: flow
    let by_name = parse::<SocketAddr>(lab, "[fe80::1%eth0]:80");
    lab.claim(
        read != address.into() && by_name.is_err(),
        "The scope is printed, and read as a number only. The flow is not \
         printed: what was read back is another address.",
    );

    lab.about("One address may be written in several ways.");
    let long = parse::<IpAddr>(lab, "2001:DB8:0:0:0:0:0:1")?;
    let short = parse::<IpAddr>(lab, "2001:db8::1")?;
    let mapped = parse::<IpAddr>(lab, "::ffff:192.0.2.1")?;
    let version_4 = parse::<IpAddr>(lab, "192.0.2.1")?;
    lab.claim(
        long == short
            && mapped != version_4
            && mapped.to_canonical() == version_4,
        "Compare addresses, not texts. A mapped address is an IPv6 address, \
         and equal to the IPv4 address in it only after to_canonical().",
    );
    Ok(())
}

// ANCHOR: ambiguous
pub(super) fn ambiguous(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("Two old ways to write an IPv4 address.");
    let mut by_std = Vec::new();
    let mut by_c = Vec::new();
    for text in ["127.1", "010.0.0.1"] {
        by_std.extend(parse::<IpAddr>(lab, text).ok());
        by_c.extend(getaddrinfo(lab, text).ok());
    }
    // ANCHOR_END: ambiguous
    let takes_octal = by_c.contains(&IpAddr::from([8, 0, 0, 1]));
    lab.claim(
        by_std.is_empty(),
        match takes_octal {
            true => {
                "std refuses both. The C library takes them, and a leading 0 \
                 is octal to it: 010 is 8. A check that reads 10 lets 8 \
                 through."
            }
            false => {
                "std refuses both: other programs read them in different ways."
            }
        },
    );
    Ok(())
}
