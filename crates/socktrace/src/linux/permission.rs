//! Why a program may not be watched here, and what changes that (ptrace(2)).

use std::fs;

use libc::pid_t;
use nix::errno::Errno;

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
        (Errno::ENOSYS | Errno::EIO, _) => {
            "this kernel has no PTRACE_SEIZE (gVisor and other emulated kernels have none); \
             try on Linux 5.3 or later"
        }
        _ => "a child could not be traced",
    };
    anyhow::Error::new(error).context(reason)
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
