//! Limits that a program under test has from whoever started the judge, or from the
//! machine: with many clients they are met before the program's own.

use crate::arena::Server;
use crate::outcome::Miss;

pub(super) const SMALL_BACKLOG: &str = "the backlog given to listen is small: while it is full, \
                                        newcomers aren't heard, and ask again after 1 s";

/// What is said of a server that failed with `n` connections open: nothing, if it stands at
/// a limit that isn't its own.
pub(super) fn unless_limited(server: &Server<'_>, miss: Miss, n: usize) -> Miss {
    let limit = match &miss {
        Miss::Fails(failure) if failure.cause == Some(SMALL_BACKLOG) => small_queue(),
        Miss::Fails(_) => few_files(server, n as u64).or_else(|| few_threads(n as u64)),
        Miss::NotJudged(_) => None,
    };
    limit.map_or(miss, Miss::not_judged)
}

/// What a runtime has open, or running, besides.
const OTHERS: u64 = 100;

/// Some take two descriptors, or two threads, for each connection.
#[cfg(unix)]
fn is_too_low(resource: rlimit::Resource, n: u64) -> Option<u64> {
    let (soft, _) = resource.get().ok()?;
    (soft < 2 * n + OTHERS).then_some(soft)
}

#[cfg(unix)]
fn few_files(server: &Server<'_>, n: u64) -> Option<String> {
    let soft = is_too_low(rlimit::Resource::NOFILE, n)?;
    let stands_there = server.process().ok()?.tree().is_out_of_files();
    stands_there.then(|| format!("a program may have {soft} files open here (`ulimit -n`)"))
}

#[cfg(unix)]
fn few_threads(n: u64) -> Option<String> {
    let soft = is_too_low(rlimit::Resource::NPROC, n)?;
    Some(format!(
        "a user may have {soft} processes and threads here (`ulimit -u`)"
    ))
}

/// How many newcomers the system lets wait at most, if that is less than it was for long
/// by default (listen(2)).
fn small_queue() -> Option<String> {
    const USUAL: u64 = 128;
    let text = std::fs::read_to_string("/proc/sys/net/core/somaxconn").ok()?;
    let most = text
        .trim()
        .parse()
        .ok()
        .filter(|most: &u64| *most < USUAL)?;
    Some(format!(
        "this machine lets {most} newcomers wait (`sysctl net.core.somaxconn`)"
    ))
}

#[cfg(not(unix))]
fn few_files(_: &Server<'_>, _: u64) -> Option<String> {
    None
}

#[cfg(not(unix))]
fn few_threads(_: u64) -> Option<String> {
    None
}
