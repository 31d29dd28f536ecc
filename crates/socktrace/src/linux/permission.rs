//! Why a program may not be watched here, and what changes that (ptrace(2)).

use std::fs;
use std::io::IoSliceMut;

use anyhow::anyhow;
use libc::pid_t;
use nix::errno::Errno;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

use super::process;

/// An error of `PTRACE_SEIZE` on one's own `child`, in words.
pub(crate) fn explain(error: Errno, child: pid_t) -> anyhow::Error {
    if let (Errno::EPERM, Some(tracer)) = (error, process::tracer(child)) {
        let reason = format!(
            "a child is watched already, by process {tracer}, and ptrace knows only one \
             watcher; try without the other tracer"
        );
        return anyhow::Error::new(error).context(reason);
    }
    let reason = match (error, yama_scope()) {
        (Errno::EPERM, Some(3)) => {
            "this system allows nobody to trace (kernel.yama.ptrace_scope is 3, until the \
             next boot); try on another machine"
        }
        (Errno::EPERM, Some(2)) => {
            "only who may administrate may trace here (kernel.yama.ptrace_scope is 2); try \
             as root, or let root set it to 1"
        }
        (Errno::EPERM, _) if is_in_container() => {
            "this container doesn't allow ptrace; start it with --cap-add=SYS_PTRACE, or \
             with a seccomp profile that allows it"
        }
        (Errno::EPERM, _) => {
            "something here forbids ptrace (a seccomp filter, a security module); try outside \
             a container or sandbox"
        }
        (Errno::ENOSYS | Errno::EIO | Errno::EINVAL, _) => NEEDS,
        _ => "a child could not be traced",
    };
    anyhow::Error::new(error).context(reason)
}

const NEEDS: &str = "this kernel lacks a part of ptrace, as gVisor and other emulated kernels \
                     do; try on Linux 5.6 or later";

/// Whether a child that is traced lets itself be looked into: its memory, and its sockets.
/// Some containers allow the one and forbid the other.
pub(crate) fn check(child: pid_t) -> anyhow::Result<()> {
    let nowhere = [RemoteIoVec { base: 0, len: 1 }];
    let memory = process_vm_readv(
        Pid::from_raw(child),
        &mut [IoSliceMut::new(&mut [0])],
        &nowhere,
    );
    let socket = super::kernel::can_take_from(child);
    for (name, result) in [
        ("process_vm_readv", memory.map(drop)),
        ("pidfd_getfd", socket),
    ] {
        match result {
            // There is nothing at this address, and nothing behind this descriptor.
            Ok(()) | Err(Errno::EFAULT | Errno::EBADF) => {}
            Err(Errno::ENOSYS) => return Err(anyhow!("{name} is missing: {NEEDS}")),
            Err(error) => {
                let reason = format!(
                    "a traced child can't be looked into here ({name}); start the container \
                     with --cap-add=SYS_PTRACE, or with a seccomp profile that allows it"
                );
                return Err(anyhow::Error::new(error).context(reason));
            }
        }
    }
    Ok(())
}

/// Who may trace whom, by the Yama security module; `None` where there is none.
fn yama_scope() -> Option<u8> {
    let text = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").ok()?;
    text.trim().parse().ok()
}

fn is_in_container() -> bool {
    let marks = ["/.dockerenv", "/run/.containerenv"];
    marks.iter().any(|mark| fs::exists(mark).unwrap_or(false))
}
