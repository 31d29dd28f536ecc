//! Calls: decoded as they begin and as they end.

use std::collections::HashMap;

use libc::pid_t;

use super::Recorder;
use super::concern::concerns_sockets;
use super::restarts::{BrokenOff, original};
use crate::kind::Kind;
use crate::linux::decode::{self, Gave, Given, Syscall};
use crate::linux::filter::ARCHITECTURE;
use crate::linux::kernel::{self, Look, look_for_orphan, socket_key};
use crate::linux::memory::ThreadMemory;
use crate::linux::sys::Entry;
use crate::play::Held;
use crate::record::{Outcome, Side, State};
use crate::tracker::{Begun, Ended, Ends, Holder, Seen, Sock};

/// A watched thread.
pub(super) struct Watched {
    pub(super) process: pid_t,
    pub(super) side: Side,
    call: Option<Call>,
    broken_off: Option<BrokenOff>,
}

/// The call that a thread is about to make, or makes.
struct Call {
    syscall: Syscall,
    entry: Entry,
    given: Given,
    socket: Option<Seen>,
}

impl Watched {
    pub(super) fn new(process: pid_t, side: Side) -> Self {
        Self {
            process,
            side,
            call: None,
            broken_off: None,
        }
    }
}

impl Recorder {
    /// A thread is about to make a call. `None` if that is nobody's business.
    pub(crate) fn entry(&mut self, thread: pid_t, entry: Entry) -> Option<Held> {
        // 32-bit programs have other numbers; of them a note is made when they start.
        if entry.architecture != ARCHITECTURE {
            return None;
        }
        self.look_for_escape(thread, entry);
        let watched = self.threads.get(&thread)?;
        let (process, side) = (watched.process, watched.side);
        let entry = original(entry, watched.broken_off);
        let syscall = Syscall::of(entry.number)?;
        self.look_whether_hidden(thread);
        if syscall.is_for_any_file() {
            let mut descriptors = syscall.descriptors(&entry.arguments);
            // A file's bytes are nobody's business, and aren't even read.
            if !descriptors.any(|descriptor| socket_key(thread, descriptor).is_some()) {
                return None;
            }
        }
        let memory = ThreadMemory(thread);
        let mut given = decode::begin(syscall, entry.arguments, &memory, self.detail.bytes);
        let mut socket = self.seen(thread, process, given.descriptor);
        if socket.is_none() && given.source.is_some() {
            socket = self.seen(thread, process, given.source);
            if socket.is_some() {
                given = given.about_source();
            }
        }
        let is_socket = socket.is_some();
        if !concerns_sockets(thread, syscall, given.kind, &entry, is_socket) {
            return None;
        }
        self.tell_what_is_unseen(side, syscall.name(), &given);
        let held = Held {
            side,
            thread: thread.cast_unsigned(),
            name: syscall.name().to_owned(),
            kind: given.kind,
            arguments: given.arguments.clone(),
            socket: socket
                .as_ref()
                .and_then(|seen| self.tracker.socket(seen.key)),
            data: given.offered.clone(),
        };
        let call = Call {
            syscall,
            entry,
            given,
            socket,
        };
        self.threads.get_mut(&thread)?.call = Some(call);
        Some(held)
    }

    /// The call that was told by [`Recorder::entry`] begins.
    pub(crate) fn begin(&mut self, thread: pid_t) {
        let at = self.now();
        let Some(watched) = self.threads.get(&thread) else {
            return;
        };
        let Some(call) = &watched.call else {
            return;
        };
        let begun = Begun {
            at,
            side: watched.side,
            process: watched.process.cast_unsigned(),
            thread: thread.cast_unsigned(),
            name: call.syscall.name().to_owned(),
            kind: call.given.kind,
            arguments: call.given.arguments.clone(),
            socket: call.socket.clone(),
            offered: call.given.offered.as_ref().map_or(0, |data| data.room),
        };
        self.tracker.begin(begun);
        self.records.extend(self.tracker.take());
    }

    /// A call has come back.
    pub(crate) fn exit(&mut self, thread: pid_t, result: i64) {
        let at = self.now();
        let Some(watched) = self.threads.get_mut(&thread) else {
            return;
        };
        let (process, side) = (watched.process, watched.side);
        let Some(call) = watched.call.take() else {
            return;
        };
        let memory = ThreadMemory(thread);
        watched.broken_off = BrokenOff::by(call.entry, result);
        let (syscall, given) = (call.syscall, &call.given);
        let keep = self.detail.bytes;
        let gave = decode::end(syscall, call.entry.arguments, given, result, &memory, keep);
        let made = self.made(thread, process, &call, result, &gave);
        let ends = self.ends(&call, result, &made);
        if given.kind == Kind::Accept && result >= 0 {
            self.learn_who_connects();
        }
        let mut ended = Ended {
            at,
            result: outcome(result),
            gave: gave.arguments,
            data: gave.data,
            sender: gave.peer,
            made,
            ends,
        };
        if ended.data.is_none() && matches!(given.kind, Kind::Send | Kind::Receive) {
            ended.data = given.offered.clone();
        }
        if result == 0
            && let Some(address) = &ended.ends.local
        {
            self.note_service(side, &call, address);
        }
        self.end(thread, ended);
    }

    fn end(&mut self, thread: pid_t, ended: Ended) {
        let detail = self.detail;
        let threads = &self.threads;
        let look = |socks: &[Sock]| {
            if !detail.states {
                return Vec::new();
            }
            let states = socks.iter().map(|sock| {
                let look = look_for(sock, threads);
                let orphan = || look_for_orphan(&sock.ends).filter(|_| detail.orphans);
                let look = look.or_else(orphan).unwrap_or(CLOSED);
                State {
                    socket: sock.socket,
                    state: look.state.to_owned(),
                    local: sock.ends.local.clone().unwrap_or_default(),
                    peer: sock.ends.peer.clone().unwrap_or_default(),
                    receive_queue: look.receive_queue,
                    send_queue: look.send_queue,
                }
            });
            states.collect()
        };
        self.tracker.end(thread.cast_unsigned(), ended, look);
        self.records.extend(self.tracker.take());
    }

    /// A call will not come back.
    pub(super) fn lose_call(&mut self, thread: pid_t, why: &str) {
        let at = self.now();
        if let Some(watched) = self.threads.get_mut(&thread) {
            watched.call = None;
        }
        self.tracker.lose(thread.cast_unsigned(), at, why);
        self.records.extend(self.tracker.take());
    }

    /// The sockets that a call made.
    fn made(
        &mut self,
        thread: pid_t,
        process: pid_t,
        call: &Call,
        result: i64,
        gave: &Gave,
    ) -> Vec<Seen> {
        let new = match call.given.kind {
            Kind::Socket | Kind::Accept => i32::try_from(result).ok().filter(|&it| it >= 0),
            _ => None,
        };
        let pair = match call.given.kind {
            Kind::SocketPair => &gave.descriptors[..],
            _ => &[],
        };
        let all = new.into_iter().chain(pair.iter().copied());
        all.filter_map(|descriptor| self.seen(thread, process, Some(descriptor)))
            .collect()
    }

    fn seen(&mut self, thread: pid_t, process: pid_t, descriptor: Option<i32>) -> Option<Seen> {
        let descriptor = descriptor?;
        let key = socket_key(thread, descriptor)?;
        let is_known = self.tracker.socket(key).is_some();
        let (family, kind) = match is_known {
            true => Default::default(),
            false => kernel::sort(process, descriptor),
        };
        Some(Seen {
            key,
            holder: Holder {
                process: process.cast_unsigned(),
                descriptor,
            },
            family,
            kind,
        })
    }

    /// The addresses of the socket that a call is about, where the call may change them.
    fn ends(&mut self, call: &Call, result: i64, made: &[Seen]) -> Ends {
        let in_progress = -i64::from(libc::EINPROGRESS);
        let socket = match call.given.kind {
            Kind::Accept => made.first(),
            Kind::Bind | Kind::Other | Kind::Send if result >= 0 => call.socket.as_ref(),
            Kind::Listen if result >= 0 => call.socket.as_ref(),
            Kind::Connect if result >= 0 || result == in_progress => call.socket.as_ref(),
            _ => None,
        };
        let Some(socket) = socket else {
            return Ends::default();
        };
        let may_be_new = match call.given.kind {
            Kind::Send | Kind::Other => !self.tracker.has_address(socket.key),
            _ => true,
        };
        if !may_be_new {
            return Ends::default();
        }
        let Holder {
            process,
            descriptor,
        } = socket.holder;
        kernel::ends(process.cast_signed(), descriptor)
    }

    /// Notes where clients can come from now on: to a listener, or to a bound UDP socket.
    fn note_service(&mut self, side: Side, call: &Call, address: &str) {
        let place = match (call.given.kind, &call.socket) {
            (Kind::Listen, _) => &mut self.listening,
            (Kind::Bind, Some(socket)) if self.tracker.is_datagram(socket.key) => &mut self.bound,
            _ => return,
        };
        place.entry(side).or_insert_with(|| address.to_owned());
    }

    /// Who has connected may not know it yet, since its call hasn't come back; but the
    /// kernel knows its address.
    fn learn_who_connects(&mut self) {
        let at = self.now();
        for (socket, holder) in self.tracker.being_connected() {
            let ends = kernel::ends(holder.process.cast_signed(), holder.descriptor);
            self.tracker.learn(socket, ends, at);
        }
        self.records.extend(self.tracker.take());
    }
}

/// The state of a socket, by whoever has it.
fn look_for(sock: &Sock, threads: &HashMap<pid_t, Watched>) -> Option<Look> {
    let look_at = |process, number| kernel::look(process, number, sock.key);
    let mut holders = sock.holders.iter();
    let look = holders.find_map(|it| look_at(it.process.cast_signed(), it.descriptor));
    look.or_else(|| {
        // A child that was forked has it by the same number, before it does anything
        // with it.
        let number = sock.holders.first()?.descriptor;
        let is_first = |(thread, watched): &(&pid_t, &Watched)| **thread == watched.process;
        let mut processes = threads.iter().filter(is_first);
        processes.find_map(|(&process, _)| look_at(process, number))
    })
}

/// A socket that the kernel doesn't have any more.
const CLOSED: Look = Look {
    state: "CLOSED",
    receive_queue: 0,
    send_queue: 0,
};

fn outcome(result: i64) -> Outcome {
    match i32::try_from(-result) {
        Ok(number) if (1..4096).contains(&number) => Outcome::Failed(decode::errno(number)),
        _ => Outcome::Returned(result),
    }
}
