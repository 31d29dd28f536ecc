//! What any machine shows, with the names that it knows itself.

use std::io::ErrorKind;
use std::time::Duration;

use anyhow::anyhow;
use common::Printable;

use super::resolver::{PORT, ask, resolve_within};
use crate::lab::Lab;

/// A resolver may try several name servers, for seconds each.
const PATIENCE: Duration = Duration::from_secs(20);

/// The addresses of a name of one's own. Nothing is connected to.
pub(super) fn one(lab: &mut Lab, name: &str) -> anyhow::Result<()> {
    lab.about(
        "The addresses of a name, in the order in which this machine's \
         resolver gives them. Nothing is connected to.",
    );
    let shown = Printable::excerpt(name.as_bytes());
    let call = format!("getaddrinfo({shown})");
    let found =
        lab.call("client", call, || resolve_within(name, PORT, PATIENCE));
    let found = found.map_err(|error| {
        let hint = match name.contains(':') {
            true => "give the name without a port",
            false => "is it spelt right, and this machine on the network?",
        };
        anyhow!("cannot resolve {shown}: {error}; {hint}")
    })?;
    for (index, address) in found.iter().enumerate() {
        let name = format!("to be tried as number {}", index + 1);
        lab.found(name, address.ip().to_string());
    }
    lab.claim(
        !found.is_empty(),
        match found.len() {
            1 => "The name has one address.".to_owned(),
            n => format!(
                "The name has {n} addresses. A client tries them in this order."
            ),
        },
    );
    Ok(())
}

/// Long enough for a resolver that is well, and nobody waits longer for a
/// lesson.
const SHORT_PATIENCE: Duration = Duration::from_secs(2);

/// What can be shown without a network of one's own, and why the rest can't.
pub(super) fn some(lab: &mut Lab, why: &str) -> anyhow::Result<()> {
    lab.about("A literal address, and a name that each machine has.");
    let literal = ask(lab, "127.0.0.1", PORT)?;
    lab.claim(
        literal == [([127, 0, 0, 1], PORT).into()],
        "A literal address is read, and nobody is asked.",
    );
    if let Ok(found) = ask(lab, "localhost", PORT) {
        lab.claim(
            found.iter().all(|address| address.ip().is_loopback()),
            "localhost is this machine, by one address or by several.",
        );
    }

    lab.about("A name that nobody may have (RFC 6761, 6.4).");
    let name = "no-such-name.invalid";
    let call = format!("getaddrinfo({name:?})");
    let found = lab.call("client", call, || {
        resolve_within(name, PORT, SHORT_PATIENCE)
    });
    let what = "A name that doesn't exist";
    match found {
        Ok(_) => {
            lab.not_shown(what, "a name server here answers for every name");
        }
        Err(error) if error.kind() == ErrorKind::TimedOut => {
            lab.not_shown(what, format!("{error}; see if it is online"));
        }
        Err(error) => lab.claim(
            cfg!(windows) || error.raw_os_error().is_none(),
            "It has no address, and that is the resolver's error, not the \
             kernel's.",
        ),
    }
    lab.not_shown(
        "The order of several addresses, and a name server that is silent",
        why,
    );
    Ok(())
}
