//! What `/proc` says of watched threads (proc(5)).

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use libc::pid_t;

/// What a thread does at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It runs, or would if a processor were free.
    Runs,
    /// It sleeps in the kernel until something happens.
    Sleeps,
    /// The same, but no signal wakes it: it goes on soon by itself, as from a lock or a
    /// disk, or its child that shares its memory does (`vfork`).
    SleepsDeeply,
    /// It is stopped, by a signal or for its tracer.
    Stopped,
    /// There is no such thread.
    Gone,
}

/// What `thread` does. Unlike `/proc/.../syscall`, this tells a thread that sleeps in a
/// call from one that is stopped at its end.
pub(crate) fn activity(thread: pid_t) -> Activity {
    let mut text = [0; 512];
    // That of the thread: for `/proc/TID/stat` the kernel adds up all threads of its
    // process, each time, and of thousands it takes minutes.
    let length = File::open(format!("/proc/{thread}/task/{thread}/stat"))
        .and_then(|mut file| file.read(&mut text))
        .unwrap_or(0);
    // The name of the program stands in front, in parentheses, and may contain any byte.
    let text = &text[..length];
    let Some(end) = text.iter().rposition(|&byte| byte == b')') else {
        return Activity::Gone;
    };
    match text.get(end + 2) {
        Some(b'R') => Activity::Runs,
        Some(b'S' | b'I') => Activity::Sleeps,
        Some(b'D') => Activity::SleepsDeeply,
        Some(b't' | b'T') => Activity::Stopped,
        _ => Activity::Gone,
    }
}

/// True as long as it has not been reaped.
pub(crate) fn exists(thread: pid_t) -> bool {
    Path::new(&format!("/proc/{thread}")).exists()
}

/// The process of a thread, and the process that made that one.
pub(crate) fn process_and_parent(thread: pid_t) -> Option<(pid_t, pid_t)> {
    let status = status(thread)?;
    Some((field(&status, "Tgid:")?, field(&status, "PPid:")?))
}

/// Who watches a process; `None` if nobody does.
pub(crate) fn tracer(process: pid_t) -> Option<pid_t> {
    field(&status(process)?, "TracerPid:").filter(|&tracer| tracer != 0)
}

fn status(thread: pid_t) -> Option<String> {
    fs::read_to_string(format!("/proc/{thread}/status")).ok()
}

fn field(status: &str, name: &str) -> Option<pid_t> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().parse().ok()
}

/// The open descriptors of the thread's process.
pub(crate) fn descriptors(thread: pid_t) -> Vec<i32> {
    let entries = fs::read_dir(format!("/proc/{thread}/fd"))
        .into_iter()
        .flatten();
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect()
}

/// The program that a process is.
pub(crate) fn program(process: pid_t) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{process}/exe")).ok()
}

/// What is special about the program of a process, in words.
pub(crate) fn peculiarity(process: pid_t) -> Option<&'static str> {
    const SET_USER_ID: u32 = 0o4000;
    let path = format!("/proc/{process}/exe");
    let mut start = [0; 5];
    File::open(&path)
        .and_then(|mut file| file.read_exact(&mut start))
        .ok()?;
    // Byte 4 of an ELF file is its class: 1 for 32 bits (elf(5)).
    if start[..4] == *b"\x7fELF" && start[4] == 1 {
        return Some("is a 32-bit program: it runs unharmed, but its calls aren't seen");
    }
    let metadata = fs::metadata(&path).ok()?;
    let is_root = rustix::process::geteuid().is_root();
    (metadata.mode() & SET_USER_ID != 0 && !is_root)
        .then_some("is set-user-ID: watched, it doesn't get the rights of its owner")
}
