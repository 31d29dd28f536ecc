//! Which calls are of interest: those about sockets, and those that ask about some.

use libc::pid_t;

use crate::kind::Kind;
use crate::linux::decode::Syscall;
use crate::linux::kernel::socket_key;
use crate::linux::memory::ThreadMemory;
use crate::linux::process;
use crate::linux::sys::Entry;

/// True if a call concerns sockets; `is_socket`, if the descriptor that it is about is one.
pub(super) fn concerns_sockets(
    thread: pid_t,
    syscall: Syscall,
    kind: Kind,
    entry: &Entry,
    is_socket: bool,
) -> bool {
    match kind {
        Kind::Readiness => syscall.asks_a_set() || asks_about_sockets(thread, syscall, entry),
        Kind::Interest => is_socket,
        Kind::Close if !is_socket && syscall.name() == "close_range" => {
            has_sockets_between(thread, entry)
        }
        _ if syscall.name() == "fcntl" && is_about_exec(entry) => false,
        _ => is_socket || !syscall.is_for_any_file(),
    }
}

fn asks_about_sockets(thread: pid_t, syscall: Syscall, entry: &Entry) -> bool {
    let asked = syscall.asked(&entry.arguments, &ThreadMemory(thread));
    let mut descriptors = asked.into_iter();
    descriptors.any(|descriptor| socket_key(thread, descriptor).is_some())
}

/// True if `close_range` closes a socket.
fn has_sockets_between(thread: pid_t, entry: &Entry) -> bool {
    let [first, last, ..] = entry.arguments;
    let mut open = process::descriptors(thread).into_iter();
    open.any(|descriptor| {
        u64::try_from(descriptor).is_ok_and(|number| (first..=last).contains(&number))
            && socket_key(thread, descriptor).is_some()
    })
}

/// True if `fcntl` is about what a descriptor does at an exec, and not about the socket:
/// Rust's std asks before each close, in debug builds.
fn is_about_exec(entry: &Entry) -> bool {
    let commands = [libc::F_GETFD, libc::F_SETFD];
    let command = i32::try_from(entry.arguments[1]);
    command.is_ok_and(|command| commands.contains(&command))
}
