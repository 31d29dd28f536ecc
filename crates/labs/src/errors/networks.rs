//! What comes of other networks and hosts: no way there, nobody there, no
//! answer; and a connection that this machine ends by itself.

use super::entry::Entry;
#[cfg(target_os = "linux")]
use super::hosts;

pub(super) const ENTRIES: [Entry; 4] = [
    Entry {
        name: "ENETUNREACH",
        alias: None,
        windows: ("WSAENETUNREACH", 10051),
        cause: "No route leads to this network; perhaps we are offline.",
        cure: "See `ip route`; try another address of the name, or later.",
        note: "It comes at once, since nothing is sent. Often the address is \
               an IPv6 one, on a machine that has no IPv6 to the outside.",
        ways: &[
            #[cfg(target_os = "linux")]
            hosts::no_route,
        ],
        needs_network: true,
    },
    Entry {
        name: "EHOSTUNREACH",
        alias: None,
        windows: ("WSAEHOSTUNREACH", 10065),
        cause: "The network is there, and nobody in it has this address.",
        cure: "See that the host is on, and that the address is right.",
        note: "In one's own network, the kernel asks three times who has the \
               address (ARP), and nobody answers; by default that takes 3 \
               seconds. From further away a router says so (ICMP).",
        ways: &[
            #[cfg(target_os = "linux")]
            hosts::nobody_there,
        ],
        needs_network: true,
    },
    Entry {
        name: "ETIMEDOUT",
        alias: None,
        windows: ("WSAETIMEDOUT", 10060),
        cause: "Nothing came back, however often the system has sent it again.",
        cure: "Count it as lost, and set timeouts of your own.",
        note: "Without TCP_USER_TIMEOUT, as set here, Linux gives up after \
               some two minutes when it connects, and after some fifteen when \
               it sends (tcp(7)). std's connect_timeout gives an error of \
               ErrorKind::TimedOut, too, and without a number.",
        ways: &[
            #[cfg(target_os = "linux")]
            hosts::no_answer,
            #[cfg(target_os = "linux")]
            hosts::no_confirmation,
        ],
        needs_network: true,
    },
    Entry {
        name: "ECONNABORTED",
        alias: None,
        windows: ("WSAECONNABORTED", 10053),
        cause: "This machine itself has ended the connection.",
        cure: "Count it as lost; if `accept` says it, go on accepting.",
        note: "Other systems say it in `accept`, of a client that has left \
               again. Linux hands such a connection out, and the first receive \
               says ECONNRESET. Here root ends it from outside, by `ss -K`.",
        ways: &[
            #[cfg(target_os = "linux")]
            hosts::killed,
        ],
        needs_network: true,
    },
];
