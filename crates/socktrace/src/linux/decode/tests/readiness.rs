//! Calls that ask what is ready.

use super::*;

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
    let nothing = [4, n(libc::EPOLL_CTL_MOD), 5, 0];
    check(
        "epoll_ctl",
        &nothing,
        &none(),
        "epfd=4 op=EPOLL_CTL_MOD fd=5 event=none",
    );
    let delete = [4, n(libc::EPOLL_CTL_DEL), 5, AT];
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
