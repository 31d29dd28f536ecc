//! Ctrl-C and SIGTERM, the wish that a server stop.
//!
//! The same stands in `xtask` and `checker`: they link no crate of ours.

use std::io;

/// Calls `on_request` each time somebody wishes the program to stop: Ctrl-C on
/// every system, SIGTERM and SIGHUP on Unix.
///
/// SIGINT and SIGTERM are heeded even where the program was started with them
/// ignored, as a shell starts its background jobs. SIGHUP that was ignored at
/// the start stays ignored: that is what `nohup` is for. Where one can't tell
/// (outside Linux), SIGHUP does what the system gives it to do.
///
/// The callback runs on a thread of its own, not inside a signal handler, so it
/// may do what any code may.
///
/// # Errors
///
/// If the system refuses the handler or the thread.
#[cfg(unix)]
pub fn on_stop_request(
    mut on_request: impl FnMut() + Send + 'static,
) -> io::Result<()> {
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    if !hangup_is_ignored() {
        signals.add_signal(SIGHUP)?;
    }
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || signals.forever().for_each(|_| on_request()))?;
    Ok(())
}

/// Calls `on_request` each time somebody presses Ctrl-C, on a thread of its
/// own.
///
/// # Errors
///
/// If the system refuses the handler, or the program has one already.
#[cfg(not(unix))]
pub fn on_stop_request(
    on_request: impl FnMut() + Send + 'static,
) -> io::Result<()> {
    ctrlc::set_handler(on_request).map_err(io::Error::other)
}

/// True if SIGHUP is ignored, as `nohup` starts a program, or if there is no
/// telling. `/proc` tells (proc(5), `SigIgn`: a bit for each signal, the lowest
/// for signal 1); `sigaction`, which asks on every Unix, has no safe form.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status =
        std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask & 1 != 0)
}
