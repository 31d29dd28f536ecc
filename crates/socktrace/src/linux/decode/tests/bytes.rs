//! Calls that send and receive.

use super::*;

#[test]
fn a_send_offers_bytes_and_the_kernel_takes_some() {
    let memory = none().with(BUFFER, b"Hello, world");
    let args = [3, BUFFER, 12, n(libc::MSG_NOSIGNAL), 0, 0];
    check("sendto", &args, &memory, "fd=3 len=12 flags=MSG_NOSIGNAL");
    let given = begun("sendto", &args, &memory);
    assert_eq!(given.offered, Some(data(Way::Sent, 0, 12, b"Hello, w")));
    assert_eq!((given.kind, given.room), (Kind::Send, None));
    let sent = |result| ended("sendto", &args, &memory, result, &memory).data;
    assert_eq!(sent(12), Some(data(Way::Sent, 12, 12, b"Hello, w")));
    assert_eq!(sent(5), Some(data(Way::Sent, 5, 12, b"Hello")));
    assert_eq!(sent(FAILED), None);
}

#[test]
fn a_datagram_goes_somewhere() {
    let memory = none().with(ADDRESS, &ipv4("127.0.0.1:53"));
    let args = [3, BUFFER, 0, n(libc::MSG_ZEROCOPY), ADDRESS, 16];
    check(
        "sendto",
        &args,
        &memory,
        "fd=3 len=0 flags=MSG_ZEROCOPY addr=127.0.0.1:53",
    );
}

#[test]
fn a_receive_has_room_and_gets_bytes() {
    let before = none().with(LENGTH, &ints(&[16])).with(BUFFER, b"leftovers");
    let after = before.clone().with(BUFFER, b"Hello, world");
    let after = after.with(ADDRESS, &ipv4("127.0.0.1:53"));
    let args = [3, BUFFER, 1024, 0, ADDRESS, LENGTH];
    check("recvfrom", &args, &before, "fd=3 len=1024 flags=0");
    let given = begun("recvfrom", &args, &before);
    assert_eq!((given.kind, given.room), (Kind::Receive, Some(1024)));
    assert_eq!(given.offered, None);
    let gave = ended("recvfrom", &args, &before, 5, &after);
    assert_eq!(gave.data, Some(data(Way::Received, 5, 1024, b"Hello")));
    assert_eq!(gave.peer.as_deref(), Some("127.0.0.1:53"));
    let end = ended("recvfrom", &args, &before, 0, &after);
    assert_eq!(end.data, Some(data(Way::Received, 0, 1024, b"")));
    // A stream says no address: its length is 0 afterwards.
    let stream = after.with(LENGTH, &ints(&[0]));
    assert_eq!(ended("recvfrom", &args, &before, 5, &stream).peer, None);
}

#[test]
fn flags_change_what_a_receive_does() {
    let memory = none().with(BUFFER, b"Hello");
    let peek = [3, BUFFER, 5, n(libc::MSG_PEEK), 0, 0];
    assert_eq!(begun("recvfrom", &peek, &memory).kind, Kind::Peek);
    let gave = ended("recvfrom", &peek, &memory, 5, &memory);
    assert_eq!(gave.data, Some(data(Way::Peeked, 5, 5, b"Hello")));
    let report = [3, BUFFER, 5, n(libc::MSG_ERRQUEUE), 0, 0];
    assert_eq!(begun("recvfrom", &report, &memory).kind, Kind::Other);
    assert_eq!(ended("recvfrom", &report, &memory, 0, &memory).data, None);
}

#[test]
fn a_datagram_may_be_longer_than_its_room() {
    let memory = none().with(BUFFER, b"Hello and what lies behind");
    let args = [3, BUFFER, 5, n(libc::MSG_TRUNC), 0, 0];
    let gave = ended("recvfrom", &args, &memory, 1500, &memory);
    assert_eq!(gave.data, Some(data(Way::Received, 5, 5, b"Hello")));
}

#[test]
fn pieces_are_put_together() {
    let vector = words(&[BUFFER, 3, 0, 0, BUFFER + 0x100, 900]);
    let memory = none().with(VECTOR, &vector).with(BUFFER, b"Hel");
    let memory = memory.with(BUFFER + 0x100, b"lo, world");
    let args = [3, VECTOR, 3];
    check("writev", &args, &memory, "fd=3 len=903 iovcnt=3");
    let given = begun("writev", &args, &memory);
    assert_eq!(given.offered, Some(data(Way::Sent, 0, 903, b"Hello, w")));
    let gave = ended("readv", &args, &memory, 4, &memory);
    assert_eq!(gave.data, Some(data(Way::Received, 4, 903, b"Hell")));
}

#[test]
fn nothing_is_believed_of_pieces() {
    check(
        "writev",
        &[3, NOWHERE, u64::MAX],
        &none(),
        "fd=3 len=0 iovcnt=-1",
    );
    let huge = words(&[NOWHERE, u64::MAX, BUFFER, u64::MAX]);
    let memory = none().with(VECTOR, &huge).with(BUFFER, b"Hello");
    let given = begun("writev", &[3, VECTOR, u64::MAX], &memory);
    assert_eq!(given.offered, Some(data(Way::Sent, 0, u64::MAX, b"")));
    let gave = ended("readv", &[3, VECTOR, 2], &memory, i64::MAX, &memory);
    assert_eq!(gave.data.unwrap().bytes, b"");
    let given = begun("write", &[3, BUFFER, u64::MAX], &memory);
    assert_eq!(given.offered, Some(data(Way::Sent, 0, u64::MAX, b"Hello")));
}

#[test]
fn a_message_is_read_through() {
    let rights = [
        words(&[24]),
        ints(&[libc::SOL_SOCKET, libc::SCM_RIGHTS, 7, 8]),
    ]
    .concat();
    let memory = none()
        .with(
            AT,
            &message((ADDRESS, 16), 1, (LENGTH, 24), libc::MSG_TRUNC),
        )
        .with(VECTOR, &words(&[BUFFER, 5]))
        .with(BUFFER, b"Hello")
        .with(ADDRESS, &ipv4("127.0.0.1:53"))
        .with(LENGTH, &rights);
    let expected = "fd=3 addr=127.0.0.1:53 len=5 iovlen=1 control=[SCM_RIGHTS 7 8] flags=0";
    check("sendmsg", &[3, AT, 0], &memory, expected);
    let sent = ended("sendmsg", &[3, AT, 0], &memory, 5, &memory);
    assert_eq!(sent.data, Some(data(Way::Sent, 5, 5, b"Hello")));
    assert_eq!((sent.descriptors, sent.peer), (vec![], None));

    check(
        "recvmsg",
        &[3, AT, 0],
        &memory,
        "fd=3 len=5 iovlen=1 flags=0",
    );
    let got = ended("recvmsg", &[3, AT, 0], &memory, 5, &memory);
    let expected = "addr=127.0.0.1:53 control=[SCM_RIGHTS 7 8] msg_flags=MSG_TRUNC";
    assert_eq!(told(&got.arguments), expected);
    assert_eq!(got.data, Some(data(Way::Received, 5, 5, b"Hello")));
    assert_eq!(got.descriptors, [7, 8]);
    assert_eq!(got.peer.as_deref(), Some("127.0.0.1:53"));

    check(
        "recvmsg",
        &[3, NOWHERE, 0],
        &none(),
        "fd=3 msg=0xdead0000 flags=0",
    );
    let lost = ended("recvmsg", &[3, NOWHERE, 0], &none(), 5, &none());
    assert_eq!(lost.data, Some(data(Way::Received, 0, 0, b"")));
}

#[test]
fn several_messages_are_counted_together() {
    let one = |length| [message((ADDRESS, 16), 1, (0, 0), 0), ints(&[length, 0])].concat();
    let memory = none()
        .with(AT, &[one(3), one(2), one(0)].concat())
        .with(VECTOR, &words(&[BUFFER, 3]))
        .with(BUFFER, b"abc")
        .with(ADDRESS, &ipv4("127.0.0.1:53"));
    let args = [3, AT, 3, 0, 0];
    let to = "3 bytes to 127.0.0.1:53";
    let expected = format!("fd=3 msgvec=[{to}, {to}, {to}] vlen=3 flags=0");
    check("sendmmsg", &args, &memory, &expected);
    let gave = ended("sendmmsg", &args, &memory, 2, &memory);
    assert_eq!(told(&gave.arguments), "msgvec=[3 bytes, 2 bytes]");
    assert_eq!(gave.data, Some(data(Way::Sent, 5, 9, b"abcab")));

    let room = "room for 3 bytes";
    let expected = format!("fd=3 msgvec=[{room}, {room}, {room}] vlen=3 flags=0 timeout=none");
    check("recvmmsg", &args, &memory, &expected);
    let gave = ended("recvmmsg", &args, &memory, 2, &memory);
    let from = "from 127.0.0.1:53";
    assert_eq!(
        told(&gave.arguments),
        format!("msgvec=[3 bytes {from}, 2 bytes {from}]")
    );
    assert_eq!(gave.data, Some(data(Way::Received, 5, 9, b"abcab")));
    assert_eq!(gave.peer.as_deref(), Some("127.0.0.1:53"));

    let hostile = [3, NOWHERE, u64::MAX, 0, NOWHERE];
    let expected = "fd=3 msgvec=0xdead0000 vlen=4294967295 flags=0 timeout=0xdead0000";
    check("recvmmsg", &hostile, &none(), expected);
    check_gave(
        "recvmmsg",
        &hostile,
        &none(),
        i64::MAX,
        &format!("msgvec=[... {} more]", i64::MAX),
    );
}

#[test]
fn what_is_moved_unseen_is_counted() {
    check(
        "sendfile",
        &[4, 3, 0, 9000],
        &none(),
        "out_fd=4 in_fd=3 len=9000",
    );
    let given = begun("sendfile", &[4, 3, 0, 9000], &none());
    assert_eq!((given.descriptor, given.kind), (Some(4), Kind::Send));
    let gave = ended("sendfile", &[4, 3, 0, 9000], &none(), 4096, &none());
    assert_eq!(gave.data, Some(data(Way::Sent, 4096, 9000, b"")));

    let args = [5, 0, 6, 0, 100, n(libc::SPLICE_F_MORE.cast_signed())];
    check(
        "splice",
        &args,
        &none(),
        "fd_in=5 fd_out=6 len=100 flags=SPLICE_F_MORE",
    );
    let given = begun("splice", &args, &none());
    assert_eq!((given.descriptor, given.source), (Some(6), Some(5)));
    let given = given.about_source();
    assert_eq!((given.descriptor, given.kind), (Some(5), Kind::Receive));
    let gave = end(call("splice"), args, &given, 60, &none(), KEEP);
    assert_eq!(gave.data, Some(data(Way::Received, 60, 100, b"")));
}
