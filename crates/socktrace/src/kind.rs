//! What a call does to a socket, whatever its name: `read`, `recvfrom` and `recvmsg` all
//! receive.

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Makes a socket.
    Socket,
    /// Makes two that are joined.
    SocketPair,
    /// Gives a socket its address.
    Bind,
    /// Makes it accept connections.
    Listen,
    /// Takes a connection from the backlog.
    Accept,
    /// Joins a socket with another address.
    Connect,
    /// Hands bytes to the kernel.
    Send,
    /// Takes bytes from the kernel.
    Receive,
    /// Receives without taking (`MSG_PEEK`).
    Peek,
    /// Ends one direction, or both.
    Shutdown {
        /// The direction in which it sends is among them.
        sends_no_more: bool,
    },
    /// Gives back a descriptor.
    Close,
    /// Asks which descriptors are ready, and may wait for one.
    Readiness,
    /// Says which descriptors to ask about (`epoll_ctl`).
    Interest,
    /// Everything else: options, names, flags, copies of descriptors.
    Other,
}
