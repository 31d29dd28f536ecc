//! How many sockets a process may have open.

use std::io;

/// Raises this process's limit of open files as far as it may without privileges
/// (from the soft limit to the hard one), and returns the limit now in force.
///
/// Many systems start a process with a soft limit of 1024, kept low for programs
/// that use `select`; one that uses epoll or kqueue is free to raise it.
///
/// # Errors
///
/// As `setrlimit` gives them.
pub fn raise_descriptor_limit() -> io::Result<u64> {
    rlimit::increase_nofile_limit(u64::MAX)
}
