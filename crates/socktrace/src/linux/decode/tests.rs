//! Each kind of call, from numbers and memory to what is told of it.

use super::fake::{Fake, ints, ipv4, ipv6, unix, words};
use super::*;

const KEEP: usize = 8;
/// Where a test puts what it passes; and a place where nothing is.
const AT: u64 = 0x1000;
const BUFFER: u64 = 0x2000;
const ADDRESS: u64 = 0x3000;
const LENGTH: u64 = 0x4000;
const VECTOR: u64 = 0x5000;
const NOWHERE: u64 = 0xdead_0000;
const FAILED: i64 = -1;

fn call(name: &str) -> Syscall {
    let spec = CALLS.iter().find(|spec| spec.name == name);
    Syscall(spec.unwrap())
}

fn begun(name: &str, args: &[u64], memory: &Fake) -> Given {
    begin(call(name), six(args), memory, KEEP)
}

fn ended(name: &str, args: &[u64], before: &Fake, result: i64, after: &Fake) -> Gave {
    let given = begun(name, args, before);
    end(call(name), six(args), &given, result, after, KEEP)
}

/// The registers behind the arguments hold anything.
fn six(args: &[u64]) -> [u64; 6] {
    let mut six = [NOWHERE; 6];
    six[..args.len()].copy_from_slice(args);
    six
}

fn told(arguments: &[Argument]) -> String {
    let arguments = arguments.iter();
    let told = arguments.map(|argument| format!("{}={}", argument.name, argument.value));
    told.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(name: &str, args: &[u64], memory: &Fake, expected: &str) {
    assert_eq!(told(&begun(name, args, memory).arguments), expected);
}

#[track_caller]
fn check_gave(name: &str, args: &[u64], memory: &Fake, result: i64, expected: &str) {
    let gave = ended(name, args, memory, result, memory);
    assert_eq!(told(&gave.arguments), expected);
}

fn none() -> Fake {
    Fake::default()
}

fn n(number: i32) -> u64 {
    u64::from(number.cast_unsigned())
}

fn message(name: (u64, u64), n_pieces: u64, control: (u64, u64), flags: i32) -> Vec<u8> {
    let mut bytes = words(&[name.0, name.1, VECTOR, n_pieces, control.0, control.1]);
    bytes.extend(ints(&[flags, 0]));
    bytes
}

fn data(way: Way, length: u64, room: u64, bytes: &[u8]) -> Data {
    let bytes = bytes.to_vec();
    Data {
        way,
        length,
        room,
        bytes,
    }
}

#[test]
fn calls_have_numbers_and_names() {
    let number = u64::try_from(libc::SYS_accept4).unwrap();
    assert_eq!(Syscall::of(number).unwrap().name(), "accept4");
    assert!(Syscall::of(u64::MAX).is_none());
    assert!(Syscall::of(u64::try_from(libc::SYS_openat).unwrap()).is_none());
    assert_eq!(Syscall::all().count(), CALLS.len());
    assert!(call("read").is_for_any_file());
    assert!(!call("recvfrom").is_for_any_file());
    assert!(!call("epoll_ctl").is_for_any_file());
}

#[test]
fn a_socket_is_made() {
    let kind = n(libc::SOCK_STREAM | libc::SOCK_CLOEXEC);
    let args = [n(libc::AF_INET), kind, n(libc::IPPROTO_TCP)];
    let expected = "domain=AF_INET type=SOCK_STREAM|SOCK_CLOEXEC protocol=IPPROTO_TCP";
    check("socket", &args, &none(), expected);
    assert_eq!(begun("socket", &args, &none()).kind, Kind::Socket);
    assert_eq!(begun("socket", &args, &none()).descriptor, None);
    check(
        "socket",
        &[n(999), 77, 0],
        &none(),
        "domain=999 type=0x4d protocol=0",
    );
}

#[test]
fn a_pair_is_told_by_the_kernel() {
    let args = [n(libc::AF_UNIX), n(libc::SOCK_DGRAM), 0, AT];
    let after = none().with(AT, &ints(&[5, 6]));
    let gave = ended("socketpair", &args, &none(), 0, &after);
    assert_eq!(told(&gave.arguments), "sv=[5, 6]");
    assert_eq!(gave.descriptors, [5, 6]);
    assert_eq!(
        ended("socketpair", &args, &none(), FAILED, &after),
        Gave::default()
    );
}

#[test]
fn addresses_are_read_where_they_are() {
    let memory = none().with(AT, &ipv4("127.0.0.1:65432"));
    check("bind", &[3, AT, 16], &memory, "fd=3 addr=127.0.0.1:65432");
    check(
        "connect",
        &[3, NOWHERE, 16],
        &none(),
        "fd=3 addr=0xdead0000",
    );
    check("connect", &[3, 0, 16], &none(), "fd=3 addr=none");
    check("connect", &[3, AT, 1 << 31], &memory, "fd=3 addr=0x1000");
    let memory = none().with(AT, &ipv6("[::1]:80", 0));
    check("connect", &[3, AT, 28], &memory, "fd=3 addr=[::1]:80");
    let memory = none().with(AT, &unix(b"\0name"));
    check("connect", &[3, AT, 7], &memory, "fd=3 addr=unix:@name");
    check("listen", &[3, 128], &none(), "fd=3 backlog=128");
    assert_eq!(begun("connect", &[3, 0, 0], &none()).kind, Kind::Connect);
    assert_eq!(begun("listen", &[3, 128], &none()).descriptor, Some(3));
}

#[test]
fn an_accepted_peer_is_told_by_the_kernel() {
    let args = [3, ADDRESS, LENGTH, n(libc::SOCK_CLOEXEC)];
    let before = none().with(LENGTH, &ints(&[128]));
    check("accept4", &args, &before, "fd=3 flags=SOCK_CLOEXEC");
    let peer = ipv4("127.0.0.1:50000");
    let after = none().with(LENGTH, &ints(&[16])).with(ADDRESS, &peer);
    let gave = ended("accept4", &args, &before, 4, &after);
    assert_eq!(told(&gave.arguments), "addr=127.0.0.1:50000");
    assert_eq!(gave.peer.as_deref(), Some("127.0.0.1:50000"));
    // The kernel says how long it is, and has written what there was room for.
    let before = none().with(LENGTH, &ints(&[6]));
    let gave = ended("accept4", &args, &before, 4, &after);
    assert_eq!(gave.peer.as_deref(), Some("AF_INET of 6 bytes"));
    let nobody_asked = ended("accept4", &[3, 0, 0, 0], &none(), 4, &none());
    assert_eq!(nobody_asked, Gave::default());
}

#[test]
fn names_are_no_peers() {
    let memory = none().with(LENGTH, &ints(&[2])).with(ADDRESS, &unix(b""));
    let gave = ended("getsockname", &[3, ADDRESS, LENGTH], &memory, 0, &memory);
    assert_eq!(
        (told(&gave.arguments).as_str(), gave.peer),
        ("addr=unix:", None)
    );
}

#[test]
fn options_have_levels_names_and_values() {
    let args = |level, option, length| [3, n(level), n(option), AT, length];
    let set = |level, option, value: &[u8], expected: &str| {
        let memory = none().with(AT, value);
        let args = args(level, option, value.len().try_into().unwrap());
        check(
            "setsockopt",
            &args,
            &memory,
            &format!("fd=3 level={expected}"),
        );
    };
    let (socket, tcp) = (libc::SOL_SOCKET, libc::IPPROTO_TCP);
    set(
        socket,
        libc::SO_REUSEADDR,
        &ints(&[1]),
        "SOL_SOCKET optname=SO_REUSEADDR optval=1",
    );
    set(
        socket,
        libc::SO_LINGER,
        &ints(&[1, 0]),
        "SOL_SOCKET optname=SO_LINGER optval={on, 0 s}",
    );
    let time = words(&[1, 500_000]);
    set(
        socket,
        libc::SO_RCVTIMEO,
        &time,
        "SOL_SOCKET optname=SO_RCVTIMEO optval=1.5 s",
    );
    set(
        socket,
        libc::SO_LINGER,
        &[1],
        "SOL_SOCKET optname=SO_LINGER optval=1",
    );
    set(
        tcp,
        libc::TCP_NODELAY,
        &ints(&[1]),
        "IPPROTO_TCP optname=TCP_NODELAY optval=1",
    );
    let name = b"cubic\0\x1b";
    set(
        tcp,
        libc::TCP_CONGESTION,
        name,
        "IPPROTO_TCP optname=TCP_CONGESTION optval=cubic",
    );
    let only = "IPPROTO_IPV6 optname=IPV6_V6ONLY optval=1";
    set(libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, &ints(&[1]), only);
    set(77, 88, &[0; 9], "77 optname=88 optval=9 bytes");
    let nowhere = [3, n(socket), n(libc::SO_REUSEADDR), NOWHERE, n(-1)];
    let expected = "fd=3 level=SOL_SOCKET optname=SO_REUSEADDR optval=0xdead0000";
    check("setsockopt", &nowhere, &none(), expected);
}

#[test]
fn the_kernel_answers_for_options() {
    let got = |level, option, value: &[u8], expected: &str| {
        let length = i32::try_from(value.len()).unwrap();
        let memory = none().with(AT, value).with(LENGTH, &ints(&[length]));
        let args = [3, n(level), n(option), AT, LENGTH];
        check_gave(
            "getsockopt",
            &args,
            &memory,
            0,
            &format!("optval={expected}"),
        );
    };
    let refused = ints(&[libc::ECONNREFUSED]);
    got(libc::SOL_SOCKET, libc::SO_ERROR, &refused, "ECONNREFUSED");
    got(libc::SOL_SOCKET, libc::SO_ERROR, &ints(&[0]), "0");
    got(
        libc::SOL_SOCKET,
        libc::SO_TYPE,
        &ints(&[libc::SOCK_STREAM]),
        "SOCK_STREAM",
    );
    got(
        libc::SOL_SOCKET,
        libc::SO_DOMAIN,
        &ints(&[libc::AF_INET6]),
        "AF_INET6",
    );
    got(
        libc::SOL_SOCKET,
        libc::SO_PROTOCOL,
        &ints(&[libc::IPPROTO_TCP]),
        "IPPROTO_TCP",
    );
    got(
        libc::SOL_SOCKET,
        libc::SO_PEERCRED,
        &ints(&[1, 2, 3]),
        "{pid 1, uid 2, gid 3}",
    );
    got(libc::IPPROTO_TCP, libc::TCP_INFO, &[0; 104], "104 bytes");
}

#[test]
fn files_are_told_what_to_do_by_a_number() {
    let set = n(libc::O_RDWR | libc::O_NONBLOCK);
    let expected = "fd=3 cmd=F_SETFL arg=O_RDWR|O_NONBLOCK";
    check("fcntl", &[3, n(libc::F_SETFL), set], &none(), expected);
    check("fcntl", &[3, n(libc::F_GETFL)], &none(), "fd=3 cmd=F_GETFL");
    let flags = i64::from(libc::O_RDWR | libc::O_NONBLOCK);
    let get = [3, n(libc::F_GETFL)];
    check_gave("fcntl", &get, &none(), flags, "flags=O_RDWR|O_NONBLOCK");
    let duplicate = [3, n(libc::F_DUPFD_CLOEXEC), 10];
    check(
        "fcntl",
        &duplicate,
        &none(),
        "fd=3 cmd=F_DUPFD_CLOEXEC arg=10",
    );
    check("fcntl", &[3, 9999, AT], &none(), "fd=3 cmd=9999 arg=0x1000");
}

#[test]
fn devices_are_too() {
    let memory = none().with(AT, &ints(&[1]));
    let nonblocking = u64::from(libc::FIONBIO);
    let unread = u64::from(libc::FIONREAD);
    check(
        "ioctl",
        &[3, nonblocking, AT],
        &memory,
        "fd=3 request=FIONBIO arg=1",
    );
    check(
        "ioctl",
        &[3, nonblocking, 0],
        &memory,
        "fd=3 request=FIONBIO arg=none",
    );
    check("ioctl", &[3, unread, AT], &memory, "fd=3 request=FIONREAD");
    check_gave("ioctl", &[3, unread, AT], &memory, 0, "arg=1");
    check(
        "ioctl",
        &[3, 0xffff_ffff, 0],
        &memory,
        "fd=3 request=0xffffffff arg=none",
    );
}

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

#[test]
fn it_comes_to_an_end() {
    check(
        "shutdown",
        &[3, n(libc::SHUT_WR)],
        &none(),
        "fd=3 how=SHUT_WR",
    );
    let ends = |how| begun("shutdown", &[3, n(how)], &none()).kind;
    let sends_no_more = true;
    assert_eq!(ends(libc::SHUT_WR), Kind::Shutdown { sends_no_more });
    assert_eq!(ends(libc::SHUT_RDWR), Kind::Shutdown { sends_no_more });
    let sends_no_more = false;
    assert_eq!(ends(libc::SHUT_RD), Kind::Shutdown { sends_no_more });
    assert_eq!(ends(99), Kind::Shutdown { sends_no_more });
    check("close", &[n(-1)], &none(), "fd=-1");
    let later = u64::from(libc::CLOSE_RANGE_CLOEXEC);
    let range = [3, u64::MAX, later];
    let expected = "first=3 last=4294967295 flags=CLOSE_RANGE_CLOEXEC";
    check("close_range", &range, &none(), expected);
    assert_eq!(begun("close_range", &range, &none()).kind, Kind::Other);
    assert_eq!(begun("close_range", &[3, 4, 0], &none()).kind, Kind::Close);
}

#[test]
fn copies_have_two_descriptors() {
    let args = [3, 4, n(libc::O_CLOEXEC)];
    check("dup3", &args, &none(), "oldfd=3 newfd=4 flags=O_CLOEXEC");
    let given = begun("dup3", &args, &none());
    assert_eq!((given.descriptor, given.replaced), (Some(3), Some(4)));
}

#[test]
fn epoll_tells_what_it_looks_for_and_what_it_finds() {
    let event = |events: i32, data: u64| {
        let mut bytes = ints(&[events]);
        bytes.resize(std::mem::offset_of!(libc::epoll_event, u64), 0);
        bytes.extend(data.to_ne_bytes());
        bytes
    };
    let first = event(libc::EPOLLIN | libc::EPOLLET, 5);
    let memory = none().with(AT, &first);
    let add = [4, n(libc::EPOLL_CTL_ADD), 5, AT];
    let expected = "epfd=4 op=EPOLL_CTL_ADD fd=5 event=EPOLLIN|EPOLLET data 5";
    check("epoll_ctl", &add, &memory, expected);
    let given = begun("epoll_ctl", &add, &memory);
    assert_eq!((given.descriptor, given.kind), (Some(5), Kind::Interest));
    let delete = [4, n(libc::EPOLL_CTL_DEL), 5, 0];
    check(
        "epoll_ctl",
        &delete,
        &memory,
        "epfd=4 op=EPOLL_CTL_DEL fd=5",
    );

    let args = [4, AT, 64, u64::MAX];
    check(
        "epoll_pwait",
        &args,
        &none(),
        "epfd=4 maxevents=64 timeout=-1",
    );
    let second = event(libc::EPOLLOUT, 0x7fff_0000_1234);
    let memory = none().with(AT, &[first, second].concat());
    let expected = "events=[EPOLLIN|EPOLLET data 5, EPOLLOUT data 0x7fff00001234]";
    check_gave("epoll_pwait", &args, &memory, 2, expected);
    check_gave("epoll_pwait", &args, &memory, 0, "events=[]");
    let many = format!("events=[... {} more]", i64::MAX);
    check_gave("epoll_pwait", &[4, NOWHERE, 1], &none(), i64::MAX, &many);
    let given = begun("epoll_pwait", &args, &none());
    assert_eq!((given.descriptor, given.kind), (None, Kind::Readiness));
}

#[test]
fn poll_has_a_list() {
    let entry = |descriptor: i32, asked: i16, ready: i16| {
        let events = [asked.to_ne_bytes(), ready.to_ne_bytes()].concat();
        [ints(&[descriptor]), events].concat()
    };
    let both = libc::POLLIN | libc::POLLOUT;
    let list = [entry(4, both, 0), entry(5, libc::POLLIN, libc::POLLHUP)].concat();
    let memory = none()
        .with(AT, &list)
        .with(LENGTH, &words(&[1, 500_000_000]));
    let args = [AT, 2, LENGTH];
    check(
        "ppoll",
        &args,
        &memory,
        "fds=[4 POLLIN|POLLOUT, 5 POLLIN] timeout=1.5 s",
    );
    check_gave("ppoll", &args, &memory, 1, "fds=[5 POLLHUP]");
    check("ppoll", &[0, 0, 0], &memory, "fds=[] timeout=none");
    check(
        "ppoll",
        &[NOWHERE, 5, 0],
        &memory,
        "fds=0xdead0000 timeout=none",
    );

    let mut entries = vec![entry(4, libc::POLLIN, 0); 1000];
    entries[999] = entry(77, libc::POLLIN, libc::POLLIN);
    let memory = none().with(AT, &entries.concat());
    let given = told(&begun("ppoll", &[AT, 1000, 0], &memory).arguments);
    assert!(given.contains("4 POLLIN, ... 984 more] timeout"), "{given}");
    check_gave("ppoll", &[AT, 1000, 0], &memory, 1, "fds=[77 POLLIN]");
    begun("ppoll", &[AT, u64::MAX, 0], &memory);
}

#[test]
fn select_has_sets() {
    let memory = none().with(AT, &words(&[0b11_0000, 1]));
    let args = [65, AT, 0, NOWHERE, 0];
    let expected = "nfds=65 readfds=[4, 5, 64] exceptfds=0xdead0000 timeout=none";
    check("pselect6", &args, &memory, expected);
    check_gave(
        "pselect6",
        &[65, AT, 0, 0, 0],
        &memory,
        3,
        "readfds=[4, 5, 64]",
    );
    check_gave("pselect6", &[65, AT, 0, 0, 0], &memory, 0, "");
    check(
        "pselect6",
        &[n(-1), AT, 0, 0, 0],
        &memory,
        "nfds=-1 readfds=[] timeout=none",
    );
    let expected = "nfds=2147483647 readfds=[4, 5, 64] timeout=none";
    check("pselect6", &[n(i32::MAX), AT, 0, 0, 0], &memory, expected);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn there_are_older_calls_for_the_same() {
    check("select", &[0, 0, 0, 0, 0], &none(), "nfds=0 timeout=none");
    check("poll", &[0, 0, n(-1)], &none(), "fds=[] timeout=-1");
    check(
        "epoll_wait",
        &[4, AT, 8, 100],
        &none(),
        "epfd=4 maxevents=8 timeout=100",
    );
    check("epoll_create", &[1], &none(), "size=1");
    check("dup2", &[3, 4], &none(), "oldfd=3 newfd=4");
}

#[test]
fn rings_are_named() {
    check("io_uring_setup", &[64, AT], &none(), "entries=64");
    check(
        "io_uring_enter",
        &[5, 1, 1, 1],
        &none(),
        "fd=5 to_submit=1 min_complete=1 flags=0x1",
    );
    check(
        "io_uring_register",
        &[5, 2, AT, 1],
        &none(),
        "fd=5 opcode=2 nr_args=1",
    );
}

/// Whatever a program passes, nothing panics, and nobody reads much.
#[test]
fn odd_arguments_and_odd_memory_do_no_harm() {
    let odd = [
        0,
        1,
        3,
        AT,
        AT + 60,
        NOWHERE,
        u64::MAX - 7,
        u64::MAX,
        1 << 31,
        1 << 63,
    ];
    let addresses = words(&[AT, u64::MAX, AT + 8, 1 << 63, AT, u64::MAX, 24, 0]);
    let memories = [
        none(),
        none().with(AT, &[0xff; 64]),
        none().with(AT, &addresses),
    ];
    for memory in &memories {
        for spec in CALLS {
            for (index, first) in odd.iter().enumerate() {
                for second in odd {
                    let third = odd[(index + 3) % odd.len()];
                    let args = [*first, second, third, second, *first, third];
                    let given = begin(Syscall(spec), args, memory, KEEP);
                    for result in [FAILED, i64::MIN, 0, 1, 70, i64::MAX] {
                        let gave = end(Syscall(spec), args, &given, result, memory, KEEP);
                        assert!(gave.data.is_none_or(|data| data.bytes.len() <= KEEP));
                    }
                }
            }
        }
    }
}
