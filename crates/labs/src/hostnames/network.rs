//! A network with its own names: the resolver is the system's, but the files
//! that it reads are this lab's, and so is the only name server.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use anyhow::Context;

use crate::linux::mounts::cover;
use crate::linux::namespace::{self, ip};

/// This host, on the wire.
pub(super) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// Nobody on the wire.
const NOBODY: IpAddr =
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9));

pub(super) const SERVER: &str = "server.example";
/// In the order in which they stand in the file.
pub(super) const ADDRESSES: [IpAddr; 3] =
    [HERE, IpAddr::V4(Ipv4Addr::LOCALHOST), NOBODY];

pub(super) const NAME_SERVER: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 53);

/// Takes this process into that network.
///
/// # Errors
///
/// If the system doesn't allow it.
pub(super) fn enter() -> anyhow::Result<()> {
    namespace::enter()?;
    // A wire whose other end is this host again: there is nobody else on it.
    for words in [
        "link add wire type veth peer name far",
        "link set wire up",
        "link set far up",
        "address add 192.0.2.1/24 dev wire",
        "address add 2001:db8::1/64 dev wire nodad",
    ] {
        ip(words)?;
    }
    // Only this process sees what now lies in there.
    cover("/etc")?;
    // A cache of names would answer for the files.
    for folder in ["/run/nscd", "/var/run/nscd"] {
        if Path::new(folder).exists() {
            cover(folder)?;
        }
    }
    let mut hosts = "127.0.0.1 localhost\n::1 localhost\n".to_owned();
    for address in ADDRESSES {
        hosts += &format!("{address} {SERVER}\n");
    }
    // ANCHOR: files
    let (server, _) = NAME_SERVER;
    let files = [
        ("/etc/hosts", hosts),
        // First the file above, then the name servers.
        ("/etc/nsswitch.conf", "hosts: files dns\n".to_owned()),
        (
            "/etc/resolv.conf",
            format!("nameserver {server}\noptions timeout:1 attempts:1\n"),
        ),
        // All lines of a name, not only the first.
        ("/etc/host.conf", "multi on\n".to_owned()),
    ];
    // ANCHOR_END: files
    for (path, text) in files {
        fs::write(path, text)
            .with_context(|| format!("cannot write {path}"))?;
    }
    Ok(())
}
