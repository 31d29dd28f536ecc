//! Names of constants that are arguments by themselves.

use crate::record::Value;

use super::number::{Names, flag_words, flags, name, named, names, text};

#[rustfmt::skip]
pub(super) const FAMILIES: Names = names! {
    AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK AF_BLUETOOTH AF_CAN
    AF_ALG AF_KEY AF_TIPC AF_XDP AF_AX25 AF_IPX AF_APPLETALK AF_NETROM AF_BRIDGE
    AF_ATMPVC AF_X25 AF_ROSE AF_DECnet AF_SECURITY AF_ASH AF_ECONET AF_ATMSVC AF_RDS
    AF_IRDA AF_PPPOX AF_WANPIPE AF_LLC AF_IB AF_RXRPC AF_ISDN AF_PHONET AF_IEEE802154
    AF_CAIF AF_NFC
};

pub(super) const HOW: Names = names! { SHUT_RD SHUT_WR SHUT_RDWR };

pub(super) const SOCKET_FLAGS: Names = names! { SOCK_NONBLOCK SOCK_CLOEXEC };

#[rustfmt::skip]
pub(super) const MESSAGE_FLAGS: Names = names! {
    MSG_OOB MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_TRUNC MSG_DONTWAIT MSG_EOR MSG_WAITALL
    MSG_CONFIRM MSG_ERRQUEUE MSG_NOSIGNAL MSG_MORE MSG_WAITFORONE MSG_ZEROCOPY
    MSG_FASTOPEN MSG_CMSG_CLOEXEC
};

pub(super) const EPOLL_FLAGS: Names = names! { EPOLL_CLOEXEC };

pub(super) const EPOLL_OPERATIONS: Names = names! { EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD };

pub(super) const CLOSE_RANGE_FLAGS: Names = names! { CLOSE_RANGE_UNSHARE CLOSE_RANGE_CLOEXEC };

pub(super) const SPLICE_FLAGS: Names =
    names! { SPLICE_F_MOVE SPLICE_F_NONBLOCK SPLICE_F_MORE SPLICE_F_GIFT };

// `O_SYNC` has a bit of `O_DSYNC`, so it comes first.
#[rustfmt::skip]
const OPEN_FLAGS: Names = names! {
    O_APPEND O_NONBLOCK O_SYNC O_DSYNC O_ASYNC O_DIRECT O_NOATIME O_CLOEXEC O_CREAT O_EXCL
    O_TRUNC O_NOCTTY
};

const ACCESS_MODES: Names = names! { O_RDONLY O_WRONLY O_RDWR };

const SOCKET_TYPES: Names =
    names! { SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_DCCP };

#[rustfmt::skip]
const PROTOCOLS: Names = names! {
    IPPROTO_ICMP IPPROTO_IGMP IPPROTO_TCP IPPROTO_UDP IPPROTO_DCCP IPPROTO_ICMPV6
    IPPROTO_SCTP IPPROTO_UDPLITE IPPROTO_MPTCP IPPROTO_RAW
};

#[rustfmt::skip]
const NETLINK_PROTOCOLS: Names = names! {
    NETLINK_ROUTE NETLINK_USERSOCK NETLINK_FIREWALL NETLINK_SOCK_DIAG NETLINK_NFLOG
    NETLINK_XFRM NETLINK_SELINUX NETLINK_AUDIT NETLINK_CONNECTOR NETLINK_NETFILTER
    NETLINK_KOBJECT_UEVENT NETLINK_GENERIC NETLINK_CRYPTO
};

/// `SOCK_STREAM|SOCK_CLOEXEC`: a number, and flags in its upper bits.
pub(super) fn socket_type(number: i32) -> Value {
    let flags = number & (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC);
    let kind = number & !flags;
    let mut words =
        vec![name(SOCKET_TYPES, kind.into()).map_or_else(|| format!("{kind:#x}"), str::to_owned)];
    words.extend(flag_words(SOCKET_FLAGS, flags.cast_unsigned()));
    text(words.join("|"))
}

/// A protocol's name means something within its family. 0 is the one that goes without
/// saying, whatever its name.
pub(super) fn protocol(family: i32, number: i32) -> Value {
    match family {
        libc::AF_INET | libc::AF_INET6 => named(PROTOCOLS, number.into()),
        libc::AF_NETLINK => named(NETLINK_PROTOCOLS, number.into()),
        _ => Value::Number(number.into()),
    }
}

/// A protocol where the family isn't known.
pub(super) fn any_protocol(number: i32) -> Value {
    protocol(libc::AF_INET, number)
}

/// `O_RDWR|O_NONBLOCK`, of an open file.
pub(super) fn file_status(bits: u32) -> Value {
    let mode = bits & libc::O_ACCMODE.cast_unsigned();
    let Some(mode_name) = name(ACCESS_MODES, mode.into()) else {
        return flags(OPEN_FLAGS, bits);
    };
    let mut words = vec![mode_name.to_owned()];
    words.extend(flag_words(OPEN_FLAGS, bits & !mode));
    text(words.join("|"))
}

/// `O_NONBLOCK`, where there is nothing about reading and writing.
pub(super) fn open_flags(bits: u32) -> Value {
    flags(OPEN_FLAGS, bits)
}

/// A family and a type, as the kernel has them of a socket that is there.
pub(crate) fn sort(family: i32, kind: i32) -> (String, String) {
    (
        named(FAMILIES, family.into()).to_string(),
        socket_type(kind).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_carry_flags() {
        let number = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        assert_eq!(socket_type(libc::SOCK_DGRAM), text("SOCK_DGRAM"));
        assert_eq!(
            socket_type(number),
            text("SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC")
        );
        assert_eq!(socket_type(0x7f), text("0x7f"));
        assert_eq!(socket_type(-1).to_string().matches('|').count(), 2);
    }

    #[test]
    fn protocols_belong_to_families() {
        assert_eq!(
            protocol(libc::AF_INET, libc::IPPROTO_TCP),
            text("IPPROTO_TCP")
        );
        assert_eq!(protocol(libc::AF_INET6, 0), Value::Number(0));
        assert_eq!(protocol(libc::AF_NETLINK, 0), text("NETLINK_ROUTE"));
        assert_eq!(protocol(libc::AF_UNIX, 6), Value::Number(6));
    }

    #[test]
    fn an_open_file_has_a_mode_and_flags() {
        let bits = libc::O_RDWR | libc::O_NONBLOCK;
        assert_eq!(file_status(bits.cast_unsigned()), text("O_RDWR|O_NONBLOCK"));
        assert_eq!(file_status(0), text("O_RDONLY"));
        assert_eq!(
            file_status(libc::O_SYNC.cast_unsigned()),
            text("O_RDONLY|O_SYNC")
        );
        assert_eq!(file_status(3), text("0x3"));
    }
}
