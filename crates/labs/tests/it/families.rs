use crate::story::{require_networks, run};

#[test]
fn what_std_reads_and_the_c_library_takes() {
    let story = run(&["families"]);
    let (with_port, alone) = ("parse::<SocketAddr>", "parse::<IpAddr>");
    let std = |call: String, came: &str| story.check("std", &call, &[came]);
    std(format!("{with_port}(\"[::1]:80\")"), "[::1]:80");
    // As an address with a port, and then without one.
    std(format!("{with_port}(\"::1:80\")"), "InvalidInput");
    std(format!("{alone}(\"::1:80\")"), "::1:80");
    std(
        "parse::<SocketAddr>(\"[fe80::1%eth0]".to_owned(),
        "InvalidInput",
    );
    std(format!("{alone}(\"127.1\")"), "InvalidInput");
    std(format!("{alone}(\"010.0.0.1\")"), "InvalidInput");
    assert_eq!(story.found("an address of flow 7"), ["[::1%2]:80"]);
}

#[test]
fn an_echo_over_each_family_comes_back() {
    if !require_networks() {
        return;
    }
    let story = run(&["families"]);
    story.check("both", "send", &["6", "6", "6"]);
    let structures = story.found("the address, as the kernel gets it");
    assert_eq!(
        structures,
        [
            "family 2, 16 bytes",
            "family 10, 28 bytes",
            // Two for the family, the path, and a zero byte.
            "family 1, 17 bytes",
        ]
    );
    assert!(story.not_shown().is_empty(), "{:?}", story.not_shown());
}

#[test]
fn a_path_stays_in_use_until_it_is_unlinked() {
    if !require_networks() {
        return;
    }
    let story = run(&["families"]);
    let peer = &story.came("server", "getsockopt(SO_PEERCRED)")[0];
    assert!(peer.starts_with("process "), "{peer}");
    let path = "bind(/tmp/echo.sock)";
    let expected = ["done", "done", "EADDRINUSE", "done"];
    story.check("server", path, &expected);
    story.check("client", "connect(/tmp", &["ECONNREFUSED"]);
    story.check("server", "unlink(", &["done"]);
    // An abstract name is free as soon as its socket is closed.
    let expected = ["done", "EADDRINUSE", "done"];
    story.check("server", "bind(@", &expected);
}

#[test]
fn a_dual_stack_listener_sees_a_mapped_address() {
    if !require_networks() {
        return;
    }
    let story = run(&["families"]);
    let accepted = story.came("server", "accept()");
    assert!(
        accepted
            .iter()
            .any(|peer| peer.contains("[::ffff:127.0.0.1]:")),
        "{accepted:?}"
    );
    assert_eq!(story.found("after to_canonical()"), ["127.0.0.1"]);
    let connected = story.came("client", "connect(127.0.0.1:");
    assert_eq!(connected[1], "ECONNREFUSED", "{connected:?}");
    story.check("client", "recv(64)", &["4", "4"]);
}

#[test]
fn an_address_of_a_link_needs_the_link() {
    if !require_networks() {
        return;
    }
    let story = run(&["families"]);
    story.check("client", "connect([fe80::2]:", &["EINVAL"]);
    let peer = &story.came("client", "getpeername()")[0];
    let wire = story.found("the wire's number on this host")[0];
    assert!(peer.starts_with(&format!("[fe80::2%{wire}]:")), "{peer}");
}
