//! `fcntl` and `ioctl`: what they do is up to a number.

use super::memory::Memory;
use super::names::file_status;
use super::number::{Names, flags, int, name, named, names, pointer, text, unsigned};
use crate::record::Value;

#[rustfmt::skip]
const COMMANDS: Names = names! {
    F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_SETOWN F_GETOWN
    F_DUPFD_CLOEXEC F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS F_OFD_GETLK
    F_OFD_SETLK F_OFD_SETLKW
};

const DESCRIPTOR_FLAGS: Names = names! { FD_CLOEXEC };

// `FIONREAD` is called `SIOCINQ` as well, and `TIOCOUTQ` is `SIOCOUTQ`.
#[rustfmt::skip]
const REQUESTS: Names = names! {
    FIONBIO FIOASYNC FIONREAD TIOCOUTQ FIOCLEX FIONCLEX TCGETS TCSETS TIOCGWINSZ TIOCGPGRP
    TIOCSPGRP
};

/// The command of `fcntl`.
pub(super) fn command(number: i32) -> Value {
    named(COMMANDS, number.into())
}

/// What the command is given; none if it takes nothing.
pub(super) fn argument(command: i32, argument: u64) -> Option<Value> {
    Some(match command {
        libc::F_GETFD | libc::F_GETFL | libc::F_GETOWN | libc::F_GETPIPE_SZ | libc::F_GET_SEALS => {
            return None;
        }
        libc::F_SETFD => flags(DESCRIPTOR_FLAGS, unsigned(argument)),
        libc::F_SETFL => file_status(unsigned(argument)),
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC | libc::F_SETOWN | libc::F_SETPIPE_SZ => {
            Value::Number(int(argument).into())
        }
        _ => pointer(argument),
    })
}

/// What the number says that the command results in; none if it is only a number.
pub(super) fn result(command: i32, result: u64) -> Option<Value> {
    match command {
        libc::F_GETFD => Some(flags(DESCRIPTOR_FLAGS, unsigned(result))),
        libc::F_GETFL => Some(file_status(unsigned(result))),
        _ => None,
    }
}

/// The request of `ioctl`.
pub(super) fn request(number: u32) -> Value {
    name(REQUESTS, number.into()).map_or_else(|| text(format!("{number:#x}")), text)
}

/// What a request does with its argument.
enum Use {
    /// Looks at nothing.
    Nothing,
    /// Reads a number.
    Takes,
    /// Writes a number.
    Gives,
    Unknown,
}

impl Use {
    fn of(request: u32) -> Self {
        match name(REQUESTS, request.into()) {
            Some("FIONBIO" | "FIOASYNC") => Self::Takes,
            Some("FIONREAD" | "TIOCOUTQ") => Self::Gives,
            Some("FIOCLEX" | "FIONCLEX") => Self::Nothing,
            _ => Self::Unknown,
        }
    }
}

/// What a request is given.
pub(super) fn request_argument(memory: &dyn Memory, request: u32, place: u64) -> Option<Value> {
    match Use::of(request) {
        Use::Takes => Some(number_at(memory, place).unwrap_or_else(|| pointer(place))),
        Use::Unknown => Some(pointer(place)),
        Use::Gives | Use::Nothing => None,
    }
}

/// What a request gives.
pub(super) fn request_result(memory: &dyn Memory, request: u32, place: u64) -> Option<Value> {
    match Use::of(request) {
        Use::Gives => number_at(memory, place),
        Use::Takes | Use::Unknown | Use::Nothing => None,
    }
}

fn number_at(memory: &dyn Memory, place: u64) -> Option<Value> {
    Some(Value::Number(memory.i32(place)?.into()))
}
