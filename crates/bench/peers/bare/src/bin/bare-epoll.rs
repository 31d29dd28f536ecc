//! An echo on bare epoll: one read, one write, and nothing that makes it safe.
//!
//! It is the floor of readiness: no server that waits for readiness can do with fewer
//! system calls for a message. What the system doesn't take of a write is lost, so
//! nobody can stream to it, and nobody should serve anybody with it.
#![allow(unsafe_code, reason = "epoll without a library has no safe form")]

use std::process::ExitCode;

fn main() -> ExitCode {
    common::exit_code(run())
}

#[cfg(not(target_os = "linux"))]
fn run() -> anyhow::Result<()> {
    anyhow::bail!("there is no epoll here; use Linux")
}

#[cfg(target_os = "linux")]
use linux::run;

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{self, Read, Write};
    use std::net::TcpListener;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    use common::ServerArgs;
    use slab::Slab;

    /// As much as our own server reads at once.
    const READ_SIZE: usize = 128 * 1024;
    const MAX_EVENTS: i32 = 1024;
    /// Marks events of the listener, among those of the connections, which count up
    /// from 0.
    const LISTENER: u64 = u64::MAX;

    pub(super) fn run() -> anyhow::Result<()> {
        let args = ServerArgs::parse_and_start_logging();
        common::raise_descriptor_limit();
        let listener = args.endpoint.listen_with(common::listen)?;
        common::print_ready_line(listener.local_addr()?)?;
        serve(&listener)
    }

    #[allow(clippy::cast_possible_truncation, reason = "a key was a usize before")]
    fn serve(listener: &TcpListener) -> anyhow::Result<()> {
        let epoll = Epoll::new()?;
        epoll.add(listener, LISTENER)?;
        let mut connections = Slab::new();
        let mut buffer = vec![0; READ_SIZE];
        let mut events = Vec::with_capacity(MAX_EVENTS as usize);
        loop {
            epoll.wait(&mut events)?;
            for event in &events {
                if event.u64 == LISTENER {
                    let (stream, _) = listener.accept()?;
                    stream.set_nonblocking(true)?;
                    stream.set_nodelay(true)?;
                    let place = connections.vacant_entry();
                    epoll.add(&stream, place.key() as u64)?;
                    place.insert(stream);
                    continue;
                }
                let key = event.u64 as usize;
                match connections[key].read(&mut buffer) {
                    Ok(n_read @ 1..) => {
                        let _ = connections[key].write(&buffer[..n_read]);
                    }
                    _ => drop(connections.remove(key)),
                }
            }
        }
    }

    struct Epoll(OwnedFd);

    impl Epoll {
        fn new() -> io::Result<Self> {
            // SAFETY: the descriptor is new, and nobody else's.
            unsafe {
                let fd = check(libc::epoll_create1(libc::EPOLL_CLOEXEC))?;
                Ok(Self(OwnedFd::from_raw_fd(fd)))
            }
        }

        fn add(&self, socket: &impl AsRawFd, key: u64) -> io::Result<()> {
            let mut event = libc::epoll_event {
                events: libc::EPOLLIN.cast_unsigned(),
                u64: key,
            };
            let (epoll, socket) = (self.0.as_raw_fd(), socket.as_raw_fd());
            // SAFETY: `event` is read before the call returns.
            check(unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, socket, &raw mut event) })?;
            Ok(())
        }

        #[allow(clippy::cast_sign_loss, reason = "checked")]
        fn wait(&self, events: &mut Vec<libc::epoll_event>) -> io::Result<()> {
            events.clear();
            // SAFETY: there is room for MAX_EVENTS, and the system says how many it wrote.
            unsafe {
                let fd = self.0.as_raw_fd();
                let n = check(libc::epoll_wait(fd, events.as_mut_ptr(), MAX_EVENTS, -1))?;
                events.set_len(n as usize);
            }
            Ok(())
        }
    }

    fn check(result: i32) -> io::Result<i32> {
        match result {
            0.. => Ok(result),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
