//! What isn't a failure: there is nothing yet, or somebody interrupts.

use std::io;
use std::time::Duration;

use super::entry::Entry;
use super::failure;
use crate::lab::Lab;
use crate::tcp::{pair, recv};

pub(super) const ENTRIES: [Entry; 2] = [
    Entry {
        name: "EAGAIN",
        alias: Some("EWOULDBLOCK"),
        windows: ("WSAEWOULDBLOCK", 10035),
        cause: "The call would have to wait, and the socket is told not to.",
        cure: "No failure: wait until the socket is ready, and call again.",
        note: "EWOULDBLOCK is the same number on Linux and on macOS. A receive \
               whose timeout passes says ErrorKind::WouldBlock on Unix and \
               ErrorKind::TimedOut on Windows: expect both.",
        ways: &[nothing_there, timeout],
        needs_network: false,
    },
    Entry {
        name: "EINTR",
        alias: None,
        windows: ("WSAEINTR", 10004),
        cause: "A signal came while the call was waiting.",
        cure: "No failure: call again, as read_exact and write_all do.",
        note: "A handler may be set up with SA_RESTART, as this one is. Most \
               calls then go on by themselves. A receive with a timeout \
               doesn't (signal(7)), nor does epoll_wait.",
        ways: &[
            #[cfg(target_os = "linux")]
            signal,
        ],
        needs_network: false,
    },
];

fn nothing_there(lab: &mut Lab) -> anyhow::Result<io::Error> {
    let (client, _server) = pair()?;
    client.set_nonblocking(true)?;
    failure(lab.call("client", "recv(64)", || recv(&client, 64)))
}

const SHORT: Duration = Duration::from_millis(50);

fn timeout(lab: &mut Lab) -> anyhow::Result<io::Error> {
    lab.about(
        "The same of a socket that may wait, but not for long: a receive with \
         a timeout of 50 ms.",
    );
    let (client, _server) = pair()?;
    client.set_read_timeout(Some(SHORT))?;
    let asked = lab.ask(
        "What will recv(64) give?",
        &["0 bytes: nothing came", "EAGAIN", "ETIMEDOUT"],
    );
    let result = lab.call("client", "recv(64)", || recv(&client, 64));
    lab.answer(
        asked,
        match &result {
            Ok(bytes) if bytes.is_empty() => Some(0),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => Some(1),
                io::ErrorKind::TimedOut => Some(2),
                _ => None,
            },
            Ok(_) => None,
        },
    );
    failure(result)
}

#[cfg(target_os = "linux")]
fn signal(lab: &mut Lab) -> anyhow::Result<io::Error> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use nix::sys::signal::{SigEvent, SigevNotify, Signal};
    use nix::sys::timer::{Expiration, Timer, TimerSetTimeFlags};
    use nix::time::ClockId;
    use signal_hook::{consts::SIGALRM, flag, low_level};

    let (client, _server) = pair()?;
    // Without a handler, the signal would end this process.
    let handler = flag::register(SIGALRM, Arc::new(AtomicBool::new(false)))?;
    let event = SigEvent::new(SigevNotify::SigevSignal {
        signal: Signal::SIGALRM,
        si_value: 0,
    });
    let mut timer = Timer::new(ClockId::CLOCK_MONOTONIC, event)?;
    // Again and again, since the first may come before the call.
    let alarm = Expiration::Interval(SHORT.into());
    timer.set(alarm, TimerSetTimeFlags::empty())?;
    let result =
        lab.call("client", "recv(64), and an alarm", || recv(&client, 64));
    drop(timer);
    low_level::unregister(handler);
    failure(result)
}
