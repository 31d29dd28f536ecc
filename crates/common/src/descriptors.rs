//! How many sockets a process may have open.

/// Raises this process's limit of open files as far as it may without
/// privileges (from the soft limit to the hard one), and returns the limit now
/// in force.
///
/// Many systems start a process with a soft limit of 1024, kept low for
/// programs that use `select`; one that uses epoll or kqueue is free to raise
/// it. If that fails, the program goes on with what it has, and this returns
/// 256: the least that systems start a process with.
pub fn raise_descriptor_limit() -> usize {
    const LEAST: u64 = 256;
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(LEAST);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// The standard streams, the event loop's own descriptors, and some to spare.
const RESERVED: usize = 10;

/// Raises the limit of open files, and returns how many connections a client
/// may then have open at once: one at least.
pub fn connection_limit() -> usize {
    raise_descriptor_limit().saturating_sub(RESERVED).max(1)
}
