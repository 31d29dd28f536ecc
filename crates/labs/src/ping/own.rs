//! Hosts of our own, so that everything comes that may come: an answer without
//! a server, a server without an answer, and a router that says no.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Context;

use super::real::{N_REQUESTS, RANGE, ask};
use super::socket::EchoSocket;
use crate::lab::Lab;
use crate::linux::two_hosts::{FAR, PORT, TwoHosts};
use crate::tcp::{TIMEOUT, failed_with};

/// Another address for examples.
const NOWHERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);

/// A wire of no length: what isn't back by then was not sent.
const SHORT: Duration = Duration::from_millis(300);

pub(super) fn run(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    let mut echoes = permitted(lab, hosts)?;
    nobody_runs(lab, hosts, &mut echoes);
    nobody_answers(lab, hosts, &mut echoes)?;
    unreachable(lab, hosts)?;
    itself(lab, hosts)
}

fn permitted(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<EchoSocket> {
    lab.about(
        "Two hosts of our own, near and far. A socket for echoes needs no root \
         on Linux, but a setting of the network says which groups may have \
         one.",
    );
    // ANCHOR: permitted
    let before = socket(lab, hosts, FAR);
    // One's own group is called 0 in a network of one's own.
    lab.call("near", "ping_group_range = \"0 0\"", || {
        hosts.near.run(|| fs::write(RANGE, "0 0"))
    })
    .context("cannot allow it; try `cargo xtask lab ping 127.0.0.1`")?;
    let echoes = socket(lab, hosts, FAR)?;
    // ANCHOR_END: permitted
    lab.claim(
        before.is_ok() || failed_with(&before, ErrorKind::PermissionDenied),
        match before {
            Ok(_) => "It was allowed from the start.",
            Err(_) => {
                "It was forbidden, and then allowed. The setting is the \
                 network's own, and of this network we are the root."
            }
        },
    );
    Ok(echoes)
}

fn nobody_runs(lab: &mut Lab, hosts: &TwoHosts, echoes: &mut EchoSocket) {
    lab.about(format!(
        "Nothing runs on far: it is a network at {FAR} with no process in it."
    ));
    // ANCHOR: nobody_runs
    let asked = lab.ask(
        "near sends an echo request to far. What comes?",
        &["a reply", "a refusal", "nothing"],
    );
    let answers = ask(lab, "near", echoes, N_REQUESTS, TIMEOUT);
    let (came, refused) = (&answers.replies, &answers.complaints);
    lab.answer(
        asked,
        match (came.is_empty(), refused.is_empty()) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        },
    );
    answers.tell(lab);
    let connected = connect(lab, hosts);
    // ANCHOR_END: nobody_runs
    lab.claim(
        came.len() == usize::from(N_REQUESTS)
            && answers.checksums_hold()
            && failed_with(&connected, ErrorKind::ConnectionRefused),
        "far's kernel answers by itself, and by it one knows that the host is \
         up and the way there and back is open; no more.",
    );
}

fn nobody_answers(
    lab: &mut Lab,
    hosts: &TwoHosts,
    echoes: &mut EchoSocket,
) -> anyhow::Result<()> {
    lab.about(
        "Now a server runs on far, and far has been told to leave echo \
         requests without an answer, as many firewalls are.",
    );
    // ANCHOR: nobody_answers
    let listen = || TcpListener::bind((FAR, PORT));
    let _listener =
        lab.call("far", format!("listen on {FAR}:{PORT}"), || {
            hosts.far.run(listen)
        })?;
    let ignore = "/proc/sys/net/ipv4/icmp_echo_ignore_all";
    lab.call("far", "icmp_echo_ignore_all = 1", || {
        hosts.far.run(|| fs::write(ignore, "1"))
    })?;
    let answers = ask(lab, "near", echoes, 2, SHORT);
    answers.tell(lab);
    let connected = connect(lab, hosts);
    // ANCHOR_END: nobody_answers
    lab.claim(
        answers.replies.is_empty() && connected.is_ok(),
        "All requests were lost, and the server is there. Silence is no proof \
         that nobody is.",
    );
    Ok(())
}

fn unreachable(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    lab.about(format!(
        "far becomes a router on near's way to {NOWHERE}, and knows none."
    ));
    let routes = [
        (
            "near",
            &hosts.near,
            format!("route add {NOWHERE} via {FAR}"),
        ),
        (
            "far",
            &hosts.far,
            format!("route add unreachable {NOWHERE}"),
        ),
    ];
    for (name, host, words) in routes {
        lab.call(name, format!("ip {words}"), || {
            host.ip(&words).map_err(io::Error::other)
        })?;
    }
    lab.call("far", "ip_forward = 1", || {
        let forward = "/proc/sys/net/ipv4/ip_forward";
        hosts.far.run(|| fs::write(forward, "1"))
    })?;
    let mut echoes = socket(lab, hosts, NOWHERE)?;
    let answers = ask(lab, "near", &mut echoes, 1, TIMEOUT);
    answers.tell(lab);
    lab.claim(
        answers.replies.is_empty() && answers.complaints == [FAR],
        "A router has said that it knows no way. That is an answer, too, and \
         more than silence.",
    );
    Ok(())
}

fn itself(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    lab.about("near asks itself, by IPv4 and by IPv6.");
    let mut ask_itself = |itself: IpAddr| -> io::Result<bool> {
        let mut echoes = socket(lab, hosts, itself)?;
        let answers = ask(lab, "near", &mut echoes, 1, TIMEOUT);
        Ok(answers.replies.len() == 1)
    };
    let came = ask_itself(Ipv4Addr::LOCALHOST.into())?;
    let itself = Ipv6Addr::LOCALHOST;
    if let Err(error) = hosts.near.run(|| TcpListener::bind((itself, 0))) {
        let why = format!("there is no IPv6 here ({error})");
        lab.not_shown("its echo", why);
        return Ok(());
    }
    let came = came & ask_itself(itself.into())?;
    lab.claim(
        came,
        "near answers itself, too, and over IPv6 by an echo of its own.",
    );
    Ok(())
}

/// Makes a socket for echoes on near.
fn socket(
    lab: &mut Lab,
    hosts: &TwoHosts,
    target: impl Into<IpAddr>,
) -> io::Result<EchoSocket> {
    let target = target.into();
    lab.call("near", EchoSocket::call(target), || {
        hosts.near.run(|| EchoSocket::new((target, 0).into()))
    })
}

fn connect(lab: &mut Lab, hosts: &TwoHosts) -> io::Result<TcpStream> {
    let address = (FAR, PORT).into();
    lab.call("near", format!("connect({address})"), || {
        let connect = || TcpStream::connect_timeout(&address, TIMEOUT);
        hosts.near.run(connect)
    })
}
