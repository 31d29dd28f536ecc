//! What this program was started with, noted before `main`: Rust's runtime ignores SIGPIPE,
//! and opens `/dev/null` where standard input, output or error were closed.

use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use libc::c_int;

use super::check;

/// Signals that are not ignored any more, or only now: Rust's runtime changes the first, and
/// we the second. The two others are the C library's own; its `posix_spawn`, by which `std`
/// starts a program, ignores them.
pub(crate) const CHANGED: [c_int; 4] = [libc::SIGPIPE, libc::SIGCHLD, 32, 33];

/// A bit for each: a descriptor that was closed, a signal that was ignored or blocked (as
/// in `/proc/PID/status`, SIGHUP in the lowest).
static CLOSED: AtomicU64 = AtomicU64::new(0);
static IGNORED: AtomicU64 = AtomicU64::new(0);
static BLOCKED: AtomicU64 = AtomicU64::new(0);

/// How the kernel takes what becomes of a signal (`struct kernel_sigaction`): the handler,
/// flags, the way back, and a mask.
type Action = [usize; 4];

/// The kernel's signal masks have 64 bits.
const MASK_SIZE: usize = 8;

// SAFETY: the C library calls what stands there once, before `main`, while no other
// thread is there. The function takes no arguments and looks at none.
#[used]
#[unsafe(link_section = ".init_array")]
static NOTE: extern "C" fn() = note;

extern "C" fn note() {
    for descriptor in 0..3 {
        // SAFETY: takes numbers only.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } == -1 {
            CLOSED.fetch_or(1 << descriptor, Ordering::Relaxed);
        }
    }
    for signal in CHANGED {
        let mut action: Action = [0; 4];
        // SAFETY: the kernel writes an action.
        unsafe {
            let no_action = ptr::null::<Action>();
            let action = action.as_mut_ptr();
            libc::syscall(libc::SYS_rt_sigaction, signal, no_action, action, MASK_SIZE);
        }
        if action[0] == libc::SIG_IGN {
            IGNORED.fetch_or(1 << (signal - 1), Ordering::Relaxed);
        }
    }
    let mut mask = 0_u64;
    // SAFETY: the kernel writes a mask.
    unsafe {
        let (how, no_mask) = (libc::SIG_BLOCK, ptr::null::<u64>());
        let mask = &raw mut mask;
        libc::syscall(libc::SYS_rt_sigprocmask, how, no_mask, mask, MASK_SIZE);
    }
    BLOCKED.store(mask, Ordering::Relaxed);
}

/// Which of the standard descriptors were closed, which of [`CHANGED`] were ignored, and
/// which signals were blocked, when this program was started.
pub(crate) fn at_start() -> [u64; 3] {
    [&CLOSED, &IGNORED, &BLOCKED].map(|it| it.load(Ordering::Relaxed))
}

/// Has a signal of [`CHANGED`] ignored, or do what it does by default. The C library lets
/// nobody say so of its own two; the kernel does.
pub(crate) fn set_ignored(signal: c_int, is_ignored: bool) -> std::io::Result<()> {
    let handler = if is_ignored {
        libc::SIG_IGN
    } else {
        libc::SIG_DFL
    };
    let action: Action = [handler, 0, 0, 0];
    // SAFETY: the kernel reads an action, whose handler isn't a function.
    let result = unsafe {
        let no_action = ptr::null_mut::<Action>();
        let action = action.as_ptr();
        libc::syscall(libc::SYS_rt_sigaction, signal, action, no_action, MASK_SIZE)
    };
    check(result)
}

/// Blocks these signals and no others.
pub(crate) fn block_only(mask: u64) -> std::io::Result<()> {
    // SAFETY: the kernel reads a mask.
    let result = unsafe {
        let (how, no_mask) = (libc::SIG_SETMASK, ptr::null_mut::<u64>());
        let mask = &raw const mask;
        libc::syscall(libc::SYS_rt_sigprocmask, how, mask, no_mask, MASK_SIZE)
    };
    check(result)
}
