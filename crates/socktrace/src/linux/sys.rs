//! The system calls that have no safe wrapper: the only unsafe code of this crate.
//!
//! - `waitpid` and restarts with any signal: nix knows no real-time signals, answers
//!   EINVAL for a stop by one, and the stop is lost.
//! - `PTRACE_LISTEN` and `PTRACE_GET_SYSCALL_INFO` as plain numbers, on every libc.
//! - A signal's default effect on ourselves: Rust ignores SIGPIPE and handles SIGSEGV, and
//!   nix knows no real-time signals here either.
//! - What this program was started with, before Rust's runtime changes it.
//! - seccomp, TCP_INFO and SIOCOUTQ, which neither nix nor rustix has.
#![expect(unsafe_code, reason = "what has no safe form, as told above")]

mod start;

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use libc::{c_int, c_long, c_void, pid_t, sock_filter, sock_fprog};

pub(crate) use start::{CHANGED, at_start, block_only, set_ignored};

/// How a stopped thread goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restart {
    /// Until something that is asked for by an option happens.
    Continue,
    /// Until that, or to the next entry or exit of a system call.
    ToSyscall,
    /// Not at all, but it may be woken by SIGCONT (`PTRACE_LISTEN`).
    Listen,
}

/// What `PTRACE_GET_SYSCALL_INFO` says of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyscallStop {
    /// Before a call; also where the seccomp filter stopped it.
    Entry(Entry),
    /// After it: its result, or an error as a negative number.
    Exit(i64),
    /// Not at a system call.
    None,
}

/// A system call that is about to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Whose numbers these are (`AUDIT_ARCH_...`).
    pub(crate) architecture: u32,
    pub(crate) number: u64,
    pub(crate) arguments: [u64; 6],
}

/// Takes the next change of any child or watched thread, or of a certain one, if there is
/// one. The status is as `waitpid` has it.
pub(crate) fn wait(thread: Option<pid_t>) -> io::Result<Option<(pid_t, c_int)>> {
    const ANY: pid_t = -1;
    let mut status = 0;
    let flags = libc::__WALL | libc::WNOHANG;
    // SAFETY: `status` is writable while the call lasts.
    let pid = unsafe { libc::waitpid(thread.unwrap_or(ANY), &raw mut status, flags) };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        pid => Ok(Some((pid, status))),
    }
}

/// Lets a stopped thread go on, with `signal` if that isn't 0.
pub(crate) fn restart(thread: pid_t, how: Restart, signal: c_int) -> io::Result<()> {
    let request = match how {
        Restart::Continue => libc::PTRACE_CONT,
        Restart::ToSyscall => libc::PTRACE_SYSCALL,
        Restart::Listen => libc::PTRACE_LISTEN,
    };
    let signal = usize::try_from(signal).expect("signals are positive");
    let no_address = ptr::null_mut::<c_void>();
    // SAFETY: these requests take a number where others take an address, and touch no
    // memory of ours.
    let result = unsafe {
        libc::ptrace(
            request,
            thread,
            no_address,
            ptr::without_provenance::<c_void>(signal),
        )
    };
    check(result)
}

/// Says whether a stopped thread is before or after a system call.
pub(crate) fn syscall_stop(thread: pid_t) -> io::Result<SyscallStop> {
    // `struct ptrace_syscall_info`, as words: the kind in the lowest byte of the first and
    // the architecture in its upper half, then two addresses, then what depends on the kind.
    let mut words = [0_u64; 11];
    // SAFETY: the kernel writes at most as many bytes as it is told, all within `words`.
    let result = unsafe {
        libc::ptrace(
            libc::PTRACE_GET_SYSCALL_INFO,
            thread,
            size_of_val(&words),
            words.as_mut_ptr(),
        )
    };
    check(result)?;
    let kind = words[0].to_le_bytes()[0];
    Ok(match kind {
        libc::PTRACE_SYSCALL_INFO_ENTRY | libc::PTRACE_SYSCALL_INFO_SECCOMP => {
            let arguments = words[4..10].try_into().expect("six words");
            SyscallStop::Entry(Entry {
                architecture: u32::try_from(words[0] >> 32).expect("half a word"),
                number: words[3],
                arguments,
            })
        }
        libc::PTRACE_SYSCALL_INFO_EXIT => SyscallStop::Exit(words[3].cast_signed()),
        _ => SyscallStop::None,
    })
}

/// Who has sent the signal that a thread is stopped by; `None` if it was no process.
pub(crate) fn sender(thread: pid_t) -> Option<pid_t> {
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    let no_address = ptr::null_mut::<c_void>();
    // SAFETY: the kernel writes a `siginfo_t`.
    let result = unsafe {
        libc::ptrace(
            libc::PTRACE_GETSIGINFO,
            thread,
            no_address,
            info.as_mut_ptr(),
        )
    };
    check(result).ok()?;
    // SAFETY: it is made of numbers and addresses, for which zeroes are values; where the
    // code says that it comes from a process, the id of that stands in its place.
    unsafe {
        let info = info.assume_init();
        (info.si_code <= libc::SI_USER).then(|| info.si_pid())
    }
}

/// Puts a filter on this process and on all that it becomes or starts.
pub(crate) fn install_filter(program: &[sock_filter]) -> io::Result<()> {
    match set_filter(program) {
        // Only who may do anything installs a filter without giving up set-user-ID.
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
            // SAFETY: takes numbers only.
            let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
            check(result.into())?;
            set_filter(program)
        }
        result => result,
    }
}

fn set_filter(program: &[sock_filter]) -> io::Result<()> {
    let program = sock_fprog {
        len: u16::try_from(program.len()).expect("a short program"),
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel reads `len` instructions from `filter`, and writes nothing.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0,
            &raw const program,
        )
    };
    check(result)
}

/// Sends a signal to this process, and lets nothing keep it from what it does by default.
pub(crate) fn raise_unhandled(signal: c_int) {
    let mut set = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: no handler of ours is installed, and `sigemptyset` makes `set` one. Should
    // one of these fail, the signal does less, or nothing.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), ptr::null_mut());
        libc::raise(signal);
    }
}

/// What the kernel knows of a TCP socket (tcp(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TcpInfo {
    /// As in `/proc/net/tcp`: 1 is ESTABLISHED.
    pub(crate) state: u8,
    /// Of a listener: how many connections wait to be accepted.
    pub(crate) waiting: u32,
    /// Of a listener: how many may.
    pub(crate) backlog: u32,
}

pub(crate) fn tcp_info(socket: BorrowedFd<'_>) -> io::Result<TcpInfo> {
    let mut info = std::mem::MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).expect("small");
    // SAFETY: the kernel writes at most `length` bytes, all within `info`.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    check(result.into())?;
    // SAFETY: it is made of numbers, for which zeroes are values.
    let info = unsafe { info.assume_init() };
    Ok(TcpInfo {
        state: info.tcpi_state,
        waiting: info.tcpi_unacked,
        backlog: info.tcpi_sacked,
    })
}

/// How many bytes a socket has sent that the other end hasn't confirmed (SIOCOUTQ).
pub(crate) fn send_queue(socket: BorrowedFd<'_>) -> io::Result<u64> {
    let mut bytes: c_int = 0;
    // SAFETY: the kernel writes an int.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    check(result.into())?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

fn check(result: c_long) -> io::Result<()> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
