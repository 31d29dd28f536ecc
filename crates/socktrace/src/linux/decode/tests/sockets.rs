//! Calls that make, join, name, tell and end sockets.

use super::*;

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
    let nonblocking = libc::FIONBIO;
    let unread = libc::FIONREAD;
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
