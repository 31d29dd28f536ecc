//! The memory of a watched thread.

use std::io::IoSliceMut;

use libc::pid_t;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

use super::decode::Memory;

/// Smaller than any page, so that no piece lies on two.
const PIECE: usize = 4096;
/// How many pieces the kernel takes at once (IOV_MAX).
const MAX_PIECES: usize = 1024;

/// Memory as the thread sees it. It has to be stopped, or may change what is read.
pub(crate) struct ThreadMemory(pub(crate) pid_t);

impl Memory for ThreadMemory {
    fn read(&self, address: u64, length: usize) -> Vec<u8> {
        // What a program hasn't given; nothing is ever mapped there.
        if address == 0 {
            return Vec::new();
        }
        let mut bytes = vec![0; length.min(PIECE * MAX_PIECES)];
        let Ok(start) = usize::try_from(address) else {
            return Vec::new();
        };
        // Up to the end of a page each: the kernel reads a piece as a whole or not at all
        // (process_vm_readv(2)), so that what comes before a page that isn't there is read.
        let mut pieces = Vec::new();
        let mut offset = 0;
        while offset < bytes.len() {
            let Some(base) = start.checked_add(offset) else {
                break;
            };
            let len = (PIECE - base % PIECE).min(bytes.len() - offset);
            pieces.push(RemoteIoVec { base, len });
            offset += len;
        }
        pieces.truncate(MAX_PIECES);
        let thread = Pid::from_raw(self.0);
        let n_read = process_vm_readv(thread, &mut [IoSliceMut::new(&mut bytes)], &pieces);
        bytes.truncate(n_read.unwrap_or(0));
        bytes
    }
}
