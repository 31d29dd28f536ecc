//! How the protocol grew without breaking anyone: more than one request a
//! connection.
//!
//! The guide's server answers one request and closes. A client that would
//! rather go on says so in a header field, `"connection": "keep-alive"`, which
//! a server that doesn't know it ignores. A server that grants it says so in
//! the same field of its response, which a client that doesn't know it ignores.
//! So each side learns what the other can do, and nobody has to be told
//! beforehand.

use crate::header::Header;

/// Whether a connection goes on after a response.
#[derive(Debug)]
pub(crate) struct KeepAlive {
    /// How many more requests this connection may make.
    n_left: u32,
    is_stopping: bool,
    goes_on: bool,
}

impl KeepAlive {
    pub(crate) fn new(max_requests: u32) -> Self {
        Self {
            n_left: max_requests,
            is_stopping: false,
            goes_on: true,
        }
    }

    // ANCHOR: grant
    /// Counts a request, and says whether its response carries the field. The
    /// last one before the limit, and those after the wish to stop, don't.
    pub(crate) fn grant(&mut self, request: &Header) -> bool {
        self.n_left = self.n_left.saturating_sub(1);
        let may_go_on = request.keep_alive && self.n_left > 0;
        // While it stops, the server answers the requests that have arrived,
        // but invites no more of them.
        self.goes_on = may_go_on;
        may_go_on && !self.is_stopping
    }
    // ANCHOR_END: grant

    /// False once the last response was given.
    pub(crate) fn goes_on(&self) -> bool {
        self.goes_on
    }

    pub(crate) fn stop(&mut self) {
        self.is_stopping = true;
    }
}
