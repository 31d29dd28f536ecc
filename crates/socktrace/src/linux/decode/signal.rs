//! Signals by name.

use super::number::{Names, name, names};

/// The signal with this number.
pub(crate) fn signal(number: i32) -> String {
    if let Some(name) = name(SIGNALS, number.into()) {
        return name.to_owned();
    }
    let first = libc::SIGRTMIN();
    match number - first {
        0 => "SIGRTMIN".to_owned(),
        after if after > 0 && number <= libc::SIGRTMAX() => format!("SIGRTMIN+{after}"),
        // The C library keeps a few real-time signals to itself, below the first.
        _ => format!("signal {number}"),
    }
}

#[rustfmt::skip]
const SIGNALS: Names = names! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV
    SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN
    SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names() {
        assert_eq!(signal(libc::SIGTERM), "SIGTERM");
        assert_eq!(signal(libc::SIGRTMIN()), "SIGRTMIN");
        assert_eq!(signal(libc::SIGRTMIN() + 3), "SIGRTMIN+3");
        assert_eq!(
            signal(libc::SIGRTMIN() - 1),
            format!("signal {}", libc::SIGRTMIN() - 1)
        );
        assert_eq!(signal(i32::MAX), "signal 2147483647");
        assert_eq!(signal(i32::MIN + 100), "signal -2147483548");
    }

    #[test]
    fn none_is_left_out() {
        let without = (1..32).filter(|number| signal(*number).contains(' '));
        assert_eq!(without.count(), 0);
    }
}
