//! An echo on bare io_uring: the floor of completion.
//!
//! Each connection has one chain under way: send what came last, receive the next. One
//! system call hands over the chains of all connections that have had news, and waits
//! for more.
#![allow(
    unsafe_code,
    reason = "the system works on buffers that it was only told of"
)]

use std::process::ExitCode;

fn main() -> ExitCode {
    common::exit_code(run())
}

#[cfg(not(target_os = "linux"))]
fn run() -> anyhow::Result<()> {
    anyhow::bail!("there is no io_uring here; use Linux")
}

#[cfg(target_os = "linux")]
use linux::run;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::{AsRawFd, FromRawFd};
    use std::slice::from_ref;

    use anyhow::Context;
    use common::ServerArgs;
    use io_uring::squeue::{Entry, Flags};
    use io_uring::types::Fd;
    use io_uring::{IoUring, cqueue, opcode};
    use slab::Slab;

    /// What one receive may bring. Each connection has such a buffer of its own, whose
    /// pages the system finds only when bytes come.
    const BUFFER_SIZE: u32 = 128 * 1024;
    const QUEUE_SIZE: u32 = 4096;
    /// Marks completions of the accept, among those of the connections, which count up
    /// from 0.
    const ACCEPT: u64 = u64::MAX;
    /// Marks a send that failed; one that did not has no completion at all.
    const SENT: u64 = u64::MAX - 1;

    struct Connection {
        stream: TcpStream,
        /// Empty, as far as Rust knows: the system writes into its capacity.
        buffer: Vec<u8>,
    }

    pub(super) fn run() -> anyhow::Result<()> {
        let args = ServerArgs::parse_and_start_logging();
        common::raise_descriptor_limit();
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .build(QUEUE_SIZE)
            .context("cannot set up io_uring, which takes Linux 6.1 and its permission")?;
        let listener = args.endpoint.listen_with(common::listen)?;
        common::print_ready_line(listener.local_addr()?)?;
        serve(ring, &listener)
    }

    fn serve(mut ring: IoUring, listener: &TcpListener) -> anyhow::Result<()> {
        let accept = opcode::AcceptMulti::new(Fd(listener.as_raw_fd()))
            .build()
            .user_data(ACCEPT);
        let mut connections = Slab::new();
        let mut completions = Vec::new();
        push(&mut ring, from_ref(&accept))?;
        loop {
            ring.submit_and_wait(1)?;
            completions.extend(ring.completion());
            for completion in completions.drain(..) {
                match completion.user_data() {
                    ACCEPT => {
                        if !cqueue::more(completion.flags()) {
                            push(&mut ring, from_ref(&accept))?;
                        }
                        if completion.result() < 0 {
                            continue; // No descriptor for it, or it is already gone.
                        }
                        // SAFETY: the system has just given this descriptor to us.
                        let stream = unsafe { TcpStream::from_raw_fd(completion.result()) };
                        stream.set_nodelay(true)?;
                        let buffer = Vec::with_capacity(BUFFER_SIZE as usize);
                        let key = connections.insert(Connection { stream, buffer });
                        push(&mut ring, &[receive(key, &mut connections[key])])?;
                    }
                    // The receive behind it tells, too.
                    SENT => {}
                    key => answer(&mut ring, &mut connections, key, completion.result())?,
                }
            }
        }
    }

    /// A receive has ended: with bytes, the end of input, or an error.
    #[allow(clippy::cast_possible_truncation, reason = "a key was a usize before")]
    fn answer(
        ring: &mut IoUring,
        connections: &mut Slab<Connection>,
        key: u64,
        result: i32,
    ) -> io::Result<()> {
        let key = key as usize;
        match u32::try_from(result) {
            Ok(length @ 1..) => {
                let connection = &mut connections[key];
                push(ring, &[send(connection, length), receive(key, connection)])
            }
            _ => {
                connections.remove(key);
                Ok(())
            }
        }
    }

    fn receive(key: usize, connection: &mut Connection) -> Entry {
        let fd = Fd(connection.stream.as_raw_fd());
        opcode::Recv::new(fd, connection.buffer.as_mut_ptr(), BUFFER_SIZE)
            .build()
            .user_data(key as u64)
    }

    /// Sends all, or fails, and only then goes on with the next of the chain. If it
    /// fails, that next one is cancelled, and tells so.
    fn send(connection: &Connection, length: u32) -> Entry {
        let fd = Fd(connection.stream.as_raw_fd());
        opcode::Send::new(fd, connection.buffer.as_ptr(), length)
            .flags(libc::MSG_WAITALL | libc::MSG_NOSIGNAL)
            .build()
            .flags(Flags::IO_LINK | Flags::SKIP_SUCCESS)
            .user_data(SENT)
    }

    fn push(ring: &mut IoUring, entries: &[Entry]) -> io::Result<()> {
        // SAFETY: an entry points into a connection's buffer, which is dropped only
        // after the connection's last completion: a receive that brought nothing.
        while unsafe { ring.submission().push_multiple(entries) }.is_err() {
            ring.submit()?; // The queue is full.
        }
        Ok(())
    }
}
