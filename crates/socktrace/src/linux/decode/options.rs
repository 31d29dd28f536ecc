//! What `setsockopt` and `getsockopt` are about.

use common::Printable;

use super::errno::errno;
use super::memory::{Memory, i32_at, u32_at};
use super::names::{FAMILIES, any_protocol, socket_type};
use super::number::{Names, named, names, pointer, text};
use super::time::{Fraction, seconds};
use crate::record::Value;

/// No value that is shown is longer.
const MAX_VALUE: usize = 64;

#[rustfmt::skip]
const SOCKET_OPTIONS: Names = names! {
    SO_DEBUG SO_REUSEADDR SO_TYPE SO_ERROR SO_DONTROUTE SO_BROADCAST SO_SNDBUF SO_RCVBUF
    SO_KEEPALIVE SO_OOBINLINE SO_NO_CHECK SO_PRIORITY SO_LINGER SO_BSDCOMPAT SO_REUSEPORT
    SO_PASSCRED SO_PEERCRED SO_RCVLOWAT SO_SNDLOWAT SO_RCVTIMEO SO_SNDTIMEO
    SO_BINDTODEVICE SO_ATTACH_FILTER SO_DETACH_FILTER SO_PEERNAME SO_TIMESTAMP
    SO_ACCEPTCONN SO_PEERSEC SO_SNDBUFFORCE SO_RCVBUFFORCE SO_PASSSEC SO_TIMESTAMPNS
    SO_MARK SO_TIMESTAMPING SO_PROTOCOL SO_DOMAIN SO_RXQ_OVFL SO_PEEK_OFF SO_BUSY_POLL
    SO_INCOMING_CPU SO_COOKIE SO_PEERGROUPS SO_ZEROCOPY SO_TXTIME SO_BINDTOIFINDEX
    SO_PREFER_BUSY_POLL SO_LOCK_FILTER SO_SELECT_ERR_QUEUE SO_MAX_PACING_RATE
    SO_ATTACH_BPF SO_ATTACH_REUSEPORT_CBPF SO_ATTACH_REUSEPORT_EBPF SO_MEMINFO
    SO_INCOMING_NAPI_ID SO_RCVTIMEO_NEW SO_SNDTIMEO_NEW SO_TIMESTAMP_NEW
    SO_TIMESTAMPNS_NEW SO_TIMESTAMPING_NEW SO_NETNS_COOKIE SO_BUF_LOCK SO_RESERVE_MEM
    SO_TXREHASH SO_RCVMARK SO_PASSPIDFD SO_PEERPIDFD
};

#[rustfmt::skip]
const TCP_OPTIONS: Names = names! {
    TCP_NODELAY TCP_MAXSEG TCP_CORK TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_SYNCNT
    TCP_LINGER2 TCP_DEFER_ACCEPT TCP_WINDOW_CLAMP TCP_INFO TCP_QUICKACK TCP_CONGESTION
    TCP_MD5SIG TCP_THIN_LINEAR_TIMEOUTS TCP_THIN_DUPACK TCP_USER_TIMEOUT TCP_REPAIR
    TCP_FASTOPEN TCP_TIMESTAMP TCP_NOTSENT_LOWAT TCP_SAVE_SYN TCP_SAVED_SYN
    TCP_FASTOPEN_CONNECT TCP_ULP TCP_INQ TCP_REPAIR_QUEUE TCP_QUEUE_SEQ TCP_CC_INFO
    TCP_MD5SIG_EXT TCP_FASTOPEN_KEY TCP_FASTOPEN_NO_COOKIE TCP_ZEROCOPY_RECEIVE
};

#[rustfmt::skip]
const IP_OPTIONS: Names = names! {
    IP_TOS IP_TTL IP_HDRINCL IP_OPTIONS IP_RECVOPTS IP_RETOPTS IP_PKTINFO IP_MTU_DISCOVER
    IP_RECVERR IP_RECVTTL IP_RECVTOS IP_MTU IP_FREEBIND IP_TRANSPARENT IP_MULTICAST_IF
    IP_MULTICAST_TTL IP_MULTICAST_LOOP IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP
    IP_BIND_ADDRESS_NO_PORT IP_MULTICAST_ALL IP_MINTTL IP_UNICAST_IF IP_ORIGDSTADDR
    IP_ADD_SOURCE_MEMBERSHIP IP_DROP_SOURCE_MEMBERSHIP IP_BLOCK_SOURCE IP_UNBLOCK_SOURCE
    IP_CHECKSUM
};

#[rustfmt::skip]
const IPV6_OPTIONS: Names = names! {
    IPV6_V6ONLY IPV6_UNICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_HOPS IPV6_MULTICAST_LOOP
    IPV6_ADD_MEMBERSHIP IPV6_DROP_MEMBERSHIP IPV6_MTU_DISCOVER IPV6_MTU IPV6_RECVERR
    IPV6_RECVPKTINFO IPV6_PKTINFO IPV6_RECVHOPLIMIT IPV6_HOPLIMIT IPV6_RECVTCLASS
    IPV6_TCLASS IPV6_FREEBIND IPV6_TRANSPARENT IPV6_DONTFRAG IPV6_UNICAST_IF
    IPV6_MULTICAST_ALL IPV6_ADDR_PREFERENCES IPV6_AUTOFLOWLABEL IPV6_RECVPATHMTU
    IPV6_ORIGDSTADDR
};

const UDP_OPTIONS: Names =
    names! { UDP_CORK UDP_ENCAP UDP_SEGMENT UDP_GRO UDP_NO_CHECK6_TX UDP_NO_CHECK6_RX };

#[rustfmt::skip]
const NETLINK_OPTIONS: Names = names! {
    NETLINK_ADD_MEMBERSHIP NETLINK_DROP_MEMBERSHIP NETLINK_PKTINFO NETLINK_BROADCAST_ERROR
    NETLINK_NO_ENOBUFS NETLINK_EXT_ACK NETLINK_GET_STRICT_CHK NETLINK_CAP_ACK
};

/// Levels, and what options each has.
#[rustfmt::skip]
const LEVELS: &[(i32, &str, Names)] = &[
    (libc::SOL_SOCKET, "SOL_SOCKET", SOCKET_OPTIONS),
    (libc::IPPROTO_IP, "IPPROTO_IP", IP_OPTIONS),
    (libc::IPPROTO_TCP, "IPPROTO_TCP", TCP_OPTIONS),
    (libc::IPPROTO_UDP, "IPPROTO_UDP", UDP_OPTIONS),
    (libc::IPPROTO_IPV6, "IPPROTO_IPV6", IPV6_OPTIONS),
    (libc::IPPROTO_ICMPV6, "IPPROTO_ICMPV6", &[]),
    (libc::SOL_NETLINK, "SOL_NETLINK", NETLINK_OPTIONS),
    (libc::SOL_PACKET, "SOL_PACKET", &[]),
    (libc::SOL_TLS, "SOL_TLS", &[]),
];

/// The level of an option.
pub(super) fn level(number: i32) -> Value {
    let level = LEVELS.iter().find(|(level, ..)| *level == number);
    level.map_or(Value::Number(number.into()), |(_, name, _)| text(*name))
}

/// An option of a level.
pub(super) fn name(level: i32, option: i32) -> Value {
    let level = LEVELS.iter().find(|(number, ..)| *number == level);
    let names = level.map_or::<Names, _>(&[], |(.., names)| names);
    named(names, option.into())
}

/// The value of an option, in `length` bytes at `place`.
pub(super) fn value(
    memory: &dyn Memory,
    level: i32,
    option: i32,
    place: u64,
    length: u64,
) -> Value {
    let bytes = memory.at_most(place, length, MAX_VALUE);
    if bytes.is_empty() && length > 0 {
        return pointer(place);
    }
    let special = match level {
        libc::SOL_SOCKET => socket_value(option, &bytes),
        libc::IPPROTO_TCP if matches!(option, libc::TCP_CONGESTION | libc::TCP_ULP) => {
            Some(string(&bytes))
        }
        _ => None,
    };
    special.unwrap_or_else(|| number(&bytes, length))
}

/// A value that isn't just a number.
fn socket_value(option: i32, bytes: &[u8]) -> Option<Value> {
    let number = i32_at(bytes, 0);
    Some(match option {
        libc::SO_ERROR => match number? {
            0 => Value::Number(0),
            number => text(errno(number).name),
        },
        libc::SO_TYPE => socket_type(number?),
        libc::SO_DOMAIN => named(FAMILIES, number?.into()),
        libc::SO_PROTOCOL => any_protocol(number?),
        libc::SO_LINGER => {
            let on = if number? == 0 { "off" } else { "on" };
            let seconds = i32_at(bytes, size_of::<i32>())?;
            text(format!("{{{on}, {seconds} s}}"))
        }
        libc::SO_RCVTIMEO | libc::SO_SNDTIMEO | libc::SO_RCVTIMEO_NEW | libc::SO_SNDTIMEO_NEW => {
            text(seconds(bytes, Fraction::Micro)?)
        }
        libc::SO_PEERCRED => text(credentials(bytes)?),
        libc::SO_BINDTODEVICE => string(bytes),
        _ => return None,
    })
}

/// Who is at the other end of a Unix socket.
pub(super) fn credentials(bytes: &[u8]) -> Option<String> {
    let process = i32_at(bytes, 0)?;
    let user = u32_at(bytes, size_of::<i32>())?;
    let group = u32_at(bytes, 2 * size_of::<i32>())?;
    Some(format!("{{pid {process}, uid {user}, gid {group}}}"))
}

fn string(bytes: &[u8]) -> Value {
    let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    text(Printable::whole(name).without_quotes().to_string())
}

/// Most values are an `int`, and a few may be a byte. The rest is a structure, whose size
/// must do.
fn number(bytes: &[u8], length: u64) -> Value {
    match length {
        1 => bytes.first().map(|byte| Value::Number((*byte).into())),
        4 => i32_at(bytes, 0).map(|number| Value::Number(number.into())),
        _ => None,
    }
    .unwrap_or_else(|| text(format!("{length} bytes")))
}
