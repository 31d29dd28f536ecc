//! A network of one's own, without root: a user namespace, in which one is
//! root, and in it a network namespace, with a loopback that nobody else
//! reaches.
//!
//! All of it goes away with the process, however that ends (namespaces(7),
//! user_namespaces(7)).

use std::time::Duration;
use std::{fs, io};

use anyhow::{Context, bail};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

use super::output;
use crate::child;

/// Far longer than `ip` takes; whoever waits longer waits for ever.
const DEADLINE: Duration = Duration::from_secs(5);

/// What may stand in the way, and what to do about it as root.
const SETTINGS: [(&str, &str, &str); 4] = [
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "10000"),
    ("user.max_net_namespaces", "0", "10000"),
];

/// Takes this process into a network, a user namespace and a mount namespace of
/// its own, with a loopback that is up.
///
/// # Errors
///
/// If the system doesn't allow it, or has no `ip`; also if the process has a
/// second thread already (unshare(2)).
pub(crate) fn enter() -> anyhow::Result<()> {
    // Looked for out here: there is no way back from a network without it.
    ip("link")?;
    // Read out here: some of the settings are others in there.
    let hint = hint();
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER)
        .with_context(|| format!("cannot make a user namespace{hint}"))?;
    // In here one is root, and may do to this network what root may. To
    // everything outside, one is who one was.
    let maps = [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {user} 1")),
        ("gid_map", format!("0 {group} 1")),
    ];
    for (file, text) in maps {
        let path = format!("/proc/self/{file}");
        fs::write(&path, text)
            .with_context(|| format!("cannot write {path}{hint}"))?;
    }
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS)
        .with_context(|| format!("cannot make a network namespace{hint}"))?;
    // What is mounted in here is not seen outside.
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>)
        .context("cannot keep mounts to this process")?;
    ip("link set lo up").context("cannot set the loopback up")
}

/// The settings of this system that forbid it, as far as they are known.
fn hint() -> String {
    let in_the_way = SETTINGS.iter().filter(|(name, bad, _)| {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        fs::read_to_string(path).is_ok_and(|value| value.trim() == *bad)
    });
    let hint: String = in_the_way
        .map(|(name, bad, good)| {
            format!(" ({name} is {bad}; as root: sysctl {name}={good})")
        })
        .collect();
    match hint.is_empty() {
        // No setting that is known; most often it is the filter that docker puts
        // around a container, or a chroot (unshare(2)).
        true => " (a container or a chroot may forbid it; try outside of it, \
                 or docker run --privileged)"
            .to_owned(),
        false => hint,
    }
}

/// Runs `ip` with these words, in the network that the calling thread is in.
///
/// # Errors
///
/// If it can't be started, or fails: with what it said.
pub(crate) fn ip(words: &str) -> anyhow::Result<()> {
    ip_says(words).map(drop)
}

/// The same, where its answer matters.
///
/// # Errors
///
/// As [`ip`].
pub(crate) fn ip_says(words: &str) -> anyhow::Result<String> {
    let program = child::find("ip")
        .context("cannot start `ip`; install iproute2 to have it")?;
    let (reader, writer) = io::pipe()?;
    let mut command = child::command(&program)?;
    command
        .args(words.split_whitespace())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let (status, said) = output::collect(command, reader, DEADLINE)
        .with_context(|| format!("cannot run `ip {words}`"))?;
    if !status.success() {
        bail!("`ip {words}` failed: {}", output::beginning(&said));
    }
    Ok(said)
}
