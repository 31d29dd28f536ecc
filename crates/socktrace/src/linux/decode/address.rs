//! Addresses of sockets.

use std::mem::offset_of;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};

use common::Printable;

use super::memory::{Memory, array_at, u16_at, u32_at};
use super::names::FAMILIES;
use super::number::name;

/// No address is longer.
pub(super) const MAX_ADDRESS: usize = size_of::<libc::sockaddr_storage>();

/// The address of `length` bytes at `place`; none if it can't be read.
pub(super) fn address(memory: &dyn Memory, place: u64, length: u64) -> Option<String> {
    let bytes = memory.at_most(place, length, MAX_ADDRESS);
    let is_whole =
        u64::try_from(bytes.len()).is_ok_and(|read| read == length) || bytes.len() == MAX_ADDRESS;
    (is_whole && place != 0).then(|| shown(&bytes))
}

/// The address that the kernel wrote. It says how long the address is, even if the
/// program had room for less. A stream has none to tell when it receives: its length is 0.
pub(super) fn written_address(
    memory: &dyn Memory,
    place: u64,
    length: u32,
    room: u64,
) -> Option<String> {
    let length = u64::from(length).min(room);
    let most = u64::try_from(MAX_ADDRESS).expect("a few bytes");
    let is_there = place != 0 && length > 0;
    is_there.then(|| address(memory, place, length.min(most)))?
}

/// The address that these bytes are, "127.0.0.1:65432"; what they have of one, if they
/// are too few.
pub(super) fn shown(bytes: &[u8]) -> String {
    let Some(family) = u16_at(bytes, 0) else {
        return format!("{} bytes", bytes.len());
    };
    let family = i32::from(family);
    let address = match family {
        libc::AF_INET => ipv4(bytes),
        libc::AF_INET6 => ipv6(bytes),
        libc::AF_UNIX => Some(unix(bytes)),
        _ => Some(family_name(family)),
    };
    address.unwrap_or_else(|| format!("{} of {} bytes", family_name(family), bytes.len()))
}

fn family_name(family: i32) -> String {
    let name = name(FAMILIES, family.into()).map(str::to_owned);
    name.unwrap_or_else(|| format!("family {family}"))
}

fn ipv4(bytes: &[u8]) -> Option<String> {
    let port = array_at(bytes, offset_of!(libc::sockaddr_in, sin_port))?;
    let ip: [u8; 4] = array_at(bytes, offset_of!(libc::sockaddr_in, sin_addr))?;
    let address = SocketAddrV4::new(Ipv4Addr::from(ip), u16::from_be_bytes(port));
    Some(address.to_string())
}

fn ipv6(bytes: &[u8]) -> Option<String> {
    let port = array_at(bytes, offset_of!(libc::sockaddr_in6, sin6_port))?;
    let ip: [u8; 16] = array_at(bytes, offset_of!(libc::sockaddr_in6, sin6_addr))?;
    // The kernel takes an address without its scope, too.
    let scope = u32_at(bytes, offset_of!(libc::sockaddr_in6, sin6_scope_id)).unwrap_or(0);
    let port = u16::from_be_bytes(port);
    let address = SocketAddrV6::new(Ipv6Addr::from(ip), port, 0, scope);
    Some(address.to_string())
}

/// A path ends at a zero byte; an abstract name begins with one, and is as long as the
/// address; without either, the socket has no name.
fn unix(bytes: &[u8]) -> String {
    let path = bytes
        .get(offset_of!(libc::sockaddr_un, sun_path)..)
        .unwrap_or_default();
    let (mark, name) = match path {
        [0, name @ ..] => ("@", name),
        path => ("", path.split(|byte| *byte == 0).next().unwrap_or_default()),
    };
    format!("unix:{mark}{}", Printable::whole(name).without_quotes())
}

#[cfg(test)]
mod tests {
    use super::super::fake::{Fake, ipv4, ipv6, unix};
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(shown(bytes), expected);
    }

    fn of_family(family: i32) -> Vec<u8> {
        let mut bytes = u16::try_from(family).unwrap().to_ne_bytes().to_vec();
        bytes.resize(16, 0xff);
        bytes
    }

    #[test]
    fn each_family_has_its_way() {
        check(&ipv4("127.0.0.1:65432"), "127.0.0.1:65432");
        check(&ipv6("[::1]:65432", 0), "[::1]:65432");
        check(&ipv6("[fe80::1]:1", 2), "[fe80::1%2]:1");
        check(&unix(b"/tmp/socket\0"), "unix:/tmp/socket");
        check(&unix(b"/tmp/socket"), "unix:/tmp/socket");
        check(&unix(b"\0name"), "unix:@name");
        check(&unix(b""), "unix:");
        check(&of_family(libc::AF_UNSPEC), "AF_UNSPEC");
        check(&of_family(libc::AF_NETLINK), "AF_NETLINK");
        check(&of_family(libc::AF_VSOCK), "AF_VSOCK");
        check(&of_family(999), "family 999");
    }

    #[test]
    fn a_name_plays_no_tricks() {
        check(&unix(b"\0a\0b\x1b[31m"), "unix:@a\\0b\\u{1b}[31m");
        check(&unix(b"/\xff"), "unix:/\\xff");
    }

    #[test]
    fn addresses_may_be_cut_anywhere() {
        check(&[], "0 bytes");
        check(&[2], "1 bytes");
        check(&ipv4("127.0.0.1:1")[..7], "AF_INET of 7 bytes");
        check(&ipv6("[::1]:1", 7)[..23], "AF_INET6 of 23 bytes");
        check(&ipv6("[::1]:1", 7)[..24], "[::1]:1");
        for whole in [ipv4("1.2.3.4:5"), ipv6("[::1]:1", 7), unix(b"\0name")] {
            for length in 0..whole.len() {
                shown(&whole[..length]);
            }
        }
    }

    #[test]
    fn a_length_is_only_a_word() {
        let mut long = ipv4("127.0.0.1:1");
        long.resize(MAX_ADDRESS, 0);
        let memory = Fake::default().with(0x1000, &long);
        let at = |place, length| address(&memory, place, length);
        assert_eq!(at(0x1000, u64::MAX).as_deref(), Some("127.0.0.1:1"));
        assert_eq!(at(0x1000, 16).as_deref(), Some("127.0.0.1:1"));
        assert_eq!(at(0x1000, 0).as_deref(), Some("0 bytes"));
        assert_eq!(at(0, 16), None);
        assert_eq!(at(0x1000 + 120, 16), None);
        assert_eq!(at(u64::MAX, u64::MAX), None);
    }
}
