//! Numbers and addresses of a system call, as names, values and bytes.
//!
//! It knows nothing of ptrace: whoever watches a program says which call it makes, with
//! which arguments, and lends its memory. In the order to read it: `table` has all calls
//! on one page; `argument` makes an argument readable by its [`table::Form`]; `bytes`
//! finds what is sent and received; the rest decode what these two meet.
//!
//! All of it is a stranger's: addresses may lead nowhere, and lengths may be anything.
//! So nothing is allocated because an argument says so, and what can't be read is
//! shown as the address that it is.

mod address;
mod argument;
mod bytes;
mod control;
mod errno;
#[cfg(test)]
mod fake;
mod file;
mod header;
mod memory;
mod message;
mod names;
mod number;
mod options;
mod readiness;
mod signal;
mod table;
#[cfg(test)]
mod tests;
mod time;

use crate::kind::Kind;
use crate::record::{Argument, Data, Way};

pub(crate) use errno::errno;
pub(crate) use memory::Memory;
pub(crate) use names::sort;
pub(crate) use signal::signal;

use bytes::{offered, received, room, sent};
use number::{int, unsigned};
use table::{CALLS, Form, Spec};

/// A call that is watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syscall(&'static Spec);

impl Syscall {
    /// The call with this number; none if it isn't watched.
    pub(crate) fn of(number: u64) -> Option<Self> {
        let number = i64::try_from(number).ok()?;
        CALLS.iter().find(|spec| spec.number == number).map(Self)
    }

    /// The numbers of all that are watched.
    pub(crate) fn all() -> impl Iterator<Item = u32> {
        let number = |spec: &Spec| u32::try_from(spec.number);
        CALLS
            .iter()
            .map(move |spec| number(spec).expect("the kernel counts its calls from 0"))
    }

    /// The kernel's name.
    pub(crate) fn name(self) -> &'static str {
        self.0.name
    }

    /// True of `read`, `close` and others that any descriptor can be given to. They are
    /// of interest only if one of their [`descriptors`](Self::descriptors) is a socket,
    /// and needn't be decoded else. (`close_range` isn't one of them: it has a range.)
    pub(crate) fn is_for_any_file(self) -> bool {
        self.position(|form| matches!(form, Form::AnyFile))
            .is_some()
    }

    /// The descriptors that it is about: [`Given::descriptor`], and where there are such
    /// [`Given::source`] and [`Given::replaced`].
    pub(crate) fn descriptors(self, args: &[u64; 6]) -> impl Iterator<Item = i32> {
        let parameters = self.0.parameters.iter().zip(args);
        parameters.filter_map(|((_, form), argument)| match form {
            Form::Socket | Form::AnyFile | Form::Source | Form::Replaced => Some(int(*argument)),
            _ => None,
        })
    }

    /// The descriptors that it asks about; of `epoll_wait`, which names a set only, none.
    pub(crate) fn asked(self, args: &[u64; 6], memory: &dyn Memory) -> Vec<i32> {
        let mut descriptors = Vec::new();
        for (at, (_, form)) in self.0.parameters.iter().enumerate() {
            match form {
                Form::Poll => {
                    let length = number::unsigned(args[at + 1]);
                    descriptors.extend(readiness::polled(memory, args[at], length));
                }
                Form::DescriptorSet if args[at] != 0 => {
                    let set = readiness::selected(memory, args[at], int(args[0]));
                    descriptors.extend(set.unwrap_or_default());
                }
                _ => {}
            }
        }
        descriptors
    }

    /// True of `epoll_wait` and its kin.
    pub(crate) fn asks_a_set(self) -> bool {
        self.position(|form| matches!(form, Form::EventsBack))
            .is_some()
    }

    /// What it does, if it is given `args`.
    fn kind(self, args: &[u64; 6]) -> Kind {
        let flags = self.position(|form| matches!(form, Form::MessageFlags));
        let flags = flags.map_or(0, |at| int(args[at]));
        match self.0.kind {
            // What comes back is a report on what was sent before, and nobody's bytes.
            Kind::Receive if flags & libc::MSG_ERRQUEUE != 0 => Kind::Other,
            Kind::Receive if flags & libc::MSG_PEEK != 0 => Kind::Peek,
            Kind::Shutdown { .. } => Kind::Shutdown {
                sends_no_more: matches!(int(args[1]), libc::SHUT_WR | libc::SHUT_RDWR),
            },
            // The descriptors stay open, up to an exec.
            Kind::Close if self.0.number == libc::SYS_close_range && closes_later(args) => {
                Kind::Other
            }
            kind => kind,
        }
    }

    fn position(self, is_wanted: fn(&Form) -> bool) -> Option<usize> {
        let mut forms = self.0.parameters.iter().map(|(_, form)| form);
        forms.position(is_wanted)
    }
}

fn closes_later(close_range: &[u64; 6]) -> bool {
    unsigned(close_range[2]) & libc::CLOSE_RANGE_CLOEXEC != 0
}

/// A call at its entry, or at its exit.
#[derive(Clone, Copy)]
struct Site<'a> {
    spec: &'static Spec,
    kind: Kind,
    args: &'a [u64; 6],
    memory: &'a dyn Memory,
}

/// What a call was given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    /// In order; buffers aren't among them.
    pub(crate) arguments: Vec<Argument>,
    /// The descriptor that the call is about.
    pub(crate) descriptor: Option<i32>,
    /// The one that bytes are taken from and moved to `descriptor`, unseen (`splice`).
    pub(crate) source: Option<i32>,
    /// The one that names another file from now on, and so is closed first if it is open
    /// (`dup2`).
    pub(crate) replaced: Option<i32>,
    /// What the call does.
    pub(crate) kind: Kind,
    /// The bytes of a send. None of them has been sent, so their length is 0.
    pub(crate) offered: Option<Data>,
    /// How many bytes a receive has room for.
    pub(crate) room: Option<u64>,
    /// How many bytes there are for the address that the kernel writes.
    address_room: u64,
}

impl Given {
    /// The same call, as one that is about its source: it takes bytes from there. Right
    /// if only the source is a socket.
    pub(crate) fn about_source(mut self) -> Self {
        self.descriptor = self.source.take();
        self.kind = Kind::Receive;
        self.room = self.offered.take().map(|data| data.room);
        self
    }
}

/// What a call gave: nothing, if it has failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Gave {
    /// What the kernel wrote, but for bytes that were received.
    pub(crate) arguments: Vec<Argument>,
    /// The bytes that were sent or received; none if the call has failed.
    pub(crate) data: Option<Data>,
    /// The address of the other end, where `accept` or a receive says it.
    pub(crate) peer: Option<String>,
    /// Descriptors that are new to the program, but for one that is the result: those of
    /// `socketpair`, and those that came in a message (`SCM_RIGHTS`).
    pub(crate) descriptors: Vec<i32>,
}

/// Decodes a call that is about to be made. Of the bytes that it offers, `keep` are kept.
pub(crate) fn begin(call: Syscall, args: [u64; 6], memory: &dyn Memory, keep: usize) -> Given {
    let site = Site {
        spec: call.0,
        kind: call.kind(&args),
        args: &args,
        memory,
    };
    let descriptor =
        |is_wanted: fn(&Form) -> bool| call.position(is_wanted).map(|at| int(args[at]));
    let is_receive = matches!(site.kind, Kind::Receive | Kind::Peek);
    Given {
        arguments: argument::given(&site),
        descriptor: descriptor(|form| matches!(form, Form::Socket | Form::AnyFile)),
        source: descriptor(|form| matches!(form, Form::Source)),
        replaced: descriptor(|form| matches!(form, Form::Replaced)),
        kind: site.kind,
        offered: (site.kind == Kind::Send).then(|| offered(&site, keep)),
        room: is_receive.then(|| room(&site)),
        address_room: argument::address_room(&site),
    }
}

/// Decodes a call that has come back with `result`, which is a negative number of an
/// error if it has failed.
pub(crate) fn end(
    call: Syscall,
    args: [u64; 6],
    given: &Given,
    result: i64,
    memory: &dyn Memory,
    keep: usize,
) -> Gave {
    let Ok(result) = u64::try_from(result) else {
        return Gave::default();
    };
    let site = Site {
        spec: call.0,
        kind: given.kind,
        args: &args,
        memory,
    };
    let mut gave = argument::gave(&site, result, given.address_room);
    gave.data = match (given.kind, &given.offered, given.room) {
        (Kind::Send, Some(offered), _) => Some(sent(&site, offered, result)),
        (Kind::Receive, _, Some(room)) => Some(received(&site, Way::Received, room, result, keep)),
        (Kind::Peek, _, Some(room)) => Some(received(&site, Way::Peeked, room, result, keep)),
        _ => None,
    };
    gave
}
