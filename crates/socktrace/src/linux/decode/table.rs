//! All calls that are watched, on one page: what each does, and what its arguments are.

use super::names::{
    CLOSE_RANGE_FLAGS, EPOLL_FLAGS, EPOLL_OPERATIONS, HOW, SOCKET_FLAGS, SPLICE_FLAGS,
};
use super::number::Names;
use super::time::Fraction;
use crate::kind::Kind;

/// A call.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) number: i64,
    /// What it does, unless its flags make it something else.
    pub(super) kind: Kind,
    /// Its parameters in order, at most six.
    pub(super) parameters: &'static [(&'static str, Form)],
}

/// What an argument is, and so how it is decoded. "Next" is the argument behind it.
/// What ends in `Back` is written by the kernel, and decoded when the call comes back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// Isn't shown: what it says is shown with another argument.
    Unseen,
    /// The descriptor that the call is about: a socket, or whatever `epoll_ctl` is told.
    Socket,
    /// The descriptor that the call is about, whatever it is.
    AnyFile,
    /// A descriptor that bytes are moved from, whatever it is.
    Source,
    /// A descriptor that is closed if it is open, since it is to name another file.
    Replaced,
    /// A descriptor, a count, milliseconds: an `int`.
    Int,
    /// An `unsigned int`.
    Unsigned,
    /// A number of bytes.
    Size,
    /// One of these names.
    One(Names),
    /// Some of these names.
    Flags(Names),
    /// The flags of a send or receive; they change what it does.
    MessageFlags,
    OpenFlags,
    Family,
    SocketType,
    /// The first argument is the family.
    Protocol,
    /// Where an address is; next is its length.
    Address,
    /// Next is where its length is.
    AddressBack,
    /// Two descriptors.
    PairBack,
    Level,
    /// The argument before it is the level.
    OptionName,
    /// The two before it are level and name; next is the length.
    OptionValue,
    /// The same; next is where the length is.
    OptionBack,
    FileCommand,
    /// The argument before it is the command. Some commands have nothing here, and some
    /// result in flags.
    FileArgument,
    DeviceRequest,
    /// The argument before it is the request.
    DeviceArgument,
    /// Bytes; next is their number.
    Buffer,
    /// Where the pieces of the bytes are (`struct iovec`); next is their number.
    Vector,
    /// Where a message is (`struct msghdr`).
    Message,
    /// Messages (`struct mmsghdr`); next is their number.
    Messages,
    /// One `struct epoll_event`; the second argument is what to do with it.
    Interest,
    /// As many of them as the call results in.
    EventsBack,
    /// A list of `struct pollfd`, some of which are changed; next is its length.
    Poll,
    /// A set of descriptors, which is changed; the first argument is its length.
    DescriptorSet,
    /// Where a time is.
    Time(Fraction),
}

/// [`CALLS`], with each name made from the number's.
macro_rules! calls {
    ($($(#[$cfg:meta])? $number:ident($($name:ident: $form:expr),*) $kind:expr;)*) => {
        &[$(
            $(#[$cfg])?
            Spec {
                name: stringify!($number).split_at("SYS_".len()).1,
                number: libc::$number,
                kind: $kind,
                parameters: &[$((stringify!($name), $form)),*],
            },
        )*]
    };
}

use Form::{
    Address, AddressBack, AnyFile, Buffer, DescriptorSet, DeviceArgument, DeviceRequest,
    EventsBack, Family, FileArgument, FileCommand, Flags, Int, Interest, Level, Message,
    MessageFlags, Messages, One, OpenFlags, OptionBack, OptionName, OptionValue, PairBack, Poll,
    Protocol, Replaced, Size, Socket, SocketType, Source, Time, Unseen, Unsigned, Vector,
};
use Fraction::{Micro, Nano};

/// All calls that are watched. Not every processor has those that others replace.
///
/// `tee` isn't among them: both its ends are pipes.
#[rustfmt::skip]
pub(super) static CALLS: &[Spec] = calls! {
    // Sockets come to be.
    SYS_socket(domain: Family, type: SocketType, protocol: Protocol) Kind::Socket;
    SYS_socketpair(domain: Family, type: SocketType, protocol: Protocol, sv: PairBack)
        Kind::SocketPair;
    SYS_accept(fd: Socket, addr: AddressBack, addrlen: Unseen) Kind::Accept;
    SYS_accept4(fd: Socket, addr: AddressBack, addrlen: Unseen, flags: Flags(SOCKET_FLAGS))
        Kind::Accept;

    // They get addresses, and are joined.
    SYS_bind(fd: Socket, addr: Address, addrlen: Unseen) Kind::Bind;
    SYS_listen(fd: Socket, backlog: Int) Kind::Listen;
    SYS_connect(fd: Socket, addr: Address, addrlen: Unseen) Kind::Connect;
    SYS_getsockname(fd: Socket, addr: AddressBack, addrlen: Unseen) Kind::Other;
    SYS_getpeername(fd: Socket, addr: AddressBack, addrlen: Unseen) Kind::Other;

    // They are told how to behave.
    SYS_setsockopt(fd: Socket, level: Level, optname: OptionName, optval: OptionValue,
        optlen: Unseen) Kind::Other;
    SYS_getsockopt(fd: Socket, level: Level, optname: OptionName, optval: OptionBack,
        optlen: Unseen) Kind::Other;
    SYS_fcntl(fd: AnyFile, cmd: FileCommand, arg: FileArgument) Kind::Other;
    SYS_ioctl(fd: AnyFile, request: DeviceRequest, arg: DeviceArgument) Kind::Other;

    // Bytes go.
    SYS_sendto(fd: Socket, buf: Buffer, len: Size, flags: MessageFlags, addr: Address,
        addrlen: Unseen) Kind::Send;
    SYS_sendmsg(fd: Socket, msg: Message, flags: MessageFlags) Kind::Send;
    SYS_sendmmsg(fd: Socket, msgvec: Messages, vlen: Unsigned, flags: MessageFlags) Kind::Send;
    SYS_write(fd: AnyFile, buf: Buffer, len: Size) Kind::Send;
    SYS_writev(fd: AnyFile, iov: Vector, iovcnt: Int) Kind::Send;
    SYS_sendfile(out_fd: AnyFile, in_fd: Int, offset: Unseen, len: Size) Kind::Send;
    SYS_splice(fd_in: Source, off_in: Unseen, fd_out: AnyFile, off_out: Unseen, len: Size,
        flags: Flags(SPLICE_FLAGS)) Kind::Send;

    // Bytes come.
    SYS_recvfrom(fd: Socket, buf: Buffer, len: Size, flags: MessageFlags, addr: AddressBack,
        addrlen: Unseen) Kind::Receive;
    SYS_recvmsg(fd: Socket, msg: Message, flags: MessageFlags) Kind::Receive;
    SYS_recvmmsg(fd: Socket, msgvec: Messages, vlen: Unsigned, flags: MessageFlags,
        timeout: Time(Nano)) Kind::Receive;
    SYS_read(fd: AnyFile, buf: Buffer, len: Size) Kind::Receive;
    SYS_readv(fd: AnyFile, iov: Vector, iovcnt: Int) Kind::Receive;

    // It is over.
    SYS_shutdown(fd: Socket, how: One(HOW)) Kind::Shutdown { sends_no_more: false };
    SYS_close(fd: AnyFile) Kind::Close;
    SYS_close_range(first: Unsigned, last: Unsigned, flags: Flags(CLOSE_RANGE_FLAGS))
        Kind::Close;

    // Other descriptors for the same.
    SYS_dup(fd: AnyFile) Kind::Other;
    #[cfg(target_arch = "x86_64")]
    SYS_dup2(oldfd: AnyFile, newfd: Replaced) Kind::Other;
    SYS_dup3(oldfd: AnyFile, newfd: Replaced, flags: OpenFlags) Kind::Other;

    // Which of them are ready?
    #[cfg(target_arch = "x86_64")]
    SYS_epoll_create(size: Int) Kind::Other;
    SYS_epoll_create1(flags: Flags(EPOLL_FLAGS)) Kind::Other;
    SYS_epoll_ctl(epfd: Int, op: One(EPOLL_OPERATIONS), fd: Socket, event: Interest)
        Kind::Interest;
    #[cfg(target_arch = "x86_64")]
    SYS_epoll_wait(epfd: Int, events: EventsBack, maxevents: Int, timeout: Int) Kind::Readiness;
    SYS_epoll_pwait(epfd: Int, events: EventsBack, maxevents: Int, timeout: Int)
        Kind::Readiness;
    SYS_epoll_pwait2(epfd: Int, events: EventsBack, maxevents: Int, timeout: Time(Nano))
        Kind::Readiness;
    #[cfg(target_arch = "x86_64")]
    SYS_poll(fds: Poll, nfds: Unseen, timeout: Int) Kind::Readiness;
    SYS_ppoll(fds: Poll, nfds: Unseen, timeout: Time(Nano)) Kind::Readiness;
    #[cfg(target_arch = "x86_64")]
    SYS_select(nfds: Int, readfds: DescriptorSet, writefds: DescriptorSet,
        exceptfds: DescriptorSet, timeout: Time(Micro)) Kind::Readiness;
    SYS_pselect6(nfds: Int, readfds: DescriptorSet, writefds: DescriptorSet,
        exceptfds: DescriptorSet, timeout: Time(Nano)) Kind::Readiness;

    // What goes on in these rings is seen by nobody.
    SYS_io_uring_setup(entries: Unsigned) Kind::Other;
    SYS_io_uring_enter(fd: Int, to_submit: Unsigned, min_complete: Unsigned,
        flags: Flags(&[])) Kind::Other;
    SYS_io_uring_register(fd: Int, opcode: Unsigned, arg: Unseen, nr_args: Unsigned)
        Kind::Other;
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_stands_here_once() {
        for (index, spec) in CALLS.iter().enumerate() {
            assert!(
                CALLS[..index]
                    .iter()
                    .all(|other| other.number != spec.number)
            );
            assert!(spec.parameters.len() <= 6, "{}", spec.name);
        }
    }

    #[test]
    fn each_form_has_what_it_needs_next_to_it() {
        for spec in CALLS {
            for (at, (_, form)) in spec.parameters.iter().enumerate() {
                let (before, after) = match form {
                    OptionValue | OptionBack => (2, 1),
                    OptionName | FileArgument | DeviceArgument => (1, 0),
                    Address | AddressBack | Buffer | Vector | Messages | Poll => (0, 1),
                    _ => (0, 0),
                };
                assert!(
                    at >= before && at + after < spec.parameters.len(),
                    "{}",
                    spec.name
                );
            }
        }
    }
}
