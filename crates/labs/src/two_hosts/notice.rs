//! Who notices that the other end is gone: who has asked for it. The kernel
//! then sends probes, or watches how long what was sent stays unconfirmed.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use super::connection::Connection;
use crate::lab::{Lab, errno_name};
use crate::linux::host::Host;
use crate::linux::table;
use crate::linux::two_hosts::TwoHosts;
use crate::tcp::recv;

/// The shortest that keep-alive knows.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn ask_for_it(
    lab: &mut Lab,
    timed: &Connection,
    kept: &Connection,
) -> io::Result<()> {
    // ANCHOR: options
    lab.call("near", "timed: TCP_USER_TIMEOUT 1 s", || {
        SockRef::from(&timed.near).set_tcp_user_timeout(Some(PATIENCE))
    })?;
    // After a second of silence one probe, and a second for its answer.
    let keep_alive = TcpKeepalive::new()
        .with_time(PATIENCE)
        .with_interval(PATIENCE)
        .with_retries(1);
    for (name, end) in [("near", &kept.near), ("far", &kept.far)] {
        lab.call(name, "kept: SO_KEEPALIVE, 1 s and 1 s", || {
            SockRef::from(end).set_tcp_keepalive(&keep_alive)
        })?;
    }
    // ANCHOR_END: options
    Ok(())
}

// ANCHOR: notices
pub(super) fn who_does(
    lab: &mut Lab,
    cut_at: Instant,
    timed: &Connection,
    kept: &Connection,
) {
    lab.about(
        "One end waits for the other, then one of another connection: for 10 \
         seconds at most.",
    );
    let mut have_noticed = true;
    for (who, name, end) in [
        ("near", timed.name, &timed.near),
        ("far", kept.name, &kept.far),
    ] {
        let came = lab.call(who, format!("{name}: recv(64)"), || recv(end, 64));
        lab.found("since the cut", cut_at.elapsed());
        have_noticed &= came.is_err_and(|error| is_notice(&error));
    }
    lab.claim(
        have_noticed,
        "These were told: who sends, since nothing was confirmed; who waits, \
         since a probe was not answered.",
    );
}
// ANCHOR_END: notices

/// Nobody answers; or else our own system couldn't even find the other on the
/// wire, and says that.
fn is_notice(error: &io::Error) -> bool {
    errno_name(error)
        .is_some_and(|name| name == "ETIMEDOUT" || name == "EHOSTUNREACH")
}

pub(super) fn who_does_not(
    lab: &mut Lab,
    hosts: &TwoHosts,
    cut_at: Instant,
    plain: &Connection,
    kept: &Connection,
) -> anyhow::Result<()> {
    lab.about("And the others? The kernel's table of sockets says:");
    let ends = [
        ("plain, near", &hosts.near, &plain.near),
        ("plain, far", &hosts.far, &plain.far),
        ("kept, near", &hosts.near, &kept.near),
    ];
    let mut all_established = true;
    for (name, host, end) in ends {
        let state = state(host, end)?;
        all_established &= state.starts_with("ESTABLISHED");
        lab.found(name, state);
    }
    lab.found("since the cut", cut_at.elapsed());
    lab.claim(
        all_established,
        "Nobody has told them. Not even near's keep-alive has: it probes a \
         silent connection, and here something waits to be confirmed.",
    );
    Ok(())
}

/// The state of this end, on its host, and how many bytes wait in it.
fn state(host: &Host, end: &TcpStream) -> anyhow::Result<String> {
    let (local, peer) = (end.local_addr()?, end.peer_addr()?);
    let entry = host.run(|| table::entry(local, Some(peer)))?;
    Ok(entry.map_or("gone".to_owned(), |entry| {
        format!(
            "{}, {} bytes not confirmed",
            table::name(&entry.state),
            entry.tx_queue
        )
    }))
}
