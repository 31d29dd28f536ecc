//! How many datagrams the kernel threw away, since a socket had no room.

use std::fs::{self, File};
use std::net::UdpSocket;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;

use anyhow::Context;

const TABLE: &str = "/proc/net/udp";
/// Its columns, as the kernel's `udp4_format_sock` writes them.
const INODE: usize = 9;
const DROPS: usize = 12;

/// The kernel's count for this IPv4 socket. The table names a socket by its
/// inode, which is one file's only.
///
/// # Errors
///
/// If the table can't be read, or has other columns.
pub(crate) fn count(socket: &UdpSocket) -> anyhow::Result<u64> {
    let file = File::from(OwnedFd::from(socket.try_clone()?));
    let inode = file.metadata()?.ino().to_string();
    let table = fs::read_to_string(TABLE)
        .with_context(|| format!("cannot read {TABLE}"))?;
    let rows = table.lines().map(|line| line.split_whitespace());
    let drops = rows
        .filter(|row| row.clone().nth(INODE) == Some(&inode))
        .find_map(|row| row.clone().nth(DROPS)?.parse().ok());
    drops.with_context(|| format!("this socket isn't in {TABLE}"))
}
