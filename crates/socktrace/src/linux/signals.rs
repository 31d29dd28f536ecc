//! Signals to the watcher itself, as something to wait for beside everything else.

use std::fs;

use libc::pid_t;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::sys;

/// A process that has sent a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sender(pub(crate) pid_t);

/// A signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) signal: Signal,
    /// Nobody, if the terminal sent it: then the programs have it, too.
    pub(crate) sender: Option<Sender>,
}

/// What would end the watcher, or stop it, or tells of its children.
const AWAITED: [Signal; 7] = [
    Signal::SIGCHLD,
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGTSTP,
    Signal::SIGWINCH,
];

/// Takes these signals from now on, but for those that this program was started to
/// ignore, as `nohup` does.
pub(crate) fn listen() -> anyhow::Result<SignalFd> {
    let ignored = ignored();
    let is_awaited = |signal: &Signal| ignored & (1 << (*signal as u32 - 1)) == 0;
    let mut set: SigSet = AWAITED.into_iter().filter(is_awaited).collect();
    // Nobody is told of a child's stops while this is ignored, whether it is blocked or not.
    sys::set_ignored(libc::SIGCHLD, false)?;
    set.add(Signal::SIGCHLD);
    set.thread_block()?;
    // A trace that outgrows `ulimit -f` is a write that fails, and no more than that.
    SigSet::from(Signal::SIGXFSZ).thread_block()?;
    let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
    Ok(SignalFd::with_flags(&set, flags)?)
}

/// Takes what has come.
pub(crate) fn take(signals: &SignalFd) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    while let Ok(Some(info)) = signals.read_signal() {
        let number = info.ssi_signo.cast_signed();
        let Ok(signal) = Signal::try_from(number) else {
            continue;
        };
        arrivals.push(Arrival {
            signal,
            sender: (info.ssi_code != libc::SI_KERNEL)
                .then_some(Sender(info.ssi_pid.cast_signed())),
        });
    }
    arrivals
}

/// Ends this process by a signal, as a program under watch was ended. Comes back if that
/// signal ends nobody.
pub fn die_of(signal: u8) {
    // The program has left a core if one was wanted.
    let _ = prctl::set_dumpable(false);
    sys::raise_unhandled(signal.into());
}

/// The signals that this process ignores, a bit each.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let digits = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    digits
        .and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok())
        .unwrap_or(0)
}
