//! How a connection comes to be: `socket`, `bind`, `listen`, `accept`, `connect`, and the
//! names of its ends.

use super::{Chapter, Words, argument, has, words};
use crate::kind::Kind;
use crate::record::{Argument, Value};

pub(super) fn before(kind: Kind, arguments: &[Argument]) -> Words {
    match kind {
        Kind::Socket => socket(arguments),
        Kind::SocketPair => SOCKETPAIR,
        Kind::Bind if asks_for_any_port(arguments) => BIND_ANY,
        Kind::Bind if has_other_address(arguments) => BIND_OTHER,
        Kind::Bind => BIND,
        Kind::Listen => LISTEN,
        Kind::Accept => ACCEPT,
        _ if is_nowhere(arguments) => CONNECT_NOWHERE,
        _ if has_other_address(arguments) => CONNECT_OTHER,
        _ => CONNECT,
    }
}

pub(super) fn after(kind: Kind, arguments: &[Argument]) -> Words {
    match kind {
        Kind::Socket => SOCKET_DONE,
        Kind::SocketPair => SOCKETPAIR_DONE,
        Kind::Bind if asks_for_any_port(arguments) => BIND_ANY_DONE,
        Kind::Bind => BIND_DONE,
        Kind::Listen => LISTEN_DONE,
        Kind::Accept => ACCEPT_DONE,
        _ if is_nowhere(arguments) => CONNECT_NOWHERE_DONE,
        _ if has_other_address(arguments) => CONNECT_OTHER_DONE,
        _ => CONNECT_DONE,
    }
}

fn socket(arguments: &[Argument]) -> Words {
    let is_family = |name| has(arguments, &["domain", "family"], name);
    let is_type = |name| has(arguments, &["type"], name);
    if is_family("AF_NETLINK") {
        SOCKET_NETLINK
    } else if is_family("AF_UNIX") || is_family("AF_LOCAL") {
        SOCKET_UNIX
    } else if is_type("SOCK_STREAM") {
        SOCKET_STREAM
    } else if is_type("SOCK_DGRAM") {
        SOCKET_DATAGRAM
    } else {
        SOCKET_OTHER
    }
}

fn address(arguments: &[Argument]) -> Option<&str> {
    match argument(arguments, "addr")? {
        Value::Text(address) => Some(address),
        _ => None,
    }
}

/// `127.0.0.1:65432` or `[::1]:65432`. A path is written in another way.
fn is_ip(address: &str) -> bool {
    address.starts_with(|c: char| c.is_ascii_digit() || c == '[')
}

fn asks_for_any_port(arguments: &[Argument]) -> bool {
    address(arguments).is_some_and(|address| is_ip(address) && address.ends_with(":0"))
}

fn has_other_address(arguments: &[Argument]) -> bool {
    address(arguments).is_some_and(|address| !is_ip(address))
}

fn is_nowhere(arguments: &[Argument]) -> bool {
    address(arguments) == Some("AF_UNSPEC")
}

const SOCKET_STREAM: Words = words(
    [
        "Asks for a socket: one end of a connection that doesn't exist yet.",
        "It has no address and no peer; the calls that follow give it those.",
    ],
    "AF_INET is IPv4 and AF_INET6 is IPv6. SOCK_STREAM is a stream of bytes, which is TCP \
     there. Nothing is sent over the network by this call.\n\n\
     SOCK_CLOEXEC keeps the socket from other programs that this one may start. \
     SOCK_NONBLOCK, if it is there, makes each call on it come back at once, whether it \
     could do anything or not.",
    Chapter::Echo,
);

const SOCKET_DATAGRAM: Words = words(
    [
        "Asks for a socket that sends single messages, which is UDP here.",
        "There is no connection: each message goes by itself, or is lost.",
    ],
    "SOCK_DGRAM keeps the boundaries of messages, and promises nothing about their order or \
     arrival.\n\n\
     Programs that look up a name open such sockets, though they want TCP: to ask a name \
     server (port 53), and to find out, by a connect that sends nothing, which address they \
     would send from.",
    Chapter::Calls,
);

const SOCKET_UNIX: Words = words(
    [
        "Asks for a socket between programs of this machine: AF_UNIX.",
        "Its address is a path, and no network is between its ends.",
    ],
    "The calls are those of TCP, and so are the streams. Look-ups of names and of users use \
     such sockets, to ask a service of the system that may be there or not.",
    Chapter::Calls,
);

const SOCKET_NETLINK: Words = words(
    [
        "Asks for a line to the kernel itself: AF_NETLINK.",
        "Look-ups of names use it, to ask which addresses this machine has.",
    ],
    "It belongs to the look-up of a host's name, not to the connection: addresses of a family \
     that this machine doesn't have needn't be tried.",
    Chapter::Calls,
);

const SOCKET_OTHER: Words = words(
    [
        "Asks for a socket of a kind that the book doesn't use.",
        "Its first argument is the family, its second the kind of traffic.",
    ],
    "The families are listed in man 7 address_families, the kinds in man 2 socket.",
    Chapter::Calls,
);

const SOCKET_DONE: Words = words(
    [
        "What came back is a descriptor: this process's number for the socket.",
        "It is the lowest number that was free. To others it means nothing.",
    ],
    "A process may have only so many descriptors (ulimit -n), and files count, too. 0, 1 and 2 \
     are the standard input, output and error. A number that was closed is given out again, so \
     the same number can mean another socket later.",
    Chapter::Echo,
);

const SOCKETPAIR: Words = words(
    [
        "Asks for two sockets that are joined from the beginning.",
        "What is sent into one can be received from the other.",
    ],
    "There is no address, so nobody else can connect. Event loops use such a pair to wake \
     themselves: another thread, or a signal, writes a byte into one end.",
    Chapter::Calls,
);

const SOCKETPAIR_DONE: Words = words(
    [
        "There are two descriptors now, the ends of one connection.",
        "They usually belong to one program, or to a parent and its child.",
    ],
    "Closing one is the end of input for the other, as with TCP.",
    Chapter::Calls,
);

const BIND: Words = words(
    [
        "Asks for this address: the socket's own end, not the peer's.",
        "Clients will have to know it. It must be free, and of this machine.",
    ],
    "127.0.0.1 and ::1 are reachable from this machine only; 0.0.0.0 and :: mean all \
     addresses that it has. A port below 1024 needs a privilege on most systems.\n\n\
     Clients seldom bind: connect then picks a port for them.",
    Chapter::Echo,
);

const BIND_ANY: Words = words(
    [
        "Asks for an address with port 0: any port that is free.",
        "Nobody can know it beforehand, so the program has to ask and to say it.",
    ],
    "getsockname tells which port it has become. Tests like this: two servers can't want the \
     same port.",
    Chapter::Echo,
);

const BIND_OTHER: Words = words(
    [
        "Gives the socket a name by which others find it. It is no IP address.",
        "Of a Unix socket it is a path, which is made by this call.",
    ],
    "The path stays when the program ends, and a new bind to it then fails with EADDRINUSE. \
     Names that begin with @ are no files, and go with the socket.",
    Chapter::Calls,
);

const BIND_DONE: Words = words(
    [
        "The address is this socket's, and nobody else's meanwhile.",
        "Still nobody can connect: that takes listen.",
    ],
    "A client that connects now is refused, as if there were no server.",
    Chapter::Echo,
);

const BIND_ANY_DONE: Words = words(
    [
        "The socket has a port now, chosen by the kernel.",
        "Which one isn't said here: getsockname tells.",
    ],
    "It comes from a range for short use (man 7 ip, ip_local_port_range). Connections that \
     don't bind get theirs from there, too.",
    Chapter::Echo,
);

const LISTEN: Words = words(
    [
        "Makes the socket a listener: from here on clients can connect.",
        "The number is the backlog: how many may wait to be accepted.",
    ],
    "A listener never carries bytes itself; accept makes a socket for each connection. The \
     kernel cuts the backlog to its own limit (somaxconn, 4096 on Linux unless it was changed). \
     When the line is full, Linux ignores newcomers, whose systems try again by themselves.",
    Chapter::Echo,
);

const LISTEN_DONE: Words = words(
    [
        "Clients can connect now, even before the program calls accept.",
        "Their connections are made by the kernel, and wait in the backlog.",
    ],
    "So a client can be connected, and send, while the server does something else. Its bytes \
     are kept in the kernel's buffers until somebody accepts and reads.",
    Chapter::Steps,
);

const ACCEPT: Words = words(
    [
        "Asks for the next connection that waits in the backlog.",
        "If there is none, it waits for one, unless the socket is non-blocking.",
    ],
    "It gives a new socket for that one connection. The listener stays what it is. Flags such \
     as SOCK_NONBLOCK are for the new socket: on Linux it doesn't inherit them from the \
     listener.",
    Chapter::Echo,
);

pub(super) const ACCEPT_WAITS: Words = words(
    [
        "No client has connected yet, so the program sleeps in this call.",
        "It goes on when one connects. Until then it does nothing else.",
    ],
    "A thread that sleeps in a call uses no processor time. But it can't serve anybody else \
     either: everything that this thread should do waits, too.",
    Chapter::Steps,
);

const ACCEPT_DONE: Words = words(
    [
        "A second socket: this one is the connection, with its own descriptor.",
        "The listener goes on listening. Both have the same local port.",
    ],
    "What tells connections of one port apart is the pair of addresses, this end's and the \
     peer's. The address that came with it is the peer's; its port was picked by the client's \
     kernel.\n\n\
     The connection existed before: the client's connect had come back when it was in the \
     backlog.",
    Chapter::Echo,
);

const CONNECT: Words = words(
    [
        "Asks for a connection to this address, the server's.",
        "The kernel picks a local port, and the handshake of TCP begins.",
    ],
    "Three packets: SYN from the client, SYN-ACK from the server's kernel, ACK from the client. \
     The server's program takes no part in it; a listener is enough.\n\n\
     On a UDP socket nothing is sent: connect only notes whom later messages go to. On a Unix \
     socket the address is a path.",
    Chapter::Echo,
);

pub(super) const CONNECT_WAITS: Words = words(
    [
        "The kernel has asked the other side, and waits for its answer.",
        "It ends with a connection, a refusal, or silence for about two minutes.",
    ],
    "A SYN that isn't answered is sent again, after a second, and then after longer and longer \
     waits (man 7 tcp, tcp_syn_retries). A program that doesn't want to wait so long connects \
     without blocking, and waits with a timeout of its own.",
    Chapter::EventLoop,
);

const CONNECT_DONE: Words = words(
    [
        "Connected: the other side's kernel has answered, not its program.",
        "The server may not have called accept yet, or may never do so.",
    ],
    "From here on both ends may send at any time. The state of both is ESTABLISHED. Over UDP it \
     only means that the address has been noted.",
    Chapter::Echo,
);

const CONNECT_OTHER: Words = words(
    [
        "Asks for a connection to this name, which is no IP address.",
        "Of a Unix socket it is the path of a program on this machine.",
    ],
    "There is no handshake: if somebody listens there and the backlog has room, the two are \
     joined at once.",
    Chapter::Calls,
);

const CONNECT_OTHER_DONE: Words = words(
    [
        "Joined with the one who listens there, and no network is between them.",
        "Whether he has accepted it yet can't be seen from here.",
    ],
    "From here on it is used as a TCP connection is.",
    Chapter::Calls,
);

const CONNECT_NOWHERE: Words = words(
    [
        "A connect to no address: it undoes the one before (AF_UNSPEC).",
        "The socket can then be used for another peer.",
    ],
    "Look-ups of names do it with a UDP socket, to ask for one address after the other which of \
     our own would be used for it. Nothing is sent.",
    Chapter::Calls,
);

const CONNECT_NOWHERE_DONE: Words = words(
    [
        "The socket has no peer any more.",
        "Nothing was sent for that, if it is a UDP socket.",
    ],
    "A TCP connection would have been broken off by it.",
    Chapter::Calls,
);

pub(super) const GETSOCKNAME: Words = words(
    [
        "Asks for the socket's own address: getsockname, local_addr in Rust.",
        "Nothing is sent; the kernel knows it.",
    ],
    "After a bind to port 0 this is how a program learns its port. After connect or accept it \
     tells which of the machine's addresses is used.",
    Chapter::Echo,
);

pub(super) const GETSOCKNAME_DONE: Words = words(
    [
        "The address of this end, as the kernel has it.",
        "If port 0 was asked for, this is the port that it has become.",
    ],
    "A server's ready line is made of it: whoever reads the line knows where to connect.",
    Chapter::Echo,
);

pub(super) const GETPEERNAME: Words = words(
    [
        "Asks for the other end's address: getpeername, peer_addr in Rust.",
        "Nothing is sent; a connected socket knows its peer.",
    ],
    "It fails with ENOTCONN if there is no connection: not yet, or not any more. Event loops \
     use that, to learn whether a non-blocking connect is done.",
    Chapter::EventLoop,
);

pub(super) const GETPEERNAME_DONE: Words = words(
    [
        "The address of the other end, so there is one: it is connected.",
        "That the peer still lives doesn't follow from it.",
    ],
    "The kernel notices that a peer is gone by a packet from it, or by the lack of one that is \
     due. On a silent connection there may be neither, for ever.",
    Chapter::EventLoop,
);
