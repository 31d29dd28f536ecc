//! What `strace` prints, in the words of a comparison.

use std::fmt;
use std::path::Path;
use std::process::Command;

/// The calls that both know and print.
const CALLS: &str = "socket,socketpair,bind,listen,accept,accept4,connect,getsockname,\
    getpeername,setsockopt,getsockopt,sendto,recvfrom,sendmsg,recvmsg,read,write,readv,writev,\
    shutdown,close,dup,dup2,dup3,fcntl,ioctl,poll,ppoll,select,pselect6,epoll_create1,epoll_ctl,\
    epoll_wait,epoll_pwait";

/// The arguments that are compared, in this order; what the kernel gave has its name.
pub(super) const COMPARED: &[&str] = &[
    "domain",
    "type",
    "protocol",
    "fd",
    "oldfd",
    "newfd",
    "epfd",
    "op",
    "backlog",
    "level",
    "optname",
    "len",
    "iovlen",
    "iovcnt",
    "flags",
    "how",
    "cmd",
    "request",
    "arg",
    "addr",
    "sv",
    "nfds",
    "readfds",
    "maxevents",
];

/// What is called more or less often, as time has it.
pub(super) const TIMING: &[&str] = &[
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_wait",
    "epoll_pwait",
    "epoll_ctl",
];

/// How it says that a descriptor is a socket: `<socket:[`.
const SOCKET: &str = r"<\x73\x6f\x63\x6b\x65\x74\x3a\x5b";

/// A call.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) name: String,
    /// Arguments.
    pub(super) words: Vec<String>,
    pub(super) result: String,
    /// Those that went.
    pub(super) bytes: Vec<u8>,
    /// It waits until something is ready, or says what to wait for.
    pub(super) is_about_time: bool,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, bytes) = (self.words.join(", "), self.bytes.escape_ascii());
        write!(f, "{}({words}) = {} {bytes}", self.name, self.result)
    }
}

/// A file for each thread, with all bytes of a call as hexadecimal digits, and each
/// descriptor with what it names.
pub(super) fn command(prefix: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args([
        "-ff",
        "-y",
        "-xx",
        "-s",
        "100000",
        "-e",
        "signal=none",
        "-e",
    ]);
    command.arg(format!("trace={CALLS}")).arg("-o").arg(prefix);
    command
}

/// The calls of each thread that concern sockets.
pub(super) fn read(prefix: &Path) -> Vec<Vec<Seen>> {
    let entries = std::fs::read_dir(prefix.parent().unwrap()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let of_threads = paths.filter(|path| path.file_stem() == prefix.file_name());
    let threads = of_threads.map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().filter_map(call).collect()
    });
    threads
        .filter(|calls: &Vec<Seen>| !calls.is_empty())
        .collect()
}

/// A line; `None` if it isn't about sockets or their readiness.
fn call(line: &str) -> Option<Seen> {
    let (name, rest) = line.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(") ")?;
    let result = result.trim_start().strip_prefix("= ")?;
    let is_set = name.starts_with("epoll_") && name != "epoll_ctl";
    let is_socket = arguments.contains(SOCKET) || name.starts_with("socket");
    // What a descriptor does at an exec isn't about the socket.
    let is_about_exec = ["F_GETFD", "F_SETFD"]
        .iter()
        .any(|it| arguments.contains(it));
    if !(is_set || is_socket) || is_about_exec {
        return None;
    }
    let (text, bytes) = unhexed(&without_notes(arguments));
    let parts = split(&text);
    let result = without_notes(result);
    let mut words = result.split(' ');
    let result = match words.next()? {
        "-1" => words.next()?,
        value => value,
    };
    let failed = result.parse::<i64>().is_err();
    let moves = |count: i64| usize::try_from(count).ok().filter(|count| *count > 0);
    let n_moved = result.parse().ok().and_then(moves).unwrap_or(0);
    let is_transfer = name.starts_with("send")
        || name.starts_with("recv")
        || name.contains("read")
        || name.contains("write");
    let bytes = match is_transfer && !failed {
        true => bytes.into_iter().take(n_moved).collect(),
        false => Vec::new(),
    };
    Some(Seen {
        words: compared(name, &parts),
        name: name.to_owned(),
        result: result.to_owned(),
        bytes,
        is_about_time: TIMING.contains(&name),
    })
}

/// The arguments in the words of our record, in the order of [`COMPARED`].
fn compared(name: &str, parts: &[String]) -> Vec<String> {
    let part = |at: usize| parts.get(at).cloned().unwrap_or_default();
    let field = |at: usize, field: &str| {
        let text = part(at);
        let (_, rest) = text.split_once(field).unwrap_or_default();
        rest.split([',', '}']).next().unwrap_or_default().to_owned()
    };
    let words = match name {
        "socket" => vec![part(0), part(1), protocol(&part(2))],
        "socketpair" => vec![part(0), part(1), protocol(&part(2)), part(3)],
        "bind" | "connect" => vec![part(0), address(&part(1))],
        "accept4" => vec![part(0), part(3), address(&part(1))],
        "accept" | "getsockname" | "getpeername" => vec![part(0), address(&part(1))],
        "setsockopt" | "getsockopt" => {
            // SO_RCVTIMEO_OLD has become its name where a newer one exists.
            let (level, option) = (part(1), part(2).replace("_OLD", ""));
            vec![part(0), level.replace("SOL_TCP", "IPPROTO_TCP"), option]
        }
        "sendto" | "recvfrom" => vec![part(0), part(2), part(3), address(&part(4))],
        // Their lengths are those of their parts.
        "sendmsg" | "recvmsg" => {
            let length = lengths(&part(1)).to_string();
            vec![part(0), length, field(1, "msg_iovlen="), part(2)]
        }
        "readv" | "writev" => vec![part(0), lengths(&part(1)).to_string(), part(2)],
        "read" | "write" => vec![part(0), part(2)],
        "ioctl" => vec![part(0), part(1), part(2).replace(['[', ']'], "")],
        "select" | "pselect6" => vec![part(0), part(1)],
        "epoll_ctl" => vec![part(2), part(0), part(1), field(3, "events=")],
        "epoll_wait" | "epoll_pwait" => vec![part(0), part(2)],
        "poll" | "ppoll" => Vec::new(),
        _ => parts.to_vec(),
    };
    let is_there = |word: &String| !word.is_empty();
    words
        .into_iter()
        .filter(is_there)
        .map(|word| sorted(&word))
        .collect()
}

/// Flags in one order.
pub(super) fn sorted(word: &str) -> String {
    let mut flags: Vec<&str> = word.split('|').collect();
    flags.sort_unstable();
    flags.join("|")
}

fn protocol(name: &str) -> String {
    name.replace("IPPROTO_IP", "0").replace("00", "0")
}

/// The sum of all `iov_len`.
fn lengths(message: &str) -> u64 {
    let parts = message.split("iov_len=").skip(1);
    let number = |part: &str| part.split('}').next().unwrap().parse::<u64>().unwrap();
    parts.map(number).sum()
}

/// "127.0.0.1:P" of a `struct sockaddr`; nothing of a pointer, which has come to nothing.
fn address(text: &str) -> String {
    if text.contains("AF_UNIX") {
        return "unix:".to_owned();
    }
    let Some((_, port)) = text.split_once("htons(") else {
        return String::new();
    };
    let port = port.split(')').next().unwrap();
    let ip = text.split('"').nth(1).unwrap();
    let ip = match text.contains("AF_INET6") {
        true => format!("[{ip}]"),
        false => ip.to_owned(),
    };
    without_port(&format!("{ip}:{port}"))
}

/// Ports that the system chooses are others each time.
pub(super) fn without_port(text: &str) -> String {
    match text.rsplit_once(':') {
        Some((ip, port)) if port.parse::<u16>().is_ok_and(|port| port > 1023) => {
            format!("{ip}:P")
        }
        _ => text.to_owned(),
    }
}

/// Without what stands in angle brackets behind each descriptor.
fn without_notes(text: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    plain
}

/// The same with plain strings, which addresses are read from, and all their bytes.
fn unhexed(text: &str) -> (String, Vec<u8>) {
    let (mut plain, mut all) = (String::new(), Vec::new());
    for (at, part) in text.split('"').enumerate() {
        if at % 2 == 0 {
            plain.push_str(part);
            continue;
        }
        let digits = part.split("\\x").skip(1);
        let bytes: Vec<u8> = digits
            .map(|it| u8::from_str_radix(it, 16).unwrap())
            .collect();
        let is_word = bytes
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || b".:".contains(byte));
        let word = String::from_utf8_lossy(if is_word { &bytes } else { b"..." });
        plain.push_str(&format!("\"{word}\""));
        all.extend(bytes);
    }
    (plain, all)
}

/// Arguments, at the commas that stand in no brackets.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(character);
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}
