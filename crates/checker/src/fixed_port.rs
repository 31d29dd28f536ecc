//! The port of a program that can't be told one: whether it is free, and if not, why.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::outcome::Outcome;
use crate::system::{Listening, is_free, owner_of};

/// How long a port that somebody just left can stay in use (TIME_WAIT, tcp(7)).
const TIME_WAIT: Duration = Duration::from_secs(65);

/// How often a port that isn't free is tried again.
const INTERVAL: Duration = Duration::from_millis(200);

/// Says who listens on an address that a program is to have; none if nobody does.
pub(crate) fn who_listens_on(address: SocketAddr) -> Option<String> {
    let inode = *Listening::now().in_the_way_of(address).first()?;
    let owner = owner_of(inode).map(|owner| owner.to_string());
    let owner = owner.unwrap_or_else(|| "a process of another user".to_owned());
    let port = address.port();
    Some(format!(
        "port {port} is taken: {owner} listens on it already; end it, or choose another port"
    ))
}

/// Waits until the system gives an address free on which nobody listens any more, since
/// a program without `SO_REUSEADDR` can't listen on it before. False if it is free, and
/// so wasn't the reason why a program didn't start.
pub(crate) fn wait_until_free(
    address: SocketAddr,
    tell: fn(&str),
    check_time: impl Fn() -> Outcome,
) -> Outcome<bool> {
    if is_free(address) || who_listens_on(address).is_some() {
        return Ok(false);
    }
    let port = address.port();
    tell(&format!(
        "waiting until the system gives port {port} free (TIME_WAIT, up to a minute)"
    ));
    let deadline = Instant::now() + TIME_WAIT;
    while !is_free(address) && Instant::now() < deadline {
        check_time()?;
        thread::park_timeout(INTERVAL);
    }
    Ok(true)
}
