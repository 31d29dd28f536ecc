//! Memory for tests.

use std::collections::BTreeMap;
use std::net::{SocketAddrV4, SocketAddrV6};

use super::memory::Memory;

/// Areas by their addresses. An area ends where nothing is mapped.
#[derive(Debug, Clone, Default)]
pub(super) struct Fake(BTreeMap<u64, Vec<u8>>);

impl Fake {
    /// The same, and `bytes` at `address`.
    pub(super) fn with(mut self, address: u64, bytes: &[u8]) -> Self {
        self.0.insert(address, bytes.to_vec());
        self
    }
}

impl Memory for Fake {
    fn read(&self, address: u64, length: usize) -> Vec<u8> {
        // Whatever a program says, nobody asks for more than this at a time.
        assert!(length <= 64 << 10, "{length} bytes are asked for");
        let Some((start, bytes)) = self.0.range(..=address).next_back() else {
            return Vec::new();
        };
        let offset = usize::try_from(address - start).unwrap();
        let bytes = bytes.get(offset..).unwrap_or_default();
        bytes[..bytes.len().min(length)].to_vec()
    }
}

/// The bytes of numbers, one after the other.
pub(super) fn words(numbers: &[u64]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_ne_bytes())
        .collect()
}

/// See [`words`].
pub(super) fn ints(numbers: &[i32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_ne_bytes())
        .collect()
}

/// A `sockaddr_in`.
pub(super) fn ipv4(address: &str) -> Vec<u8> {
    let address: SocketAddrV4 = address.parse().unwrap();
    let mut bytes = family(libc::AF_INET);
    bytes.extend(address.port().to_be_bytes());
    bytes.extend(address.ip().octets());
    bytes.extend([0; 8]);
    bytes
}

/// A `sockaddr_in6`.
pub(super) fn ipv6(address: &str, scope: u32) -> Vec<u8> {
    let address: SocketAddrV6 = address.parse().unwrap();
    let mut bytes = family(libc::AF_INET6);
    bytes.extend(address.port().to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(address.ip().octets());
    bytes.extend(scope.to_ne_bytes());
    bytes
}

/// A `sockaddr_un` that ends behind `path`.
pub(super) fn unix(path: &[u8]) -> Vec<u8> {
    let mut bytes = family(libc::AF_UNIX);
    bytes.extend(path);
    bytes
}

fn family(family: i32) -> Vec<u8> {
    u16::try_from(family).unwrap().to_ne_bytes().to_vec()
}
