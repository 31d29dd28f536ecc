//! Tests of what is said when.

use super::*;
use crate::kind::kind_of;
use crate::record::{Data, Errno, Side, State, Way};

/// The calls that the book is about.
const NAMES: &str = "socket socketpair setsockopt getsockopt bind listen accept accept4 connect \
    getsockname getpeername sendto sendmsg sendmmsg write writev recvfrom recvmsg \
    recvmmsg read readv shutdown close dup dup2 dup3 fcntl ioctl epoll_create1 \
    epoll_ctl epoll_wait epoll_pwait poll ppoll select pselect6 sendfile splice \
    io_uring_setup io_uring_enter io_uring_register epoll_create";

fn text(name: &str, value: &str) -> Argument {
    let value = Value::Text(value.to_owned());
    Argument {
        name: name.to_owned(),
        value,
    }
}

fn number(name: &str, value: i64) -> Argument {
    let value = Value::Number(value);
    Argument {
        name: name.to_owned(),
        value,
    }
}

fn call(name: &str, arguments: &[Argument], result: Outcome) -> Call {
    Call {
        step: 1,
        side: Side::Server,
        process: 1,
        thread: 1,
        began: 0,
        ended: 0,
        waited: false,
        name: name.to_owned(),
        arguments: arguments.to_vec(),
        result,
        gave: Vec::new(),
        socket: Some(1),
        data: None,
        causes: Vec::new(),
        frames: Vec::new(),
        states: Vec::new(),
    }
}

fn failed(name: &str) -> Outcome {
    Outcome::Failed(Errno {
        name: name.to_owned(),
        number: 1,
    })
}

/// A call that moved `length` of `room` bytes.
fn moved(name: &str, way: Way, length: u64, room: u64) -> Call {
    let count = i64::try_from(length).unwrap();
    let mut call = call(name, &[], Outcome::Returned(count));
    call.data = Some(Data {
        way,
        length,
        room,
        bytes: Vec::new(),
    });
    call
}

/// The words' lines have all of `parts` in them.
#[track_caller]
fn says(words: Words, parts: &[&str]) {
    let lines = words.lines.join(" ");
    for part in parts {
        assert!(lines.contains(part), "{part:?} isn't in {lines:?}");
    }
}

#[track_caller]
fn before_says(name: &str, arguments: &[Argument], parts: &[&str]) {
    says(before(name, kind_of(name, arguments), arguments), parts);
}

#[test]
fn each_call_has_words_of_its_own_before_and_after() {
    for name in NAMES.split_whitespace() {
        let about_it = before(name, kind_of(name, &[]), &[]);
        assert_ne!(about_it, UNKNOWN, "{name}");
        let came = after(&call(name, &[], Outcome::Returned(1)));
        assert_ne!(came, UNKNOWN_DONE, "{name}");
        assert_ne!(came, about_it, "{name}");
    }
    assert_eq!(before("flock", Kind::Other, &[]), UNKNOWN);
}

#[test]
fn each_call_that_can_wait_has_words_for_it() {
    let names = "accept4 connect sendto recvfrom read close epoll_wait poll select io_uring_enter";
    for name in names.split_whitespace() {
        assert_ne!(waiting(name, kind_of(name, &[])), SOMETHING_WAITS, "{name}");
    }
}

#[test]
fn each_notable_error_has_words_of_its_own() {
    let unknown = after(&call("recvfrom", &[], failed("EWHATEVER")));
    let names = "EAGAIN EWOULDBLOCK ECONNRESET EPIPE EINPROGRESS EALREADY EISCONN ECONNREFUSED \
        ETIMEDOUT EADDRINUSE EADDRNOTAVAIL EACCES EPERM ENOTCONN EINTR ERESTARTSYS \
        EMFILE ENFILE ECONNABORTED EBADF ENOTSOCK EINVAL EFAULT EHOSTUNREACH ENETUNREACH \
        EAFNOSUPPORT ENOPROTOOPT EOPNOTSUPP EEXIST ENOENT ENOSYS ENOBUFS EMSGSIZE";
    for name in names.split_whitespace() {
        assert_ne!(
            after(&call("recvfrom", &[], failed(name))),
            unknown,
            "{name}"
        );
    }
}

#[test]
fn zero_from_a_receive_is_the_end() {
    says(
        after(&moved("read", Way::Received, 0, 1024)),
        &["end of input", "not an error"],
    );
    says(
        after(&moved("recvfrom", Way::Peeked, 0, 1)),
        &["end of input"],
    );
    // Two zeros that are something else.
    says(
        after(&moved("read", Way::Received, 0, 0)),
        &["room for no bytes"],
    );
    let mut datagram = moved("recvfrom", Way::Received, 0, 1024);
    datagram.gave.push(text("src_addr", "127.0.0.1:53"));
    says(after(&datagram), &["empty message"]);
}

#[test]
fn bytes_are_all_or_a_part() {
    says(after(&moved("sendto", Way::Sent, 10, 10)), &["All of it"]);
    says(after(&moved("write", Way::Sent, 4, 10)), &["short write"]);
    says(
        after(&moved("sendto", Way::Sent, 0, 0)),
        &["Nothing was offered"],
    );
    says(after(&moved("recvfrom", Way::Received, 4, 10)), &["normal"]);
    says(
        after(&moved("recvfrom", Way::Received, 10, 10)),
        &["more may be waiting"],
    );
    says(
        after(&moved("sendmmsg", Way::Sent, 2, 10)),
        &["counts messages"],
    );
}

#[test]
fn eagain_is_no_fault() {
    let of = |name| after(&call(name, &[], failed("EAGAIN")));
    says(of("recvfrom"), &["nothing has come yet", "No fault"]);
    says(of("write"), &["full", "No fault"]);
    says(of("accept4"), &["nobody waits", "No fault"]);
    says(of("connect"), &["backlog"]);
    // Only a timeout makes a call wait and then fail like this.
    let mut late = call("recvfrom", &[], failed("EAGAIN"));
    late.waited = true;
    says(after(&late), &["timeout"]);
}

#[test]
fn an_error_means_what_the_call_makes_of_it() {
    let of = |name, errno| after(&call(name, &[], failed(errno)));
    says(of("bind", "EADDRINUSE"), &["another socket has"]);
    says(of("connect", "EADDRNOTAVAIL"), &["No local port"]);
    says(of("bind", "EACCES"), &["1024"]);
    says(of("accept4", "EMFILE"), &["stays in the backlog"]);
    says(of("socket", "EMFILE"), &["ulimit"]);
    says(of("connect", "ETIMEDOUT"), &["nobody has answered"]);
    says(of("read", "ETIMEDOUT"), &["doesn't confirm"]);
    says(of("connect", "EINPROGRESS"), &["SO_ERROR"]);
}

#[test]
fn port_0_is_any_port() {
    let any = [number("sockfd", 3), text("addr", "[::1]:0")];
    before_says("bind", &any, &["port 0"]);
    says(
        after(&call("bind", &any, Outcome::Returned(0))),
        &["chosen by the kernel"],
    );
    before_says("bind", &[text("addr", "127.0.0.1:8080")], &["this address"]);
    before_says("bind", &[text("addr", "unix:/tmp/name:0")], &["a path"]);
}

#[test]
fn not_every_address_is_a_port() {
    let unix = [text("addr", "unix:/run/nscd/socket")];
    before_says("connect", &unix, &["no IP address"]);
    says(
        after(&call("connect", &unix, Outcome::Returned(0))),
        &["no network"],
    );
    before_says("connect", &[text("addr", "AF_UNSPEC")], &["undoes"]);
    before_says("connect", &[text("addr", "[::1]:80")], &["handshake"]);
}

#[test]
fn a_socket_is_of_a_family_and_a_type() {
    let of = |family, kind| [text("domain", family), text("type", kind)];
    before_says(
        "socket",
        &of("AF_INET6", "SOCK_STREAM|SOCK_CLOEXEC"),
        &["connection"],
    );
    before_says("socket", &of("AF_INET", "SOCK_DGRAM"), &["UDP"]);
    before_says("socket", &of("AF_UNIX", "SOCK_STREAM"), &["AF_UNIX"]);
    before_says("socket", &of("AF_NETLINK", "SOCK_RAW"), &["kernel itself"]);
    before_says("socket", &of("AF_CAN", "SOCK_RAW"), &["book doesn't use"]);
}

#[test]
fn common_options_are_told_apart() {
    let options = [
        ("SO_REUSEADDR", "port may be taken"),
        ("TCP_NODELAY", "Nagle"),
        ("IPV6_V6ONLY", "IPv4, too"),
        ("SO_LINGER", "close"),
        ("SO_RCVBUF", "doubles"),
        ("SO_SNDTIMEO", "how long"),
        ("SO_RCVTIMEO_OLD", "how long"),
        ("TCP_KEEPIDLE", "silent peer"),
        ("TCP_CORK", "Sets an option"),
    ];
    for (option, part) in options {
        before_says("setsockopt", &[text("optname", option)], &[part]);
    }
}

#[test]
fn so_error_says_what_came_of_a_connect() {
    let arguments = [text("optname", "SO_ERROR")];
    before_says("getsockopt", &arguments, &["non-blocking connect"]);
    let mut call = call("getsockopt", &arguments, Outcome::Returned(0));
    for none in [number("optval", 0), text("optval", "0")] {
        call.gave = vec![none];
        says(after(&call), &["it is connected"]);
    }
    for some in [number("optval", 111), text("optval", "ECONNREFUSED")] {
        call.gave = vec![some];
        says(after(&call), &["has failed"]);
    }
}

#[test]
fn two_calls_make_a_socket_non_blocking() {
    let fcntl = [text("cmd", "F_SETFL"), text("arg", "O_RDWR|O_NONBLOCK")];
    before_says("fcntl", &fcntl, &["non-blocking"]);
    before_says(
        "fcntl",
        &[text("cmd", "F_SETFL"), text("arg", "O_RDWR")],
        &["blocking: calls"],
    );
    before_says("fcntl", &[text("cmd", "F_GETFL")], &["flags"]);
    before_says("fcntl", &[text("cmd", "F_GETFD")], &["debug builds"]);
    before_says(
        "fcntl",
        &[text("cmd", "F_DUPFD_CLOEXEC")],
        &["second descriptor"],
    );
    let request = text("request", "FIONBIO");
    let on = [request.clone(), number("argp", 1)];
    before_says("ioctl", &on, &["non-blocking"]);
    for zero in [number("argp", 0), text("argp", "[0]")] {
        before_says("ioctl", &[request.clone(), zero], &["blocking: calls"]);
    }
}

#[test]
fn a_shutdown_is_of_one_direction_or_both() {
    before_says("shutdown", &[text("how", "SHUT_WR")], &["still reads"]);
    before_says("shutdown", &[number("how", 0)], &["won't read"]);
    before_says(
        "shutdown",
        &[text("how", "SHUT_RDWR")],
        &["both directions"],
    );
}

#[test]
fn a_close_of_a_copy_is_no_end() {
    let mut call = call("close", &[], Outcome::Returned(0));
    says(after(&call), &["free again"]);
    call.states = vec![State {
        socket: 1,
        state: "ESTABLISHED".to_owned(),
        local: String::new(),
        peer: String::new(),
        receive_queue: 0,
        send_queue: 0,
    }];
    says(after(&call), &["lives on"]);
    // The peer's state says nothing about this end.
    call.states[0].socket = 2;
    says(after(&call), &["free again"]);
}

#[test]
fn an_event_loop_adds_asks_and_is_told() {
    let edge = [
        text("op", "EPOLL_CTL_ADD"),
        text("event", "EPOLLIN|EPOLLET data 5"),
    ];
    let level = [text("op", "EPOLL_CTL_ADD"), text("event", "EPOLLIN data 3")];
    before_says("epoll_ctl", &edge, &["edge-triggered"]);
    before_says("epoll_ctl", &level, &["level-triggered"]);
    before_says("epoll_ctl", &[text("op", "EPOLL_CTL_MOD")], &["Changes"]);
    before_says(
        "epoll_ctl",
        &[text("op", "EPOLL_CTL_DEL")],
        &["off the list"],
    );
    before_says("epoll_wait", &[number("timeout", -1)], &["on the list"]);
    before_says("poll", &[number("timeout", 0)], &["doesn't wait"]);
    before_says("pselect6", &[text("timeout", "0 s")], &["doesn't wait"]);
    before_says("ppoll", &[text("timeout", "none")], &["sleeps"]);
    let returned = |n, timeout| {
        let arguments = [number("timeout", timeout)];
        after(&call("epoll_wait", &arguments, Outcome::Returned(n)))
    };
    says(returned(0, 100), &["time was over"]);
    says(returned(0, 0), &["nobody is ready"]);
    says(returned(2, -1), &["how many"]);
}

#[test]
fn a_call_that_never_came_back_is_said_to_be_unfinished() {
    let outcome = Outcome::Unfinished("killed".to_owned());
    says(after(&call("read", &[], outcome)), &["never came back"]);
}

#[test]
fn odd_records_have_words_too() {
    let nested = Argument {
        name: "event".to_owned(),
        value: Value::List(vec![Value::List(vec![Value::Text("EPOLLET".to_owned())])]),
    };
    for name in NAMES.split_whitespace().chain(["", "\u{1b}[2J", "ioctl\0"]) {
        for result in [
            Outcome::Returned(i64::MIN),
            Outcome::Returned(i64::MAX),
            failed(""),
        ] {
            let mut odd = call(name, std::slice::from_ref(&nested), result);
            odd.data = Some(Data {
                way: Way::Sent,
                length: u64::MAX,
                room: u64::MAX,
                bytes: Vec::new(),
            });
            let _ = after(&odd);
        }
    }
}
