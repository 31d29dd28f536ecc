//! From the name to a connection: the list, and each address in turn.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::network::{ADDRESSES, HERE, SERVER};
use super::resolver::ask;
use crate::lab::Lab;

/// For each address. A host on the next wire needs far less, one on another
/// continent about as much.
const PATIENCE: Duration = Duration::from_millis(300);

pub(super) fn in_turn(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about(
        "A name with three addresses, which stand in this order in the file of \
         names, /etc/hosts.",
    );
    let in_file = ADDRESSES.map(|address| address.to_string()).join(", ");
    lab.found("in the file", in_file);
    let listener = TcpListener::bind((HERE, 0))?;
    let port = listener.local_addr()?.port();
    let asked = lab.ask(
        "Which of them will the resolver give first?",
        &["the first in the file", "the second", "the last"],
    );
    let found = ask(lab, SERVER, port)?;
    let ips: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
    let first = ADDRESSES.iter().position(|ip| ips.first() == Some(ip));
    lab.answer(asked, first);
    let is_sorted = ips != ADDRESSES;
    lab.claim(
        ADDRESSES.iter().all(|address| ips.contains(address)),
        match is_sorted {
            true => {
                "All three came, and not in the order of the file: the \
                 resolver sorts them (RFC 6724)."
            }
            false => "All three came, in the order of the file.",
        },
    );

    lab.about("A client tries one after another, and waits 300 ms for each.");
    let (connected, failures) = connect(lab, &found);
    let n_failed = failures.len();
    lab.claim(
        connected.is_some(),
        match n_failed {
            0 => "The first address answered.".to_owned(),
            n => format!(
                "{n} of them gave no connection, and the next did. Whoever \
                 tries only the first fails here."
            ),
        },
    );
    Ok(())
}

// ANCHOR: connect
/// Tries each address in turn, until one answers.
fn connect(
    lab: &mut Lab,
    addresses: &[SocketAddr],
) -> (Option<TcpStream>, Vec<(SocketAddr, io::Error)>) {
    let mut failures = Vec::new();
    for address in addresses {
        let call = format!("connect({address})");
        let result = lab.call("client", call, || {
            TcpStream::connect_timeout(address, PATIENCE)
        });
        match result {
            Ok(stream) => return (Some(stream), failures),
            Err(error) => failures.push((*address, error)),
        }
    }
    (None, failures)
}
// ANCHOR_END: connect

pub(super) fn localhost(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("A server on 127.0.0.1, and a client that is told localhost.");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let found = ask(lab, "localhost", port)?;
    let (connected, failures) = connect(lab, &found);
    let is_refused = |(address, error): &(SocketAddr, io::Error)| {
        address.is_ipv6() && error.kind() == ErrorKind::ConnectionRefused
    };
    if failures.is_empty() {
        lab.claim(
            connected.is_some(),
            "Here localhost is 127.0.0.1 first, so the server is found at \
             once.",
        );
    } else {
        lab.claim(
            connected.is_some() && failures.iter().all(is_refused),
            "localhost is ::1 first, and there is no server. The second \
             address had one.",
        );
    }
    Ok(())
}
