//! Ctrl-C and SIGTERM, as each program that starts others has to hear them.
//!
//! The same stands in `common` and `xtask`: this one links no crate of ours.

use std::io;
use std::sync::atomic::AtomicBool;

/// Set when the person at the terminal wants no more.
pub(crate) static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Calls `on_interrupt` each time somebody wishes this program to end, on a thread of
/// its own. SIGINT and SIGTERM are heeded even where they were ignored at the start,
/// as in a shell's background jobs; SIGHUP isn't, for that is what `nohup` is for.
#[cfg(unix)]
pub(crate) fn on_interrupt(mut on_interrupt: impl FnMut() + Send + 'static) -> io::Result<()> {
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    if !hangup_is_ignored() {
        signals.add_signal(SIGHUP)?;
    }
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || signals.forever().for_each(|_| on_interrupt()))?;
    Ok(())
}

/// Calls `on_interrupt` each time somebody presses Ctrl-C, on a thread of its own.
#[cfg(not(unix))]
pub(crate) fn on_interrupt(on_interrupt: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(on_interrupt).map_err(io::Error::other)
}

/// True if SIGHUP is ignored, or if there is no telling. `/proc` tells (proc(5),
/// `SigIgn`: the lowest bit is signal 1); `sigaction` has no safe form.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask & 1 != 0)
}
