//! The wire is cut in the middle of a message: who notices, and when.
//!
//! TCP says nothing while there is nothing to say, so silence looks like a peer
//! that has nothing to say.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::connection::Connection;
use super::notice;
use super::reach::{TIMEOUT, dial, listen};
use crate::lab::{Asked, Lab};
use crate::linux::two_hosts::{FAR, TwoHosts};
use crate::tcp::{failed_with, recv, send};

const HALVES: [&str; 2] = ["Hel", "lo."];

pub(super) fn run(lab: &mut Lab, hosts: &TwoHosts) -> anyhow::Result<()> {
    let [plain, timed, kept] = half_a_message(lab, hosts)?;
    lab.about("Now the wire is cut, and near sends the rest.");
    let asked = lab.ask(
        "Once the wire is cut, what comes of send?",
        &["3, as if nothing had been", "an error", "it waits"],
    );
    set_wire(lab, hosts, "down")?;
    let cut_at = Instant::now();
    send_the_rest(lab, asked, [&plain, &timed, &kept]);
    notice::who_does(lab, cut_at, &timed, &kept);
    notice::who_does_not(lab, hosts, cut_at, &plain, &kept)?;
    mended(lab, hosts, &plain, &kept)
}

fn half_a_message(
    lab: &mut Lab,
    hosts: &TwoHosts,
) -> anyhow::Result<[Connection; 3]> {
    lab.about(
        "Three connections. One is plain. One is timed: near wants to know \
         when what it sends isn't confirmed. One is kept: both ends want to \
         know whether the other is there.",
    );
    let listener = listen(lab, hosts, FAR)?;
    let mut connect = |name| -> anyhow::Result<Connection> {
        let near = dial(lab, "near", &hosts.near, FAR)?;
        let (far, _) =
            listener.accept().context("cannot accept the connection")?;
        near.set_read_timeout(Some(TIMEOUT))?;
        far.set_read_timeout(Some(TIMEOUT))?;
        Ok(Connection { name, near, far })
    };
    let plain = connect("plain")?;
    let timed = connect("timed")?;
    let kept = connect("kept")?;

    notice::ask_for_it(lab, &timed, &kept)?;
    lab.about("On each, half a message.");
    let connections = [plain, timed, kept];
    for Connection { name, near, far } in &connections {
        let half = HALVES[0];
        let call = format!("{name}: send({half:?})");
        lab.call("near", call, || send(near, half.as_bytes()))?;
        lab.call("far", format!("{name}: recv(64)"), || recv(far, 64))?;
    }
    Ok(connections)
}

/// Cuts the wire, or mends it. To set one end of it down is to pull it out
/// there: the other end has lost its carrier.
fn set_wire(lab: &mut Lab, hosts: &TwoHosts, state: &str) -> io::Result<()> {
    let words = format!("link set wire {state}");
    lab.call("far", format!("ip {words}"), || {
        hosts.far.ip(&words).map_err(io::Error::other)
    })
}

fn send_the_rest(lab: &mut Lab, asked: Asked, connections: [&Connection; 3]) {
    let mut came = Vec::new();
    for Connection { name, near, .. } in connections {
        let rest = HALVES[1];
        let call = format!("{name}: send({rest:?})");
        let sent = lab.call("near", call, || send(near, rest.as_bytes()));
        came.push((sent.ok(), lab.took()));
    }
    let all_sent = came.iter().all(|(sent, _)| *sent == Some(3));
    let waited = came.iter().any(|(_, took)| *took > Duration::from_secs(1));
    lab.answer(
        asked,
        match (all_sent, waited) {
            (true, false) => 0,
            (false, _) => 1,
            (true, true) => 2,
        },
    );
    lab.claim(
        all_sent,
        "send gives bytes to one's own system, and that has taken them. It \
         doesn't say that they arrived.",
    );
}

fn mended(
    lab: &mut Lab,
    hosts: &TwoHosts,
    plain: &Connection,
    kept: &Connection,
) -> anyhow::Result<()> {
    lab.about("The wire is mended.");
    // ANCHOR: mended
    set_wire(lab, hosts, "up")?;
    let asked = lab.ask(
        "far receives on the plain connection. What comes?",
        &["the rest of the message", "an error", "nothing, ever"],
    );
    let came = lab.call("far", "plain: recv(64)", || recv(&plain.far, 64));
    lab.answer(
        asked,
        match &came {
            Ok(bytes) if bytes == HALVES[1].as_bytes() => Some(0),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Some(2),
            Err(_) => Some(1),
            Ok(_) => None,
        },
    );
    // ANCHOR_END: mended
    lab.claim(
        came.is_ok_and(|bytes| bytes == HALVES[1].as_bytes()),
        "The message goes on as if nothing had been: what was lost on the \
         way, near's system has sent again.",
    );
    let came = lab.call("near", "kept: recv(64)", || recv(&kept.near, 64));
    lab.claim(
        failed_with(&came, ErrorKind::ConnectionReset),
        "far has given this one up, and knows nothing of it any more. Who had \
         noticed nothing learns it now.",
    );
    Ok(())
}
