//! What comes when there is no more room: a process may have only so many files
//! open, and each socket is one.

use super::entry::Entry;

pub(super) const ENTRIES: [Entry; 1] = [Entry {
    name: "EMFILE",
    alias: None,
    windows: ("WSAEMFILE", 10024),
    cause: "The process has as many open files as it may (`ulimit -n`).",
    cure: "Keep the listener: accept again once a connection has ended.",
    note: "The soft limit can be raised up to the hard one. ENFILE (23 on \
           Linux) says the same of the whole system. Who accepts in a loop \
           without a pause now uses a core: the connection still waits, and \
           the listener stays ready.",
    ways: &[
        #[cfg(unix)]
        unix::no_descriptor,
    ],
    needs_network: false,
}];

#[cfg(unix)]
mod unix {
    use std::io;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd;

    use anyhow::ensure;
    use rlimit::Resource;
    use socket2::SockRef;

    use crate::errors::failure;
    use crate::lab::Lab;
    use crate::tcp::{TIMEOUT, close};

    // ANCHOR: no_descriptor
    pub(super) fn no_descriptor(lab: &mut Lab) -> anyhow::Result<io::Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        SockRef::from(&listener).set_read_timeout(Some(TIMEOUT))?;
        let client = TcpStream::connect(listener.local_addr()?)?;
        // The lowest number that is free, so all below it are in use.
        let lowest_free = listener.try_clone()?.as_raw_fd();
        let limit = u64::from(lowest_free.unsigned_abs());

        let call = format!("setrlimit(NOFILE, {limit})");
        let lowered = lab.call("server", call, || Lowered::to(limit))?;
        let result = lab.call("server", "accept()", || listener.accept());
        lab.call("server", "setrlimit, as before", || close(lowered))?;
        // ANCHOR_END: no_descriptor
        let asked = lab.ask(
            "What will accept give now?",
            &["the client", "nothing: the client was sent away"],
        );
        let again = lab.call("server", "accept()", || {
            let (_, peer) = listener.accept()?;
            Ok(peer)
        });
        let client = client.local_addr()?;
        let is_there = again.is_ok_and(|peer| peer == client);
        lab.answer(asked, usize::from(!is_there));
        ensure!(is_there, "the client that waited is gone");
        failure(result)
    }

    /// The limit as it was, put back at the end.
    struct Lowered {
        soft: u64,
        hard: u64,
    }

    impl Lowered {
        fn to(limit: u64) -> io::Result<Self> {
            let (soft, hard) = Resource::NOFILE.get()?;
            Resource::NOFILE.set(limit, hard)?;
            Ok(Self { soft, hard })
        }
    }

    impl Drop for Lowered {
        fn drop(&mut self) {
            Resource::NOFILE
                .set(self.soft, self.hard)
                .expect("it was so before");
        }
    }

    impl crate::lab::Came for Lowered {
        fn returned(&self) -> crate::lab::Returned {
            crate::lab::words("done")
        }
    }
}
