//! The course's own servers, on a thread each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use app_protocol::decoder::DEFAULT_MAX_CONTENT;
use app_protocol::session::{AppSession, DEFAULT_KEEP_ALIVE_MAX, Service};
use multiconn::{Echo, Limits, Server, Session, Stopper};

/// A server; it is stopped when this is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Serves each client at `host` by a session of its own.
    fn start<S: Session + Send + 'static>(
        host: &str,
        new_session: impl FnMut(SocketAddr) -> S + Send + 'static,
    ) -> Self {
        common::raise_descriptor_limit();
        let listener = common::listen(SocketAddr::new(host.parse().unwrap(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::new(listener, Limits::default(), new_session).unwrap();
        Self {
            address,
            stopper: server.stopper(),
            thread: Some(thread::spawn(move || server.run().unwrap())),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The second time, it doesn't wait for clients.
        self.stopper.stop();
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let result = thread.join();
            assert!(result.is_ok() || thread::panicking());
        }
    }
}

/// Stage 2's server.
pub(crate) fn echo() -> Running {
    echo_on("127.0.0.1")
}

/// The same, at another address.
pub(crate) fn echo_on(host: &str) -> Running {
    Running::start(host, Echo::new)
}

/// Stage 3's server.
pub(crate) fn messages() -> Running {
    messages_with(DEFAULT_MAX_CONTENT, DEFAULT_KEEP_ALIVE_MAX)
}

/// The same, with other limits.
pub(crate) fn messages_with(max_content: u64, keep_alive_max: u32) -> Running {
    let service = Arc::new(Service {
        max_content,
        keep_alive_max,
        ..Service::default()
    });
    Running::start("127.0.0.1", move |peer| {
        AppSession::new(Arc::clone(&service), peer)
    })
}
