//! A host of the reader's choice, by the network that this machine is in.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use common::Printable;

use super::socket::{EchoSocket, Reply};
use crate::lab::Lab;

pub(super) const N_REQUESTS: u16 = 4;
pub(super) const INTERVAL: Duration = Duration::from_millis(200);
/// Four of them are fewer than five seconds; the way around the world takes a
/// good part of one.
const TIMEOUT: Duration = Duration::from_millis(800);

/// The groups whose processes may make such a socket: the first and the last.
pub(super) const RANGE: &str = "/proc/sys/net/ipv4/ping_group_range";

pub(super) fn run(lab: &mut Lab, host: &str) -> anyhow::Result<()> {
    let shown = Printable::excerpt(host.as_bytes());
    lab.about(format!("Four echo requests to {shown}."));
    let addresses = lab
        .call("here", format!("getaddrinfo({shown})"), || {
            Ok((host, 0).to_socket_addrs()?.collect::<Vec<SocketAddr>>())
        })
        .with_context(|| format!("cannot find an address of {shown}"))?;
    let Some(target) = addresses.first() else {
        bail!("{shown} has no address");
    };
    let call = EchoSocket::call(target.ip());
    let socket = lab.call("here", call, || EchoSocket::new(*target));
    let mut socket = match socket {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(not_permitted(&error));
        }
        socket => socket.context("cannot make an ICMP socket")?,
    };
    let answers = ask(lab, "here", &mut socket, N_REQUESTS, TIMEOUT);
    answers.tell(lab);
    let (holds, shows) = what_it_shows(&answers);
    lab.claim(holds, shows);
    Ok(())
}

fn what_it_shows(answers: &Answers) -> (bool, &'static str) {
    if !answers.replies.is_empty() {
        return (
            answers.checksums_hold(),
            "It answers. That is its kernel; whether a server listens there, \
             connect says.",
        );
    }
    let shows = if answers.n_sent == 0 {
        "Nothing was even sent: this system refused it, and said why."
    } else if !answers.complaints.is_empty() {
        "Who is named above has said that there is no way, and that is more \
         than silence."
    } else {
        "Nothing came. The host may be down or out of reach, or it or a \
         firewall was told not to answer: silence doesn't say."
    };
    (true, shows)
}

/// What came of so many requests.
pub(super) struct Answers {
    pub(super) n_requests: u16,
    /// As many of them has the system taken.
    pub(super) n_sent: u16,
    pub(super) replies: Vec<Reply>,
    /// Hosts that have said that a request couldn't be delivered.
    pub(super) complaints: Vec<IpAddr>,
}

/// Sends so many requests, and waits for the reply to each.
pub(super) fn ask(
    lab: &mut Lab,
    who: &str,
    socket: &mut EchoSocket,
    n_requests: u16,
    timeout: Duration,
) -> Answers {
    let (mut n_sent, mut replies, mut complaints) = (0, vec![], vec![]);
    // ANCHOR: ask
    for sequence in 1..=n_requests {
        let begun = Instant::now();
        let call = format!("send(echo request {sequence})");
        let sent = lab.call(who, call, || socket.send(sequence));
        if sent.is_ok() {
            n_sent += 1;
            let came = lab.call(who, "recvmsg()", || socket.receive(timeout));
            replies.extend(came);
        }
        complaints.extend(socket.who_complained());
        if sequence < n_requests {
            thread::sleep(INTERVAL.saturating_sub(begun.elapsed()));
        }
    }
    // ANCHOR_END: ask
    Answers {
        n_requests,
        n_sent,
        replies,
        complaints,
    }
}

impl Answers {
    pub(super) fn tell(&self, lab: &mut Lab) {
        let n_lost = usize::from(self.n_requests) - self.replies.len();
        lab.found("lost", format!("{n_lost} of {}", self.n_requests));
        let times = self.replies.iter().map(|reply| reply.round_trip);
        if let Some(shortest) = times.min() {
            lab.found("shortest round trip", shortest);
        }
        if let Some(host) = self.complaints.first() {
            lab.found("no way there, says", host.to_string());
        }
    }

    pub(super) fn checksums_hold(&self) -> bool {
        let mut replies = self.replies.iter();
        replies.all(|reply| reply.checksum_holds != Some(false))
    }
}

/// What stands in the way, and what to do about it.
fn not_permitted(error: &io::Error) -> anyhow::Error {
    let range = fs::read_to_string(RANGE).unwrap_or_default();
    let range = range.split_whitespace().collect::<Vec<_>>().join(" ");
    anyhow!(
        "cannot make an ICMP socket: {error}: no group of this process is in \
         net.ipv4.ping_group_range, which is \"{range}\"; as root: sysctl -w \
         net.ipv4.ping_group_range=\"0 2147483647\" (for a container: docker \
         run --sysctl net.ipv4.ping_group_range=\"0 2147483647\"), or use the \
         program `ping`"
    )
}
