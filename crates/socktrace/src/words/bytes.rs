//! Bytes in and out: every form of sending and receiving.

use super::{Chapter, Words, words};
use crate::kind::Kind;
use crate::record::{Call, Value};

pub(super) fn before(name: &str, kind: Kind) -> Words {
    match kind {
        _ if name == "splice" => SPLICE,
        Kind::Send if name == "sendfile" => SENDFILE,
        Kind::Send => SEND,
        Kind::Peek => PEEK,
        _ => RECEIVE,
    }
}

pub(super) fn after(count: i64, kind: Kind, call: &Call) -> Words {
    if matches!(call.name.as_str(), "sendfile" | "splice") {
        return MOVED;
    }
    // A call for several messages counts messages, not bytes.
    if call.name.contains("mmsg") {
        return match kind {
            Kind::Send => MESSAGES_SENT,
            _ => MESSAGES_RECEIVED,
        };
    }
    match kind {
        Kind::Send => sent(count, room(call)),
        Kind::Peek if count > 0 => PEEKED,
        _ => received(count, call),
    }
}

fn sent(count: i64, offered: Option<i64>) -> Words {
    match offered {
        Some(0) => SENT_NOTHING,
        Some(offered) if count < offered => SENT_PART,
        _ => SENT,
    }
}

fn received(count: i64, call: &Call) -> Words {
    let room = room(call);
    match (count, room) {
        (0, Some(0)) => NO_ROOM,
        (0, _) if says_from_whom(call) => EMPTY_DATAGRAM,
        (0, _) => END_OF_INPUT,
        _ if says_from_whom(call) => DATAGRAM,
        (_, Some(room)) if count >= room => RECEIVED_FULL,
        _ => RECEIVED,
    }
}

fn room(call: &Call) -> Option<i64> {
    let data = call.data.as_ref()?;
    i64::try_from(data.room).ok()
}

/// The kernel gives a sender's address with a datagram, and none with bytes of a stream.
fn says_from_whom(call: &Call) -> bool {
    let mut gave = call.gave.iter();
    gave.any(|given| match &given.value {
        Value::Text(address) => {
            let is_address = matches!(given.name.as_str(), "addr" | "src_addr" | "msg_name");
            is_address && address.starts_with(|c: char| c.is_ascii_digit() || c == '[')
        }
        _ => false,
    })
}

const SEND: Words = words(
    [
        "Hands bytes to the kernel, which copies them and sends them later.",
        "It may take fewer than it is offered. The number that it took comes back.",
    ],
    "The copy goes into the socket's send buffer, and from there to the peer's receive buffer, \
     as fast as the network and the peer allow. When the buffer is full, the call waits for \
     room, or fails with EAGAIN if the socket is non-blocking.\n\n\
     write, writev, sendto and sendmsg do the same on a connection. MSG_NOSIGNAL says that the \
     program wants an error and no signal (SIGPIPE) if the connection is gone.",
    Chapter::Echo,
);

pub(super) const SEND_WAITS: Words = words(
    [
        "The buffers are full: the peer doesn't read as fast as this side sends.",
        "It goes on when the peer has read some. This is backpressure.",
    ],
    "Two buffers lie between the programs, the send buffer here and the receive buffer there. \
     If the peer, too, waits in a send for this side to read, neither will ever move: that is \
     a deadlock.",
    Chapter::Echo,
);

const SENT: Words = words(
    [
        "All of it was taken: it is in the kernel's buffer, or on its way.",
        "Nobody knows yet whether the peer has received any of it.",
    ],
    "Only an answer of the peer's program says that its program has read something. If the \
     connection breaks now, what is in the buffers is lost, and no call will say how much.",
    Chapter::Echo,
);

const SENT_PART: Words = words(
    [
        "A short write: the buffer had room for a part, and only that was taken.",
        "The rest is the program's to keep, and to offer again when there is room.",
    ],
    "This is no error. write_all in Rust and sendall in Python are loops that do it. In an \
     event loop the rest waits in a buffer of the program, and the next writable event says \
     when to go on.",
    Chapter::Steps,
);

const SENT_NOTHING: Words = words(
    [
        "Nothing was offered, so nothing was taken.",
        "On a stream, the peer doesn't notice.",
    ],
    "A stream has no empty messages. On a UDP socket, this would send one.",
    Chapter::Messages,
);

const RECEIVE: Words = words(
    [
        "Asks for bytes that have come, as many as there is room for.",
        "It may be less than a message, or more: a stream has no boundaries.",
    ],
    "If nothing has come, it waits, or fails with EAGAIN if the socket is non-blocking. One \
     byte is enough to end the wait.\n\n\
     read, readv, recvfrom and recvmsg do the same on a connection. How the peer divided its \
     bytes into sends can't be seen here.",
    Chapter::Echo,
);

pub(super) const RECEIVE_WAITS: Words = words(
    [
        "Nothing has come, so the program sleeps in this call.",
        "Bytes of the peer end the wait, and so does the end of its sending.",
    ],
    "A signal or a timeout (SO_RCVTIMEO) can end it, too. A peer that is silent, and one whose \
     cable was cut, look the same from here: without a timeout this may last for ever.",
    Chapter::Steps,
);

const RECEIVED: Words = words(
    [
        "This much had come, and fewer bytes than there was room for. That is normal.",
        "It can be a part of what one send gave, or the bytes of several.",
    ],
    "Who needs a whole message reads on until it is whole, and has to know how long it is. \
     That is what a protocol says.",
    Chapter::Messages,
);

const RECEIVED_FULL: Words = words(
    [
        "As many bytes as there was room for, so more may be waiting.",
        "What is left stays in the kernel's buffer for the next call.",
    ],
    "A larger buffer takes more of them in one call, and calls are what costs. With edge-\
     triggered readiness the program has to read on, since nobody will tell it of these bytes \
     again.",
    Chapter::EventLoop,
);

pub(super) const END_OF_INPUT: Words = words(
    [
        "0 is the end of input: the peer has finished sending, and all is read.",
        "It is not an error, and not an empty message. It will be 0 from now on.",
    ],
    "The peer has closed its end, or has called shutdown, or its program has ended. In the \
     second case it still reads, so this side may go on sending: the two directions end \
     separately.\n\n\
     A program that doesn't look for 0 asks again and again, and uses a whole core.",
    Chapter::Echo,
);

const NO_ROOM: Words = words(
    [
        "There was room for no bytes, so none came.",
        "Here 0 doesn't mean the end: nothing was asked for.",
    ],
    "A buffer of length 0 is usually a mistake: a program that takes this 0 for the end of \
     input closes a connection that is well.",
    Chapter::Echo,
);

const DATAGRAM: Words = words(
    [
        "One message, as it was sent, and the address that it came from.",
        "Here there are boundaries: each call takes one message.",
    ],
    "If the buffer were too small, the rest of the message would be lost. Such sockets (UDP) \
     have no connection, and no end of input.",
    Chapter::Messages,
);

const EMPTY_DATAGRAM: Words = words(
    [
        "An empty message, with the address that it came from.",
        "On a socket without connections, 0 is not an end.",
    ],
    "Only a stream has an end of input. A UDP message may well have no bytes.",
    Chapter::Messages,
);

const PEEK: Words = words(
    [
        "Looks at bytes that have come, and leaves them where they are.",
        "The next receive gets the same bytes once more.",
    ],
    "MSG_PEEK is a way to see what a connection begins with, or whether its end has come. It \
     costs a call, and the bytes are copied twice.",
    Chapter::Calls,
);

const PEEKED: Words = words(
    [
        "These bytes have come. They are still in the kernel's buffer.",
        "They don't count as received: the next receive gets them again.",
    ],
    "A program that only peeks never makes room in the receive buffer.",
    Chapter::Calls,
);

const SENDFILE: Words = words(
    [
        "Sends a part of a file, which the kernel copies by itself.",
        "The bytes don't pass through the program, so they aren't shown here.",
    ],
    "It saves the program a copy, and may take fewer bytes than asked for, as any send. To see \
     the bytes, look at the other side's receive, or capture them on the network.",
    Chapter::Calls,
);

const SPLICE: Words = words(
    [
        "Moves bytes between a pipe and another descriptor, in the kernel.",
        "They don't pass through the program, so they aren't shown here.",
    ],
    "Proxies use it: from one socket into a pipe, from the pipe into another socket. 0 means \
     the end of input, as with a receive.",
    Chapter::Calls,
);

const MOVED: Words = words(
    [
        "The number that came back says how many bytes the kernel has moved.",
        "What they were can't be seen in this call.",
    ],
    "It may be fewer than was asked for; the program goes on from there. 0 means that the \
     source has no more.",
    Chapter::Calls,
);

const MESSAGES_SENT: Words = words(
    [
        "The number that came back counts messages, not bytes.",
        "Those were handed to the kernel in one call.",
    ],
    "sendmmsg saves calls where many small messages are sent, mostly over UDP.",
    Chapter::Calls,
);

const MESSAGES_RECEIVED: Words = words(
    [
        "The number that came back counts messages, not bytes.",
        "Those had come, and were taken in one call.",
    ],
    "recvmmsg saves calls where many small messages come in, mostly over UDP.",
    Chapter::Calls,
);
