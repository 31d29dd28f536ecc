//! What a name may come to: `getaddrinfo` has errors and numbers of its own, of
//! which std keeps the text alone.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::ensure;

use super::entry::Entry;
use super::failure;
use crate::lab::Lab;

pub(super) const ENTRIES: [Entry; 2] = [
    Entry {
        name: "EAI_NONAME",
        alias: None,
        windows: ("WSAHOST_NOT_FOUND", 11001),
        cause: "There is no such name.",
        cure: "Correct the name; to try again doesn't help.",
        note: "Of the resolver's errors, std keeps the text and no number; on \
               Windows it keeps the number. Don't match on the text: it is \
               another on each system.",
        ways: &[no_name],
        needs_network: false,
    },
    Entry {
        name: "EAI_AGAIN",
        alias: None,
        windows: ("WSATRY_AGAIN", 11002),
        cause: "No name server answers, so nobody knows whether there is one.",
        cure: "Try again later; see /etc/resolv.conf; see if you are online.",
        note: "It may take long to come: by default, glibc waits 5 seconds for \
               each server, and asks each twice (resolv.conf(5)).",
        ways: &[no_answer],
        // One where no name server is.
        needs_network: true,
    },
];

fn resolve(lab: &mut Lab, name: &str) -> anyhow::Result<io::Error> {
    failure(lab.call("client", format!("getaddrinfo({name:?})"), || {
        (name, 80)
            .to_socket_addrs()
            .map(Vec::<SocketAddr>::from_iter)
    }))
}

fn no_name(lab: &mut Lab) -> anyhow::Result<io::Error> {
    // No name has two dots in a row, so nobody has to be asked.
    resolve(lab, "www..example")
}

fn no_answer(lab: &mut Lab) -> anyhow::Result<io::Error> {
    // Never the name of anything (RFC 6761, 6.4).
    let error = resolve(lab, "name.invalid")?;
    // glibc's words, and musl's.
    let is_so = ["Temporary failure", "Try again"]
        .iter()
        .any(|words| error.to_string().contains(words));
    ensure!(is_so, "somebody answered outside of this network");
    Ok(error)
}
