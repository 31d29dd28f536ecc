//! Which descriptors a program asks about, and which are ready.

use std::mem::offset_of;

use super::memory::{Memory, i16_at, i32_at, u32_at, u64_at};
use super::number::{Names, flag_words, list, names, pointer, text};
use crate::record::Value;

#[rustfmt::skip]
const EPOLL_EVENTS: Names = names! {
    EPOLLIN EPOLLPRI EPOLLOUT EPOLLERR EPOLLHUP EPOLLRDNORM EPOLLRDBAND EPOLLWRNORM
    EPOLLWRBAND EPOLLMSG EPOLLRDHUP EPOLLEXCLUSIVE EPOLLWAKEUP EPOLLONESHOT EPOLLET
};

#[rustfmt::skip]
const POLL_EVENTS: Names = names! {
    POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM
    POLLWRBAND POLLRDHUP
};

/// As far as lists and sets are looked through. Programs have fewer descriptors, but for
/// those that were told to have many.
const MAX_DESCRIPTORS: usize = 1 << 16;
/// How many entries of a list are read at a time: a page of memory.
const ENTRIES_AT_ONCE: usize = 512;

const POLL_SIZE: usize = size_of::<libc::pollfd>();
const EPOLL_SIZE: usize = size_of::<libc::epoll_event>();

fn words(names: Names, bits: u32) -> String {
    match flag_words(names, bits) {
        words if words.is_empty() => "0".to_owned(),
        words => words.join("|"),
    }
}

/// What `epoll_ctl` is to look for: "EPOLLIN|EPOLLET data 5". The program gets the data
/// back with the event, and chooses it as it likes. None where an interest ends: whatever
/// the program passes, the kernel doesn't look at it.
pub(super) fn interest(memory: &dyn Memory, operation: i32, place: u64) -> Option<Value> {
    if operation == libc::EPOLL_CTL_DEL {
        return None;
    }
    let bytes = memory.read(place, EPOLL_SIZE);
    Some(event(&bytes).unwrap_or_else(|| pointer(place)))
}

/// The events that `epoll_wait` came back with.
pub(super) fn events(memory: &dyn Memory, place: u64, result: u64) -> Value {
    let bytes = memory.at_most(
        place,
        result.saturating_mul(EPOLL_SIZE as u64),
        ENTRIES_AT_ONCE * EPOLL_SIZE,
    );
    list(bytes.chunks_exact(EPOLL_SIZE).map_while(event), result)
}

fn event(bytes: &[u8]) -> Option<Value> {
    let bits = u32_at(bytes, offset_of!(libc::epoll_event, events))?;
    let data = u64_at(bytes, offset_of!(libc::epoll_event, u64))?;
    let events = words(EPOLL_EVENTS, bits);
    // Small ones are descriptors and places in a table, large ones are addresses.
    Some(text(match u32::try_from(data) {
        Ok(data) => format!("{events} data {data}"),
        Err(_) => format!("{events} data {data:#x}"),
    }))
}

struct Entry {
    descriptor: i32,
    asked: u16,
    ready: u16,
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    Some(Entry {
        descriptor: i32_at(bytes, offset_of!(libc::pollfd, fd))?,
        asked: i16_at(bytes, offset_of!(libc::pollfd, events))?.cast_unsigned(),
        ready: i16_at(bytes, offset_of!(libc::pollfd, revents))?.cast_unsigned(),
    })
}

/// What `poll` asks: "4 POLLIN", descriptor by descriptor.
pub(super) fn asked(memory: &dyn Memory, place: u64, length: u32) -> Value {
    let mut entries = entries(memory, place, length).peekable();
    if entries.peek().is_none() && length > 0 {
        return pointer(place);
    }
    let shown = entries.map(|entry| {
        let events = words(POLL_EVENTS, entry.asked.into());
        text(format!("{} {events}", entry.descriptor))
    });
    list(shown, length.into())
}

/// What `poll` came back with, for the `result` descriptors that are ready.
pub(super) fn ready(memory: &dyn Memory, place: u64, length: u32, result: u64) -> Value {
    let entries = entries(memory, place, length).filter(|entry| entry.ready != 0);
    let n_ready = usize::try_from(result).unwrap_or(usize::MAX);
    let shown = entries.take(n_ready).map(|entry| {
        let events = words(POLL_EVENTS, entry.ready.into());
        text(format!("{} {events}", entry.descriptor))
    });
    list(shown, result)
}

/// The entries of a list as far as they can be read.
fn entries(memory: &dyn Memory, place: u64, length: u32) -> impl Iterator<Item = Entry> {
    let length = usize::try_from(length)
        .unwrap_or(MAX_DESCRIPTORS)
        .min(MAX_DESCRIPTORS);
    let starts = (0..length).step_by(ENTRIES_AT_ONCE);
    let chunks = starts.map_while(move |start| {
        let address = place.checked_add((start * POLL_SIZE) as u64)?;
        let n_entries = ENTRIES_AT_ONCE.min(length - start);
        let bytes = memory.read(address, n_entries * POLL_SIZE);
        (!bytes.is_empty()).then_some(bytes)
    });
    chunks.flat_map(|bytes| {
        let entries = bytes.chunks_exact(POLL_SIZE).map_while(entry);
        entries.collect::<Vec<_>>()
    })
}

/// The descriptors that `poll` asks about.
pub(super) fn polled(memory: &dyn Memory, place: u64, length: u32) -> Vec<i32> {
    let entries = entries(memory, place, length);
    entries.map(|entry| entry.descriptor).collect()
}

/// The descriptors in a set of `select`. None if there is no set.
pub(super) fn set(memory: &dyn Memory, place: u64, end: i32) -> Option<Value> {
    if place == 0 {
        return None;
    }
    let Some(descriptors) = selected(memory, place, end) else {
        return Some(pointer(place));
    };
    let n_descriptors = descriptors.len() as u64;
    let numbers = descriptors.into_iter().map(i64::from);
    Some(list(numbers.map(Value::Number), n_descriptors))
}

/// The same as numbers: a bit for each that is below `end`. None if they can't be read.
pub(super) fn selected(memory: &dyn Memory, place: u64, end: i32) -> Option<Vec<i32>> {
    let most = i32::try_from(MAX_DESCRIPTORS).unwrap_or(i32::MAX);
    let end = end.clamp(0, most);
    let n_bytes = usize::try_from(end).unwrap_or(0).div_ceil(8);
    let bytes = memory.read(place, n_bytes);
    if bytes.is_empty() && end > 0 {
        return None;
    }
    // Bits are counted within words of memory, which begin with the lowest byte on all
    // processors that are watched.
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    let set = (0..end).zip(bits).filter(|(_, is_set)| *is_set);
    Some(set.map(|(descriptor, _)| descriptor).collect())
}
